package io.ebmstream.job.purify;

import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.hat.RefinerConfig;
import java.io.Serializable;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * What refines images that come with latents.
 *
 * @param generator G, with its weights; read on the task's machine
 * @param config how a sample is refined
 */
public record RefinerSetup(
        SerializableSupplier<Generator> generator, SerializableSupplier<RefinerConfig> config)
        implements Serializable {
    private static final long serialVersionUID = 1L;
}
