/**
 * Tests of the manifests in this folder: that operators understand them, that they agree with the
 * job and with each other. Nothing here is shipped.
 */
package io.ebmstream.k8s;
