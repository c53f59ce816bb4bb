package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An executor that moves chains. */
final class LangevinContender extends Contender {
    private final CompiledNetwork compiled;
    private final int part;
    private final INDArray images;
    private final long[] chains;
    private final long[] done;
    private final float[] displacement;

    LangevinContender(BenchConfig config, WorkerPool pool) {
        super(pool);
        Network network = config.network();
        int batch = config.batch();
        part = config.usedPart();
        compiled =
                new ParallelExecutor(config.executor(), pool, part)
                        .compile(network, batch, config.precision());
        try (INDArray weights = BenchData.vector(BenchData.weights(network))) {
            compiled.setParameters(weights);
        }
        images = BenchData.images(BenchData.pixels(network, batch), network.input(), 0, batch);
        chains = new long[batch];
        Arrays.setAll(chains, i -> i);
        done = new long[batch];
        displacement = new float[batch];
    }

    @Override
    void run(int steps) {
        compiled.langevin(
                images, BenchData.STEP, BenchData.SEED, chains, done, steps, displacement);
        Arrays.setAll(done, i -> done[i] + steps);
    }

    @Override
    int part() {
        return part;
    }

    @Override
    public void close() {
        compiled.close();
        images.close();
    }
}
