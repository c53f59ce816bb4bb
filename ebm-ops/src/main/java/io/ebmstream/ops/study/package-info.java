/**
 * Experiments that justify a choice of the product, written as code so that anyone can repeat them.
 * May use everything in this module; nothing may use it but the command line.
 */
package io.ebmstream.ops.study;
