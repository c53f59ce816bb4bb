package io.ebmstream.job.control;

import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;

/**
 * What became of a command, or what a learner decided about its versions by itself.
 *
 * @param kind what happened
 * @param model name of the job's model
 * @param shard number of the learner's shard
 * @param orderId identity of the command; empty where there was none
 * @param orderKind what the command asked for; null where there was none
 * @param before version published last before it
 * @param after version published last after it
 * @param update updates that the weights went through
 * @param eventTime largest event time of the images taken in, milliseconds since 1970-01-01 UTC
 * @param check check that a version failed; null for none
 * @param found what the check found; null where that is no number
 * @param bound what it allows; null where that is no number
 * @param message what was done, or what was expected and found
 */
public record JobEvent(
        ControlEventKind kind,
        String model,
        int shard,
        String orderId,
        ControlKind orderKind,
        ModelVersion before,
        ModelVersion after,
        long update,
        long eventTime,
        String check,
        Double found,
        Double bound,
        String message) {}
