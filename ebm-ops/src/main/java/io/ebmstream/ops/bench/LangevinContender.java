package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
                ParallelExecutor.of(config.executor(), pool, part)
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

    /** A step of as many chains as keep every worker busy. */
    @Override
    void prepare() {
        int n = Math.min(chains.length, part * pool().workers());
        long[] shape = images.shape().clone();
        shape[0] = n;
        try (INDArray some = Nd4j.zeros(DataType.FLOAT, shape)) {
            compiled.langevin(some, BenchData.STEP, BenchData.SEED, chains, done, 1, displacement);
        }
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
