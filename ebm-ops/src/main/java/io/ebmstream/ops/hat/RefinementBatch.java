package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.defense.StepPace;
import io.ebmstream.ops.defense.StepParts;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Samples that are refined together, in parts that run one after the other. Parts are made of
 * samples with the same number of steps behind them. Made by {@link HatRefiner#start}. Not
 * thread-safe. Close it to free its arrays.
 */
public final class RefinementBatch implements AutoCloseable {
    private final HatRefiner refiner;
    private final List<RefinementImage> samples;
    private final ImageShape latentShape;
    private final ImageShape imageShape;
    private final int latentSize;
    private final int imageSize;
    private final List<Part> parts = new ArrayList<>();

    /** Part and slot of every sample. */
    private final Part[] partOf;

    private final int[] slotOf;
    private final float[] scratch;
    private final float[] other;
    private final StepPace pace = new StepPace();
    private int current;
    private boolean closed;

    /** Up to {@code HatRefiner.part()} samples in step with each other. */
    private final class Part {
        final int[] indices;
        final INDArray z;
        final INDArray r;

        /** x at the begin until the end is reached, then x there. */
        final INDArray x;

        final long[] chains;
        final long[] steps;
        final float[] latentNorms;
        final float[] residualNorms;
        final double[] before;
        final double[] moved;
        final float[] energies;
        boolean measured;
        boolean done;

        Part(int[] indices) {
            int n = indices.length;
            this.indices = indices;
            z = array(n, latentShape);
            r = array(n, imageShape);
            x = array(n, imageShape);
            chains = new long[n];
            steps = new long[n];
            latentNorms = new float[n];
            residualNorms = new float[n];
            before = new double[n];
            moved = new double[n];
            energies = new float[n];
            measured = true;
            for (int j = 0; j < n; j++) {
                RefinementImage sample = samples.get(indices[j]);
                partOf[indices[j]] = this;
                slotOf[indices[j]] = j;
                chains[j] = sample.chain();
                steps[j] = sample.step();
                before[j] = sample.energyBefore();
                measured &= sample.step() > 0;
                float[] latents = sample.state() == null ? sample.latents() : sample.state();
                FloatArrays.write(latents, 0, z, (long) j * latentSize, latentSize);
                if (sample.state() != null) {
                    FloatArrays.write(
                            sample.state(), latentSize, r, (long) j * imageSize, imageSize);
                }
            }
        }

        void close() {
            for (INDArray array : new INDArray[] {z, r, x}) {
                if (array.closeable()) {
                    array.close();
                }
            }
        }
    }

    private static INDArray array(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    RefinementBatch(
            HatRefiner refiner,
            List<RefinementImage> samples,
            ImageShape latentShape,
            ImageShape imageShape) {
        this.refiner = refiner;
        this.samples = List.copyOf(samples);
        this.latentShape = latentShape;
        this.imageShape = imageShape;
        this.latentSize = latentShape.size();
        this.imageSize = imageShape.size();
        this.partOf = new Part[samples.size()];
        this.slotOf = new int[samples.size()];
        this.scratch = new float[imageSize];
        this.other = new float[imageSize];
        for (RefinementImage sample : samples) {
            check(sample);
        }
        int[] steps = samples.stream().mapToInt(RefinementImage::step).toArray();
        for (int[] indices : StepParts.of(steps, refiner.part())) {
            parts.add(new Part(indices));
        }
    }

    private void check(RefinementImage sample) {
        if (sample.latents().length != latentSize) {
            throw new IllegalArgumentException(
                    "expected latents of "
                            + latentShape
                            + " ("
                            + latentSize
                            + " values), found "
                            + sample.latents().length);
        }
        if ((sample.input() != null && sample.input().length != imageSize)
                || (sample.state() != null && sample.state().length != latentSize + imageSize)) {
            throw new IllegalArgumentException(
                    "expected images of "
                            + imageShape
                            + " ("
                            + imageSize
                            + " values), and with their latents "
                            + (latentSize + imageSize)
                            + " values of state, found "
                            + (sample.input() == null ? "no" : "" + sample.input().length)
                            + " input bytes and "
                            + (sample.state() == null ? "no" : "" + sample.state().length)
                            + " values of state");
        }
        if (sample.step() > refiner.config().steps()
                || (sample.step() > 0 && Double.isNaN(sample.energyBefore()))) {
            throw new IllegalArgumentException(
                    "expected a sample on its way to have at most "
                            + refiner.config().steps()
                            + " steps behind it and its first energy, found step "
                            + sample.step()
                            + ", energy "
                            + sample.energyBefore());
        }
    }

    /** Number of samples. */
    public int size() {
        return samples.size();
    }

    /** Whether all are refined. */
    public boolean done() {
        return current == parts.size();
    }

    boolean advance(long budgetNanos, HatLangevin langevin, HatEnergy exact) {
        if (closed) {
            throw new IllegalStateException("the batch is closed");
        }
        long begin = System.nanoTime();
        long left = budgetNanos;
        while (!done() && (left > 0 || left == budgetNanos)) {
            piece(parts.get(current), left, langevin, exact);
            left = Math.min(left - 1, budgetNanos - (System.nanoTime() - begin));
        }
        return done();
    }

    private void piece(Part part, long nanos, HatLangevin langevin, HatEnergy exact) {
        RefinerConfig config = refiner.config();
        int left = config.steps() - (int) part.steps[0];
        if (!part.measured) {
            begin(part, exact);
        } else if (left > 0) {
            int steps = pace.steps(nanos, left);
            long begin = System.nanoTime();
            langevin.run(
                    part.z,
                    part.r,
                    config.seed(),
                    part.chains,
                    part.steps,
                    steps,
                    part.latentNorms,
                    part.residualNorms);
            pace.took(System.nanoTime() - begin, steps);
            for (int j = 0; j < part.steps.length; j++) {
                part.steps[j] += steps;
            }
            refiner.count((long) steps * part.chains.length);
        } else {
            end(part, exact);
            current++;
        }
    }

    /** Where the run begins: r = x - G(z) for an image that came along. */
    private void begin(Part part, HatEnergy exact) {
        exact.generator().forward(part.z, part.x);
        for (int j = 0; j < part.indices.length; j++) {
            byte[] input = samples.get(part.indices[j]).input();
            if (input != null) {
                long at = (long) j * imageSize;
                FloatArrays.read(part.x, at, other, 0, imageSize);
                Pixels.toFloat(input, 0, scratch, 0, imageSize);
                FloatArrays.write(scratch, 0, part.x, at, imageSize);
                for (int k = 0; k < imageSize; k++) {
                    scratch[k] -= other[k];
                }
                FloatArrays.write(scratch, 0, part.r, at, imageSize);
            }
        }
        exact.energy().energies(part.x, part.energies);
        for (int j = 0; j < part.before.length; j++) {
            part.before[j] = part.energies[j] / refiner.config().energyTemperature();
        }
        part.measured = true;
    }

    /** The images at the end, and how far they are from those at the begin. */
    private void end(Part part, HatEnergy exact) {
        // a resumed part has not seen its begin
        INDArray starts = array(part.indices.length, latentShape);
        INDArray begin = array(part.indices.length, imageShape);
        try {
            for (int j = 0; j < part.indices.length; j++) {
                float[] latents = samples.get(part.indices[j]).latents();
                FloatArrays.write(latents, 0, starts, (long) j * latentSize, latentSize);
            }
            exact.generator().forward(starts, begin);
            exact.images(part.z, part.r, part.x);
            exact.energy().energies(part.x, part.energies);
            for (int j = 0; j < part.indices.length; j++) {
                byte[] input = samples.get(part.indices[j]).input();
                long at = (long) j * imageSize;
                if (input == null) {
                    FloatArrays.read(begin, at, scratch, 0, imageSize);
                } else {
                    Pixels.toFloat(input, 0, scratch, 0, imageSize);
                }
                FloatArrays.read(part.x, at, other, 0, imageSize);
                part.moved[j] = distance(scratch, other, imageSize);
            }
        } finally {
            starts.close();
            begin.close();
        }
        part.done = true;
    }

    private static double distance(float[] a, float[] b, int length) {
        double squares = 0;
        for (int k = 0; k < length; k++) {
            double difference = (double) a[k] - b[k];
            squares += difference * difference;
        }
        return Math.sqrt(squares);
    }

    /**
     * Where a sample is, to be saved and resumed: a copy.
     *
     * @param index position in the list that the batch was started with
     */
    public RefinementImage progress(int index) {
        RefinementImage sample = samples.get(index);
        Part part = partOf[index];
        int j = slotOf[index];
        int step = (int) part.steps[j];
        if (step == 0) {
            return new RefinementImage(
                    sample.chain(), sample.latents(), sample.input(), null, 0, Double.NaN);
        }
        float[] state = new float[latentSize + imageSize];
        FloatArrays.read(part.z, (long) j * latentSize, state, 0, latentSize);
        FloatArrays.read(part.r, (long) j * imageSize, state, latentSize, imageSize);
        return new RefinementImage(
                sample.chain(), sample.latents(), sample.input(), state, step, part.before[j]);
    }

    /**
     * The result for a sample.
     *
     * @param index position in the list that the batch was started with
     * @throws IllegalStateException if it is not ready, or its chain is no longer finite
     */
    public RefinedImage result(int index) {
        Part part = partOf[index];
        int j = slotOf[index];
        if (!part.done) {
            throw new IllegalStateException(
                    "expected " + refiner.config().steps() + " steps, found " + part.steps[j]);
        }
        float[] latents = new float[latentSize];
        FloatArrays.read(part.z, (long) j * latentSize, latents, 0, latentSize);
        FloatArrays.read(part.x, (long) j * imageSize, scratch, 0, imageSize);
        double after = part.energies[j] / refiner.config().energyTemperature();
        if (!Double.isFinite(after)
                || !FloatArrays.within(scratch, imageSize, Float.MAX_VALUE)
                || !FloatArrays.within(latents, latentSize, Float.MAX_VALUE)) {
            throw new IllegalStateException(
                    "the chain of sample "
                            + index
                            + " is no longer finite (energy "
                            + after
                            + "); use smaller step sizes or another model version");
        }
        byte[] pixels = new byte[imageSize];
        Pixels.toBytes(scratch, 0, pixels, 0, imageSize);
        FloatArrays.read(part.r, (long) j * imageSize, scratch, 0, imageSize);
        Arrays.fill(other, 0);
        return new RefinedImage(
                pixels,
                latents,
                part.before[j],
                after,
                part.moved[j],
                distance(latents, samples.get(index).latents(), latentSize),
                distance(scratch, other, imageSize));
    }

    /** Frees the arrays. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        parts.forEach(Part::close);
        refiner.ended(this);
    }
}
