package io.ebmstream.ops.defense;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images that are purified together, in parts that run one after the other. Parts are made of
 * images with the same number of steps behind them. Made by {@link Purifier#start}. Not
 * thread-safe. Close it to free its arrays.
 */
public final class PurificationBatch implements AutoCloseable {
    private final Purifier purifier;
    private final ImageShape shape;
    private final int size;
    private final List<PurificationImage> images;
    private final List<Part> parts = new ArrayList<>();

    /** Part and slot of every image. */
    private final Part[] partOf;

    private final int[] slotOf;
    private final float[] scratch;
    private final StepPace pace = new StepPace();
    private int current;
    private boolean closed;

    /** Up to {@code Purifier.part()} images in step with each other. */
    private final class Part {
        final int[] indices;
        final INDArray array;
        final long[] chains;
        final long[] steps;
        final float[] displacement;
        final double[] before;
        final float[] energies;

        /** Images that still run: those in the slots before; the others stopped early. */
        int running;

        /** Whether the running ones were looked at after their last step. */
        boolean looked;

        boolean measured;
        boolean done;

        Part(int[] indices) {
            int n = indices.length;
            this.indices = indices;
            array = Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
            chains = new long[n];
            steps = new long[n];
            displacement = new float[n];
            before = new double[n];
            energies = new float[n];
            running = n;
            measured = true;
            for (int j = 0; j < n; j++) {
                PurificationImage image = images.get(indices[j]);
                partOf[indices[j]] = this;
                slotOf[indices[j]] = j;
                chains[j] = image.chain();
                steps[j] = image.step();
                before[j] = image.energyBefore();
                measured &= !Double.isNaN(before[j]);
                if (image.pixels() == null) {
                    Pixels.toFloat(image.input(), 0, scratch, 0, size);
                    FloatArrays.write(scratch, 0, array, (long) j * size, size);
                } else {
                    FloatArrays.write(image.pixels(), 0, array, (long) j * size, size);
                }
            }
        }

        /** Changes the places of two images. */
        void swap(int a, int b) {
            if (a == b) {
                return;
            }
            float[] other = new float[size];
            FloatArrays.read(array, (long) a * size, scratch, 0, size);
            FloatArrays.read(array, (long) b * size, other, 0, size);
            FloatArrays.write(scratch, 0, array, (long) b * size, size);
            FloatArrays.write(other, 0, array, (long) a * size, size);
            swap(chains, a, b);
            swap(steps, a, b);
            double first = before[a];
            before[a] = before[b];
            before[b] = first;
            int index = indices[a];
            indices[a] = indices[b];
            indices[b] = index;
            slotOf[indices[a]] = a;
            slotOf[indices[b]] = b;
        }

        private void swap(long[] values, int a, int b) {
            long first = values[a];
            values[a] = values[b];
            values[b] = first;
        }
    }

    PurificationBatch(Purifier purifier, List<PurificationImage> images, ImageShape shape) {
        this.purifier = purifier;
        this.shape = shape;
        this.size = shape.size();
        this.images = List.copyOf(images);
        this.partOf = new Part[images.size()];
        this.slotOf = new int[images.size()];
        this.scratch = new float[size];
        for (PurificationImage image : images) {
            check(image);
        }
        int[] steps = images.stream().mapToInt(PurificationImage::step).toArray();
        for (int[] indices : StepParts.of(steps, purifier.part())) {
            parts.add(new Part(indices));
        }
    }

    private void check(PurificationImage image) {
        int pixels = image.pixels() == null ? size : image.pixels().length;
        if (image.input().length != size || pixels != size) {
            throw new IllegalArgumentException(
                    "expected images of "
                            + shape
                            + " ("
                            + size
                            + " values), found "
                            + image.input().length
                            + " input bytes and "
                            + pixels
                            + " chain pixels");
        }
        if (image.step() > purifier.config().steps()
                || (image.step() > 0 && Double.isNaN(image.energyBefore()))) {
            throw new IllegalArgumentException(
                    "expected an image on its way to have at most "
                            + purifier.config().steps()
                            + " steps behind it and its first energy, found step "
                            + image.step()
                            + ", energy "
                            + image.energyBefore());
        }
    }

    /** Number of images. */
    public int size() {
        return images.size();
    }

    /** Whether all images are purified. */
    public boolean done() {
        return current == parts.size();
    }

    /** Works for about the given time; see {@link Purifier#advance}. */
    boolean advance(long budgetNanos, CompiledNetwork plan, CompiledNetwork energyPlan) {
        if (closed) {
            throw new IllegalStateException("the batch is closed");
        }
        long begin = System.nanoTime();
        long left = budgetNanos;
        while (!done() && (left > 0 || left == budgetNanos)) {
            piece(parts.get(current), left, plan, energyPlan);
            left = Math.min(left - 1, budgetNanos - (System.nanoTime() - begin));
        }
        return done();
    }

    private void piece(Part part, long nanos, CompiledNetwork plan, CompiledNetwork energyPlan) {
        PurifierConfig config = purifier.config();
        double temperature = config.energyTemperature();
        int left = part.running == 0 ? 0 : config.steps() - (int) part.steps[0];
        if (!part.measured) {
            energyPlan.energies(part.array, part.energies);
            for (int j = 0; j < part.before.length; j++) {
                part.before[j] = part.energies[j] / temperature;
            }
            part.measured = true;
        } else if (left > 0 && mustLook(part)) {
            look(part, energyPlan);
        } else if (left > 0) {
            run(part, left, nanos, plan);
        } else {
            energyPlan.energies(part.array, part.energies);
            part.done = true;
            current++;
        }
    }

    private boolean mustLook(Part part) {
        EarlyStop stop = purifier.config().earlyStop();
        return stop != null && !part.looked && stop.looksAt(part.steps[0]);
    }

    /** Takes images that are low enough out of the running ones. */
    private void look(Part part, CompiledNetwork energyPlan) {
        PurifierConfig config = purifier.config();
        energyPlan.energies(running(part), part.energies);
        for (int j = part.running - 1; j >= 0; j--) {
            if (part.energies[j] / config.energyTemperature() <= config.earlyStop().level()) {
                part.running--;
                part.swap(j, part.running);
            }
        }
        part.looked = true;
    }

    private void run(Part part, int left, long nanos, CompiledNetwork plan) {
        PurifierConfig config = purifier.config();
        int most =
                config.earlyStop() == null
                        ? left
                        : Math.min(left, config.earlyStop().stepsToLook(part.steps[0]));
        int steps = pace.steps(nanos, most);
        long begin = System.nanoTime();
        plan.langevin(
                running(part),
                config.langevin(),
                config.seed(),
                part.chains,
                part.steps,
                steps,
                part.displacement);
        pace.took(System.nanoTime() - begin, steps);
        for (int j = 0; j < part.running; j++) {
            part.steps[j] += steps;
        }
        part.looked = false;
        purifier.count((long) steps * part.running);
    }

    private static INDArray running(Part part) {
        return part.running == part.chains.length
                ? part.array
                : FloatArrays.part(part.array, 0, part.running);
    }

    /**
     * Where an image is, to be saved and resumed: a copy.
     *
     * @param index position in the list that the batch was started with
     */
    public PurificationImage progress(int index) {
        PurificationImage image = images.get(index);
        Part part = partOf[index];
        int j = slotOf[index];
        int step = (int) part.steps[j];
        if (step == 0) {
            return new PurificationImage(image.chain(), image.input(), null, 0, Double.NaN);
        }
        float[] pixels = new float[size];
        FloatArrays.read(part.array, (long) j * size, pixels, 0, size);
        return new PurificationImage(image.chain(), image.input(), pixels, step, part.before[j]);
    }

    /**
     * The result for an image.
     *
     * @param index position in the list that the batch was started with
     * @throws IllegalStateException if it is not ready, or its chain is no longer finite
     */
    public PurifiedImage result(int index) {
        Part part = partOf[index];
        int j = slotOf[index];
        if (!part.done) {
            throw new IllegalStateException(
                    "expected " + purifier.config().steps() + " steps, found " + part.steps[j]);
        }
        FloatArrays.read(part.array, (long) j * size, scratch, 0, size);
        double after = part.energies[j] / purifier.config().energyTemperature();
        if (!Double.isFinite(after) || !FloatArrays.within(scratch, size, Float.MAX_VALUE)) {
            throw new IllegalStateException(
                    "the chain of image "
                            + index
                            + " is no longer finite (energy "
                            + after
                            + "); use a smaller step size or another model version");
        }
        byte[] input = images.get(index).input();
        double squares = 0;
        for (int k = 0; k < size; k++) {
            double difference = (double) scratch[k] - Pixels.toFloat(input[k]);
            squares += difference * difference;
        }
        byte[] pixels = new byte[size];
        Pixels.toBytes(scratch, 0, pixels, 0, size);
        return new PurifiedImage(
                pixels, part.before[j], after, Math.sqrt(squares), (int) part.steps[j]);
    }

    /** Frees the arrays. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        for (Part part : parts) {
            if (part.array.closeable()) {
                part.array.close();
            }
        }
        purifier.ended(this);
    }
}
