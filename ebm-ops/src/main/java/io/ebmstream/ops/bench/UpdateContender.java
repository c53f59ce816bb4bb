package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An executor that computes the gradient of an update: of data images, then of as many chains. */
final class UpdateContender extends Contender {
    private final int part;
    private final CompiledNetwork compiled;
    private final INDArray weights;
    private final INDArray data;
    private final INDArray chains;
    private final INDArray gradient;
    private final float[] energies;

    UpdateContender(BenchConfig config, WorkerPool pool) {
        super(pool);
        Network network = config.network();
        int batch = config.batch();
        part = config.usedPart();
        compiled =
                ParallelExecutor.of(config.executor(), pool, part)
                        .compile(network, batch, config.precision());
        weights = BenchData.vector(BenchData.weights(network));
        float[] pixels = BenchData.pixels(network, Work.UPDATE.images(batch));
        data = BenchData.images(pixels, network.input(), 0, batch);
        chains = BenchData.images(pixels, network.input(), batch, 2 * batch);
        gradient = Nd4j.zeros(DataType.FLOAT, network.parameterCount());
        energies = new float[batch];
    }

    @Override
    void prepare() {
        compiled.parameterGradient(data, 1, gradient, energies);
    }

    @Override
    void run(int times) {
        float scale = 1f / energies.length;
        for (int i = 0; i < times; i++) {
            compiled.setParameters(weights);
            gradient.assign(0);
            compiled.parameterGradient(data, scale, gradient, energies);
            compiled.parameterGradient(chains, -scale, gradient, energies);
        }
    }

    @Override
    int part() {
        return part;
    }

    @Override
    public void close() {
        compiled.close();
        weights.close();
        data.close();
        chains.close();
        gradient.close();
    }
}
