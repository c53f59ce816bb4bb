package io.ebmstream.job.control;

import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlKind;

/**
 * A command as it was read from the control topic.
 *
 * @param id its identity: no learner carries an id out twice
 * @param model name of the model that it is for
 * @param kind what to do
 * @param target version to pin or to roll back to; null where the command names none
 * @param steps Langevin steps to set; null where the command names none
 * @param reason why, for a person; may be empty
 */
public record ControlOrder(
        String id,
        String model,
        ControlKind kind,
        ModelVersion target,
        Integer steps,
        String reason) {}
