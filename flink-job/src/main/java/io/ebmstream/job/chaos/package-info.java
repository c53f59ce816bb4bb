/**
 * Chaos: the job in processes of its own, killed at random moments, restarted and rescaled, and
 * what came out of it compared with a run that nobody disturbed. On loopback, bounded in time; the
 * processes end with the one that started them.
 */
package io.ebmstream.job.chaos;
