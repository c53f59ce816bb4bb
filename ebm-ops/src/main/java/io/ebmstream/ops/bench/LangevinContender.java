package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.ParallelLangevin;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An executor that moves chains. */
final class LangevinContender extends Contender {
    private final ParallelLangevin langevin;
    private final INDArray images;
    private final long[] chains;
    private final long[] done;
    private final float[] displacement;

    LangevinContender(BenchConfig config, WorkerPool pool) {
        super(pool);
        Network network = config.network();
        int batch = config.batch();
        langevin =
                new ParallelLangevin(
                        config.executor(), network, config.precision(), config.usedPart(), pool);
        try (INDArray weights = BenchData.vector(BenchData.weights(network))) {
            langevin.setParameters(weights);
        }
        images = BenchData.images(BenchData.pixels(network, batch), network.input(), 0, batch);
        chains = new long[batch];
        Arrays.setAll(chains, i -> i);
        done = new long[batch];
        displacement = new float[batch];
    }

    @Override
    void run(int steps) {
        langevin.langevin(
                images, BenchData.STEP, BenchData.SEED, chains, done, steps, displacement);
        Arrays.setAll(done, i -> done[i] + steps);
    }

    @Override
    int part() {
        return langevin.part();
    }

    @Override
    public void close() {
        langevin.close();
        images.close();
    }
}
