/** Which executor an operator computes with, decided where it runs. */
package io.ebmstream.job.compute;
