package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;

/**
 * Another library that does the same work, measured beside the executors. Found by {@link
 * java.util.ServiceLoader}: the Maven profile {@code peers} compiles libtorch's.
 */
public interface Peer {

    /** Name in reports. */
    String name();

    /** Orders of tensors to try; the best of them counts. */
    List<String> layouts();

    /**
     * Prepares Langevin steps on {@code task.images()}, with weights that stay.
     *
     * @throws UnsupportedOperationException if the peer cannot run the network
     */
    Run langevin(Task task);

    /**
     * Prepares updates: the first half of {@code task.images()} are data, the others chains.
     *
     * @throws UnsupportedOperationException if the peer cannot run the network
     */
    Run update(Task task);

    /**
     * What to do, and with what.
     *
     * @param network the network
     * @param precision of weights and activations; pixels and gradients by weights are float32
     * @param layout one of {@link #layouts()}
     * @param workers threads to compute with
     * @param weights laid out by the network
     * @param images pixels, [n, c, h, w]
     * @param step of the chains; noise comes from the peer's own generator
     */
    record Task(
            Network network,
            Precision precision,
            String layout,
            int workers,
            float[] weights,
            float[] images,
            LangevinConfig step) {}

    /** Work that is ready to run. One thread builds, runs and closes it. */
    interface Run extends AutoCloseable {

        /** Does it that many times. */
        void run(int times);

        @Override
        void close();
    }
}
