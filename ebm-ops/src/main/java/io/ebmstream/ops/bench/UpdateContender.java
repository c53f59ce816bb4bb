package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.Network;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An executor that computes the gradient of an update: each part of the images has a sum of its
 * own, and the sums are added in the order of the parts, so that the gradient does not depend on
 * who computed what.
 */
final class UpdateContender extends Contender {
    private final int part;
    private final int data;
    private final CompiledNetwork[] plans;
    private final INDArray weights;
    private final INDArray[] images;
    private final INDArray[] sums;
    private final float[][] energies;

    UpdateContender(BenchConfig config, WorkerPool pool) {
        super(pool);
        Network network = config.network();
        int count = Work.UPDATE.images(config.batch());
        part = Math.min(config.usedPart(), config.batch());
        data = (config.batch() + part - 1) / part;
        weights = BenchData.vector(BenchData.weights(network));
        float[] pixels = BenchData.pixels(network, count);
        images =
                IntStream.range(0, 2 * data)
                        .mapToObj(
                                p -> {
                                    int side = p / data * config.batch();
                                    int from = side + p % data * part;
                                    int to = Math.min(side + config.batch(), from + part);
                                    return BenchData.images(pixels, network.input(), from, to);
                                })
                        .toArray(INDArray[]::new);
        sums =
                IntStream.range(0, images.length)
                        .mapToObj(p -> Nd4j.zeros(DataType.FLOAT, network.parameterCount()))
                        .toArray(INDArray[]::new);
        energies = new float[images.length][part];
        plans = new CompiledNetwork[pool.workers()];
        try {
            pool.runOnEach(
                    w -> plans[w] = config.executor().compile(network, part, config.precision()));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    void run(int times) {
        int batch = 0;
        for (int p = 0; p < data; p++) {
            batch += (int) images[p].size(0);
        }
        float scale = 1f / batch;
        for (int i = 0; i < times; i++) {
            pool().runOnEach(w -> plans[w].setParameters(weights));
            pool().run(
                            images.length,
                            (worker, p) -> {
                                sums[p].assign(0);
                                plans[worker].parameterGradient(
                                        images[p], p < data ? scale : -scale, sums[p], energies[p]);
                            });
            for (int p = 1; p < sums.length; p++) {
                sums[0].addi(sums[p]);
            }
        }
    }

    @Override
    int part() {
        return part;
    }

    @Override
    public void close() {
        for (CompiledNetwork plan : plans) {
            if (plan != null) {
                plan.close();
            }
        }
        weights.close();
        for (int p = 0; p < images.length; p++) {
            images[p].close();
            sums[p].close();
        }
    }
}
