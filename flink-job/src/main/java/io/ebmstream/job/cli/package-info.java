/**
 * The command line: one class for each command, exit codes, messages. Reads arguments, calls the
 * packages that do the work, prints.
 */
package io.ebmstream.job.cli;
