package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;

/**
 * Someone who takes part in a {@link BenchGroup}, not built yet.
 *
 * @param executor name of the executor or peer
 * @param precision number format
 * @param layout of a peer's tensors, or null
 * @param threads threads that call it: one for each worker, or the one that leads a peer's
 * @param make builds it on a pool of that many
 */
record Entry(String executor, Precision precision, String layout, int threads, Maker make) {

    /** Builds a contender. */
    @FunctionalInterface
    interface Maker {
        /**
         * @throws UnsupportedOperationException if it cannot run the work
         */
        Contender make(WorkerPool pool);
    }

    /** An executor. */
    static Entry of(BenchConfig config) {
        return new Entry(
                config.executor().name(),
                config.precision(),
                null,
                config.workers(),
                pool ->
                        config.work() == Work.LANGEVIN
                                ? new LangevinContender(config, pool)
                                : new UpdateContender(config, pool));
    }

    /** A peer that does the same work as an executor. */
    static Entry of(Peer peer, String layout, BenchConfig config) {
        return new Entry(
                peer.name(),
                config.precision(),
                layout,
                1,
                pool -> {
                    Network network = config.network();
                    int images = config.work().images(config.batch());
                    Peer.Task task =
                            new Peer.Task(
                                    network,
                                    config.precision(),
                                    layout,
                                    config.workers(),
                                    BenchData.weights(network),
                                    BenchData.pixels(network, images),
                                    BenchData.STEP);
                    return new PeerContender(peer, config.work(), task, pool);
                });
    }

    boolean isPeer() {
        return layout != null;
    }

    @Override
    public String toString() {
        return executor + " " + precision.label() + (layout == null ? "" : " " + layout);
    }
}
