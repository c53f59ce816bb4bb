/**
 * Whether a machine and a Kafka cluster have what a job needs, each finding with what to do. Used
 * by {@code ebm doctor}; nothing here changes anything.
 */
package io.ebmstream.job.doctor;
