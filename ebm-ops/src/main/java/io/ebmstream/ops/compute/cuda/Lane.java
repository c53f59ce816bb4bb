package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.BatchStatistics;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.Threefry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A batch of a fixed size on its way through the network: its tensors, its programs and a stream.
 * Whatever the number of images of a call, the whole batch runs, with zeros in the free places: so
 * an image's bits do not depend on that number. Methods queue work; {@link #await} waits for it.
 * Programs are built when they are asked for first, which spoils what was uploaded. Not
 * thread-safe.
 */
final class Lane implements AutoCloseable {
    private static final Purpose INPUT = new Purpose(true, false);

    private final Network network;
    private final Kernels kernels;
    private final int images;
    private final int inputSize;
    private final int outputSize;
    private final OwnedMemory memory;
    private final GpuStream stream;
    private final LaneTensors tensors;
    private final Lowering lowering;

    private final HostMemory pixels;
    private final HostMemory outputs;
    private final HostMemory chains;
    private final HostMemory counters;
    private final HostMemory settings;
    private final HostMemory norms;
    private final long keys;
    private final long steps;
    private final long config;
    private final long displacement;

    private final Map<Purpose, Program> backward = new HashMap<>();
    private Program forward;
    private Program langevin;
    private HostMemory statistics;
    private long gradient;
    private HostMemory gradientCopy;

    Lane(
            Network network,
            Topology topology,
            int images,
            Precision precision,
            Mode mode,
            Gpu gpu,
            Kernels kernels,
            DeviceParameters parameters,
            Convolutions convolutions) {
        this.network = network;
        this.kernels = kernels;
        this.images = images;
        this.inputSize = network.input().size();
        this.outputSize = network.output().size();
        this.memory = new OwnedMemory(gpu);
        this.stream = gpu.newStream();
        try {
            tensors = new LaneTensors(network, topology, images, precision, mode, memory);
            lowering =
                    new Lowering(
                            network,
                            topology,
                            mode,
                            precision,
                            kernels,
                            parameters,
                            convolutions,
                            tensors);
            pixels = memory.host((long) images * inputSize * Float.BYTES);
            outputs = memory.host((long) images * outputSize * Float.BYTES);
            chains = memory.host((long) images * Long.BYTES);
            counters = memory.host((long) images * Integer.BYTES);
            settings = memory.host(4L * Float.BYTES);
            norms = memory.host((long) images * Float.BYTES);
            keys = memory.allocate(chains.bytes());
            steps = memory.allocate(counters.bytes());
            config = memory.allocate(settings.bytes());
            displacement = memory.allocate(norms.bytes());
        } catch (RuntimeException e) {
            memory.close();
            stream.close();
            throw e;
        }
    }

    /** Images of the batch. */
    int images() {
        return images;
    }

    /** Bytes on the device. */
    long bytes() {
        return memory.bytes();
    }

    /** Builds the forward pass. */
    void prepareForward() {
        if (forward == null) {
            List<Program.Command> commands = new ArrayList<>();
            TensorShape input = tensors.shape(Network.IMAGE);
            long packed = tensors.result(Network.IMAGE);
            commands.add(s -> kernels.pack(s, tensors.pixels(), packed, input));
            commands.addAll(lowering.forward());
            forward = new Program(commands).warmedUp(stream);
        }
    }

    /** Builds the forward pass and a way back. */
    void prepareBackward(Purpose purpose) {
        prepareForward();
        if (purpose.parameters() && gradient == 0) {
            gradient = memory.allocate(gradientBytes());
            gradientCopy = memory.host(gradientBytes());
        }
        if (!backward.containsKey(purpose)) {
            BackwardLowering back = new BackwardLowering(lowering, purpose, gradient);
            List<Program.Command> commands = new ArrayList<>(back.commands());
            if (purpose.input()) {
                commands.add(inputGradient(back));
            }
            backward.put(purpose, new Program(commands).warmedUp(stream));
        }
    }

    /** Builds the steps of a chain. */
    void prepareLangevin() {
        prepareForward();
        if (langevin == null) {
            BackwardLowering back = new BackwardLowering(lowering, INPUT, 0);
            List<Program.Command> commands = new ArrayList<>(lowering.forward());
            commands.addAll(back.commands());
            TensorShape input = tensors.shape(Network.IMAGE);
            long by = addressOfGradient(back);
            long packed = tensors.result(Network.IMAGE);
            commands.add(
                    s ->
                            kernels.langevin(
                                    s,
                                    tensors.pixels(),
                                    by,
                                    packed,
                                    keys,
                                    steps,
                                    config,
                                    displacement,
                                    input));
            langevin = new Program(commands).warmedUp(stream);
        }
    }

    /** Where a way back leaves the gradient by the input: zeros, where nothing depends on it. */
    private long addressOfGradient(BackwardLowering back) {
        return back.inputGradient() == 0
                ? memory.allocate(tensors.shape(Network.IMAGE).bytes(lowering.precision()))
                : back.inputGradient();
    }

    private Program.Command inputGradient(BackwardLowering back) {
        TensorShape input = tensors.shape(Network.IMAGE);
        long by = addressOfGradient(back);
        return s -> kernels.unpack(s, by, tensors.pixels(), input);
    }

    /** Queues the upload of n images, with zeros behind them. */
    void upload(INDArray source, int first, int n) {
        HostCopies.read(source, (long) first * inputSize, pixels, (long) n * inputSize);
        long bytes = (long) n * inputSize * Float.BYTES;
        stream.upload(pixels, tensors.pixels(), bytes);
        if (n < images) {
            stream.clear(tensors.pixels() + bytes, pixels.bytes() - bytes);
        }
    }

    /** Queues the forward pass of what was uploaded, and the download of its outputs. */
    void runForward() {
        forward.run(stream);
        stream.download(tensors.outputs(), outputs, outputs.bytes());
    }

    /** Queues a way back from the outputs' gradient, after the forward pass. */
    void runBackward(Purpose purpose) {
        backward.get(purpose).run(stream);
        if (purpose.input()) {
            stream.download(tensors.pixels(), pixels, pixels.bytes());
        }
    }

    /**
     * Queues the upload of the outputs' gradient: zeros behind those of n images.
     *
     * @param values n times (c, h, w)
     */
    void setOutputGradient(float[] values, int n) {
        FloatPointer to = new FloatPointer(outputs.pointer());
        to.put(values, 0, n * outputSize);
        long bytes = (long) n * outputSize * Float.BYTES;
        stream.upload(outputs, tensors.outputGradient(), bytes);
        if (n < images) {
            stream.clear(tensors.outputGradient() + bytes, outputs.bytes() - bytes);
        }
    }

    /** Queues Langevin steps of what was uploaded, and the download of what becomes of it. */
    void runLangevin(
            LangevinConfig langevinConfig,
            long seed,
            long[] chainIds,
            long[] firstSteps,
            int first,
            int n,
            int count) {
        LongPointer keyPointer = new LongPointer(chains.pointer());
        IntPointer stepPointer = new IntPointer(counters.pointer());
        for (int i = 0; i < n; i++) {
            keyPointer.put(i, Threefry.derive(seed, chainIds[first + i]));
            stepPointer.put(i, (int) firstSteps[first + i]);
        }
        new FloatPointer(settings.pointer())
                .put(
                        (float) langevinConfig.energyFactor(),
                        (float) langevinConfig.decay(),
                        (float) langevinConfig.stepSize(),
                        (float) langevinConfig.maxLangevinNorm());
        stream.upload(chains, keys, chains.bytes());
        stream.upload(counters, steps, counters.bytes());
        stream.upload(settings, config, settings.bytes());
        TensorShape input = tensors.shape(Network.IMAGE);
        kernels.pack(stream, tensors.pixels(), tensors.result(Network.IMAGE), input);
        langevin.run(stream, count);
        stream.download(tensors.pixels(), pixels, pixels.bytes());
        stream.download(displacement, norms, norms.bytes());
    }

    /** Waits for everything that was queued. */
    void await() {
        stream.synchronize();
    }

    /** Reads the outputs of n images that were downloaded. */
    void readOutputs(float[] to, int at, int n) {
        new FloatPointer(outputs.pointer()).get(to, at, n * outputSize);
    }

    /** Writes the outputs of n images that were downloaded into an array. */
    void writeOutputs(INDArray to, int first, int n) {
        HostCopies.write(outputs, to, (long) first * outputSize, (long) n * outputSize);
    }

    /** Writes the images, or gradients by them, that were downloaded into an array. */
    void writePixels(INDArray to, int first, int n) {
        HostCopies.write(pixels, to, (long) first * inputSize, (long) n * inputSize);
    }

    /** Reads the last step's displacements of n images. */
    void readDisplacement(float[] to, int at, int n) {
        new FloatPointer(norms.pointer()).get(to, at, n);
    }

    /** Queues setting the sum of gradients by the parameters to 0. */
    void clearGradient() {
        stream.clear(gradient, gradientBytes());
    }

    /** The sum of gradients by the parameters; waits for it. */
    void readGradient(float[] to) {
        stream.download(gradient, gradientCopy, gradientBytes());
        stream.synchronize();
        new FloatPointer(gradientCopy.pointer()).get(to, 0, network.parameterCount());
    }

    private long gradientBytes() {
        return Math.max(1L, network.parameterCount()) * Float.BYTES;
    }

    /** What batch normalisations found in the last forward pass; waits for it. */
    void readStatistics(BatchStatistics to) {
        for (int i = 0; i < network.nodes().size(); i++) {
            if (network.nodes().get(i).layer() instanceof Layer.BatchNorm
                    && tensors.result(i) != 0) {
                int padded = tensors.shape(i).padded();
                long bytes = 2L * padded * Double.BYTES;
                if (statistics == null || statistics.bytes() < bytes) {
                    statistics = memory.host(bytes);
                }
                stream.download(tensors.mean(i), statistics, bytes);
                stream.synchronize();
                DoublePointer found = new DoublePointer(statistics.pointer());
                found.get(to.mean(i), 0, to.mean(i).length);
                found.position(padded).get(to.variance(i), 0, to.variance(i).length);
            }
        }
        to.found(images);
    }

    @Override
    public void close() {
        backward.values().forEach(Program::close);
        backward.clear();
        if (forward != null) {
            forward.close();
        }
        if (langevin != null) {
            langevin.close();
        }
        stream.close();
        memory.close();
    }
}
