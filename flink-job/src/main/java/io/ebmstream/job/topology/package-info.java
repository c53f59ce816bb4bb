/** The job's graph: which operator follows which, under which name and with which parallelism. */
package io.ebmstream.job.topology;
