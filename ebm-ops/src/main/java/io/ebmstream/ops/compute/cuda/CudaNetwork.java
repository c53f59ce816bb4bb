package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.BatchStatistics;
import io.ebmstream.ops.compute.CheckedNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network on a GPU. A call's images go in micro-batches of one size over a few lanes, which run
 * side by side; gradients by parameters go over the first lane alone, so that their sum has one
 * order. In training mode a call is one micro-batch.
 *
 * <p>Bits depend on the device, its libraries, and the size of the micro-batches, which a lack of
 * memory makes smaller ({@link Lanes}). Not thread-safe.
 */
final class CudaNetwork extends CheckedNetwork {
    private final Lanes lanes;
    private final BatchStatistics statistics;
    private final int outputSize;
    private float[] outputs = new float[0];
    private float[] outputGradient = new float[0];
    private float[] sum;
    private float[] total;

    CudaNetwork(Network network, int batch, Precision precision, Mode mode, Gpu gpu, Micro micro) {
        super(network, batch, precision, mode);
        this.outputSize = network.output().size();
        this.statistics = new BatchStatistics(network);
        this.lanes = new Lanes(network, batch, precision, mode, gpu, micro);
    }

    /** Lanes and memory, for tests. */
    Lanes lanes() {
        return lanes;
    }

    @Override
    protected void takeParameters(INDArray parameters) {
        lanes.setParameters(parameters);
    }

    @Override
    protected void energies(INDArray images, int n, float[] energies) {
        lanes.prepare(n, Lane::prepareForward);
        lanes.share(
                n,
                (lane, first, m) -> {
                    lane.upload(images, first, m);
                    lane.runForward();
                },
                (lane, first, m) -> lane.readOutputs(energies, first, m));
    }

    @Override
    protected void inputGradient(INDArray images, int n, INDArray gradient) {
        Purpose purpose = new Purpose(true, false);
        lanes.prepare(n, lane -> lane.prepareBackward(purpose));
        float[] ones = ones(lanes.micro(n));
        lanes.share(
                n,
                (lane, first, m) -> {
                    lane.upload(images, first, m);
                    lane.setOutputGradient(ones, m);
                    lane.runForward();
                    lane.runBackward(purpose);
                },
                (lane, first, m) -> lane.writePixels(gradient, first, m));
    }

    @Override
    protected void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies) {
        Purpose purpose = new Purpose(false, true);
        Lane lane = lanes.first(n, l -> l.prepareBackward(purpose));
        float[] ones = ones(lane.images());
        lane.clearGradient();
        for (int first = 0; first < n; first += lane.images()) {
            int m = Math.min(lane.images(), n - first);
            lane.upload(images, first, m);
            lane.runForward();
            lane.await();
            lane.readOutputs(energies, first, m);
            lane.setOutputGradient(ones, m);
            lane.runBackward(purpose);
            lane.await();
        }
        addGradient(lane, scale, accumulator);
    }

    @Override
    protected void langevin(
            INDArray images,
            int n,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        lanes.prepare(n, Lane::prepareLangevin);
        float[] ones = ones(lanes.micro(n));
        lanes.share(
                n,
                (lane, first, m) -> {
                    lane.upload(images, first, m);
                    lane.setOutputGradient(ones, m);
                    lane.runLangevin(config, seed, chains, firstSteps, first, m, steps);
                },
                (lane, first, m) -> {
                    lane.writePixels(images, first, m);
                    lane.readDisplacement(displacement, first, m);
                });
    }

    @Override
    protected void forward(INDArray inputs, int n, INDArray results) {
        lanes.prepare(n, Lane::prepareForward);
        lanes.share(
                n,
                (lane, first, m) -> {
                    lane.upload(inputs, first, m);
                    lane.runForward();
                },
                (lane, first, m) -> {
                    lane.writeOutputs(results, first, m);
                    found(lane);
                });
    }

    @Override
    protected void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator) {
        Purpose purpose = new Purpose(inputGradient != null, accumulator != null);
        Consumer<Lane> prepare = l -> l.prepareBackward(purpose);
        Lane lane = lanes.first(n, prepare);
        int length = lane.images() * outputSize;
        outputs = atLeast(outputs, length);
        outputGradient = atLeast(outputGradient, length);
        if (accumulator != null) {
            lane.clearGradient();
        }
        for (int first = 0; first < n; first += lane.images()) {
            int m = Math.min(lane.images(), n - first);
            lane.upload(inputs, first, m);
            lane.runForward();
            lane.await();
            found(lane);
            lane.readOutputs(outputs, 0, m);
            loss.gradient(first, m, outputs, outputGradient);
            lane.setOutputGradient(outputGradient, m);
            lane.runBackward(purpose);
            lane.await();
            if (inputGradient != null) {
                lane.writePixels(inputGradient, first, m);
            }
        }
        if (accumulator != null) {
            addGradient(lane, scale, accumulator);
        }
    }

    @Override
    protected void moveRunningStatistics(INDArray parameters) {
        statistics.update(parameters);
    }

    @Override
    protected void free() {
        lanes.close();
    }

    private void found(Lane lane) {
        if (mode() == Mode.TRAINING) {
            lane.readStatistics(statistics);
        }
    }

    @Override
    protected void checkTrainingBatch(int n) {
        statistics.checkBatch(n);
    }

    private void addGradient(Lane lane, float scale, INDArray accumulator) {
        int length = network().parameterCount();
        if (sum == null) {
            sum = new float[length];
            total = new float[length];
        }
        lane.readGradient(sum);
        FloatArrays.read(accumulator, 0, total, 0, length);
        for (int i = 0; i < length; i++) {
            total[i] += scale * sum[i];
        }
        FloatArrays.write(total, 0, accumulator, 0, length);
    }

    private float[] ones(int length) {
        outputGradient = atLeast(outputGradient, length);
        Arrays.fill(outputGradient, 0, length, 1);
        return outputGradient;
    }

    private static float[] atLeast(float[] array, int length) {
        return array.length >= length ? array : new float[length];
    }
}
