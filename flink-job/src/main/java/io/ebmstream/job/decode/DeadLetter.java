package io.ebmstream.job.decode;

import io.ebmstream.job.kafka.KafkaRecord;

/**
 * A record that could not be used, and why.
 *
 * @param record the record, bytes untouched
 * @param stage step that refused it
 * @param errorClass class name of the error
 * @param message what was expected, what was found and what to do
 */
public record DeadLetter(KafkaRecord record, String stage, String errorClass, String message) {}
