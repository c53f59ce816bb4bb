/**
 * Classification behind the purifier: which classifier, how many purifications vote, and what they
 * say. Used by the purifier and the command line.
 */
package io.ebmstream.job.classify;
