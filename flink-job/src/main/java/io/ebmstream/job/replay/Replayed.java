package io.ebmstream.job.replay;

/**
 * A record and what its replay says.
 *
 * @param record the record
 * @param verdict what came out
 * @param detail what differs, or why it could not be computed; empty for an equal one
 */
public record Replayed(Recorded record, Verdict verdict, String detail) {}
