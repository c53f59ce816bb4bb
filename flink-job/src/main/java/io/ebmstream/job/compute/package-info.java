/** Which executor and device an operator computes with, decided where it runs. */
package io.ebmstream.job.compute;
