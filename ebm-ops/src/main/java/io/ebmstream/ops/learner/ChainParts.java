package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The chains of one batch in parts of a few images, and their Langevin run in slices of time. A
 * part takes all its steps before the next one begins. How the run was sliced never shows.
 *
 * <p>Not thread-safe. Close it to free the images.
 */
public final class ChainParts implements AutoCloseable {
    private final int size;
    private final int count;
    private final int part;
    private final INDArray[] images;
    private final long[][] chains;
    private final long[][] firstSteps;
    private final float[][] displacement;

    private int current;
    private int stepsDone;
    private double stepNanos;
    private long imageSteps;

    /**
     * @param shape of one image
     * @param count number of chains, at least 1
     * @param part most images of a part, at least 1
     */
    public ChainParts(ImageShape shape, int count, int part) {
        this.size = shape.size();
        this.count = count;
        this.part = part;
        int parts = (count + part - 1) / part;
        images = new INDArray[parts];
        chains = new long[parts][];
        firstSteps = new long[parts][];
        displacement = new float[parts][];
        for (int p = 0; p < parts; p++) {
            int n = Math.min(part, count - p * part);
            images[p] =
                    Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
            chains[p] = new long[n];
            firstSteps[p] = new long[n];
            displacement[p] = new float[n];
        }
    }

    /** The images, float32 [n, c, h, w] each; always the same arrays. */
    public INDArray[] images() {
        return images;
    }

    /** Number of chains. */
    public int count() {
        return count;
    }

    /** Copies an image in. */
    public void put(int i, float[] image) {
        FloatArrays.write(image, 0, images[i / part], (long) (i % part) * size, size);
    }

    /** Copies an image out. */
    public void get(int i, float[] image) {
        FloatArrays.read(images[i / part], (long) (i % part) * size, image, 0, size);
    }

    /**
     * Says whose noise an image gets.
     *
     * @param id chain id of its noise
     * @param firstStep step of its next noise
     */
    public void chain(int i, long id, long firstStep) {
        chains[i / part][i % part] = id;
        firstSteps[i / part][i % part] = firstStep;
    }

    /** Begins a run: {@link #advance} starts with the first part. */
    public void begin() {
        current = 0;
        stepsDone = 0;
    }

    /**
     * Runs a part for a while.
     *
     * @param dynamics moves the images
     * @param seed noise seed
     * @param steps steps of the whole run, the same in all calls since {@link #begin}
     * @param nanos time to take; at least one step of one part is done
     * @return true when all parts have had their steps
     */
    public boolean advance(ChainDynamics dynamics, long seed, int steps, long nanos) {
        int left = steps - stepsDone;
        int now = stepNanos == 0 ? 1 : (int) Math.max(1, Math.min(left, nanos / stepNanos));
        long begin = System.nanoTime();
        dynamics.langevin(
                images[current],
                seed,
                chains[current],
                firstSteps[current],
                now,
                displacement[current]);
        double measured = (double) (System.nanoTime() - begin) / now;
        stepNanos = stepNanos == 0 ? measured : 0.5 * (stepNanos + measured);
        for (int j = 0; j < firstSteps[current].length; j++) {
            firstSteps[current][j] += now;
        }
        imageSteps += (long) now * chains[current].length;
        stepsDone += now;
        if (stepsDone == steps) {
            stepsDone = 0;
            current++;
        }
        return current == images.length;
    }

    /** Mean L2 norm of the last step's displacement. */
    public double meanDisplacement() {
        return mean(displacement);
    }

    /** Steps times images since the beginning. */
    public long imageSteps() {
        return imageSteps;
    }

    static double mean(float[][] parts) {
        double sum = 0;
        int count = 0;
        for (float[] values : parts) {
            for (float value : values) {
                sum += value;
            }
            count += values.length;
        }
        return sum / count;
    }

    /** Frees the images. Closing twice is harmless. */
    @Override
    public void close() {
        for (INDArray array : images) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
