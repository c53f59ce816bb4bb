package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.PriorLangevin;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Langevin chains of a model with fixed weights, from given images on:
 *
 * <pre>x <- x - (eps^2/2) grad[ U(x)/T + U0(x)/T0 + |x|^2/(2 tau^2) ] + eps xi</pre>
 *
 * with U0 only where the model has a prior ({@link ChainPrior}).
 *
 * <p>A chain is a pure function of its first image, its number, the weights, the dynamics, the seed
 * and the precision; how the steps are cut does not show. Energies are float32 whatever the
 * precision. Not thread-safe. Owns native memory: close it.
 */
public final class ChainRun implements AutoCloseable {
    /** Images in one call of the executor. */
    public static final int PART = 16;

    private final LangevinConfig langevin;
    private final long seed;
    private final ImageShape shape;
    private final int count;
    private final CompiledNetwork plan;
    private final CompiledNetwork energyPlan;
    private final ChainPrior prior;
    private final CompiledNetwork priorPlan;
    private final CompiledNetwork priorEnergyPlan;
    private final PriorLangevin priorLangevin;
    private final List<INDArray> parts = new ArrayList<>();
    private final float[] displacements;
    private final float[] image;
    private long steps;

    /**
     * Chains that have taken no step.
     *
     * @param executor computes {@code batch} images in one call; must know the precision, and
     *     float32 for the energies
     * @param batch images in one call; {@link #PART}, or more for an executor of several workers
     * @param weights laid out by the network; copied
     * @param starts first images, [c, h, w] each; copied
     * @param seed seed of the noise; a chain's number is its index
     * @throws IllegalArgumentException if there is no image or one is of another size
     */
    public ChainRun(
            Network network,
            Executor executor,
            Precision precision,
            int batch,
            float[] weights,
            LangevinConfig langevin,
            List<float[]> starts,
            long seed) {
        this(network, executor, precision, batch, weights, null, langevin, starts, seed);
    }

    /**
     * Chains that have taken no step, under a prior.
     *
     * @param prior null for none
     * @throws IllegalArgumentException as above, or if the prior reads other images
     */
    public ChainRun(
            Network network,
            Executor executor,
            Precision precision,
            int batch,
            float[] weights,
            ChainPrior prior,
            LangevinConfig langevin,
            List<float[]> starts,
            long seed) {
        this.langevin = langevin;
        this.prior = prior;
        this.seed = seed;
        this.shape = network.input();
        this.count = starts.size();
        if (count == 0) {
            throw new IllegalArgumentException("expected at least 1 chain, found none");
        }
        image = new float[shape.size()];
        displacements = new float[count];
        plan = compile(executor, network, batch, precision, weights);
        energyPlan = forEnergies(plan, executor, batch, precision, weights);
        if (prior == null) {
            priorPlan = null;
            priorEnergyPlan = null;
            priorLangevin = null;
        } else {
            priorPlan = compile(executor, prior.network(), batch, precision, prior.weights());
            priorEnergyPlan = forEnergies(priorPlan, executor, batch, precision, prior.weights());
            priorLangevin = new PriorLangevin(plan, priorPlan, prior.temperature());
        }
        for (int first = 0; first < count; first += batch) {
            int n = Math.min(batch, count - first);
            INDArray part =
                    Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
            parts.add(part);
            for (int i = 0; i < n; i++) {
                float[] start = starts.get(first + i);
                if (start.length != shape.size()) {
                    close();
                    throw new IllegalArgumentException(
                            "expected images of " + shape + ", found " + start.length + " values");
                }
                FloatArrays.write(start, 0, part, (long) i * start.length, start.length);
            }
        }
    }

    private static CompiledNetwork compile(
            Executor executor, Network network, int batch, Precision precision, float[] weights) {
        CompiledNetwork plan = executor.compile(network, batch, precision);
        try (INDArray parameters =
                Nd4j.create(weights, new long[] {weights.length}, DataType.FLOAT)) {
            plan.setParameters(parameters);
        }
        return plan;
    }

    /** The same in float32, which may be the same. */
    private static CompiledNetwork forEnergies(
            CompiledNetwork plan,
            Executor executor,
            int batch,
            Precision precision,
            float[] weights) {
        return precision == Precision.FLOAT32
                ? plan
                : compile(executor, plan.network(), batch, Precision.FLOAT32, weights);
    }

    /** Shape of an image. */
    public ImageShape shape() {
        return shape;
    }

    /** Number of chains. */
    public int count() {
        return count;
    }

    /** Steps that every chain has taken. */
    public long steps() {
        return steps;
    }

    /** Takes further steps. */
    public void advance(int more) {
        int first = 0;
        for (INDArray part : parts) {
            int n = (int) part.size(0);
            long[] chains = new long[n];
            long[] firstSteps = new long[n];
            float[] norms = new float[n];
            for (int i = 0; i < n; i++) {
                chains[i] = first + i;
            }
            Arrays.fill(firstSteps, steps);
            if (prior == null) {
                plan.langevin(part, langevin, seed, chains, firstSteps, more, norms);
            } else {
                priorLangevin.langevin(part, langevin, seed, chains, firstSteps, more, norms);
            }
            System.arraycopy(norms, 0, displacements, first, n);
            first += n;
        }
        steps += more;
    }

    /** U(x)/T of every chain now, with U0(x)/T0 under a prior. */
    public double[] energies() {
        double[] energies = new double[count];
        int first = 0;
        for (INDArray part : parts) {
            float[] some = new float[(int) part.size(0)];
            energyPlan.energies(part, some);
            for (int i = 0; i < some.length; i++) {
                energies[first + i] = some[i] / langevin.temperature();
            }
            if (prior != null) {
                priorEnergyPlan.energies(part, some);
                for (int i = 0; i < some.length; i++) {
                    energies[first + i] += some[i] / prior.temperature();
                }
            }
            first += some.length;
        }
        return energies;
    }

    /** r, mean norm of (eps^2/2) grad in the last step; 0 before the first. */
    public double displacement() {
        double sum = 0;
        for (float norm : displacements) {
            sum += norm;
        }
        return sum / count;
    }

    /** Whether all pixels are finite numbers. */
    public boolean finite() {
        for (int i = 0; i < count; i++) {
            read(i, image);
            if (!FloatArrays.within(image, image.length, Float.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }

    /** Copies a chain's pixels out. */
    public void read(int chain, float[] out) {
        int batch = (int) parts.get(0).size(0);
        FloatArrays.read(
                parts.get(chain / batch),
                (long) (chain % batch) * shape.size(),
                out,
                0,
                shape.size());
    }

    /**
     * All chains as images, u8 planar, clipped to [-1, 1].
     *
     * @throws IllegalArgumentException if a pixel is not finite
     */
    public List<byte[]> images() {
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read(i, image);
            byte[] bytes = new byte[image.length];
            Pixels.toBytes(image, 0, bytes, 0, bytes.length);
            images.add(bytes);
        }
        return images;
    }

    /** Pixels and steps, to go on later. */
    public byte[] state() {
        float[] pixels = new float[count * shape.size()];
        for (int i = 0; i < count; i++) {
            read(i, image);
            System.arraycopy(image, 0, pixels, i * image.length, image.length);
        }
        return new StateWriter(StateKind.CHAIN_RUN, 4 * pixels.length + 64)
                .putLong(steps)
                .putFloats(pixels, count, shape.channels(), shape.height(), shape.width())
                .toBytes();
    }

    /**
     * Becomes what {@link #state} was taken of.
     *
     * @throws IllegalArgumentException if it is damaged, or of other chains
     */
    public void restore(byte[] state) {
        StateReader reader = new StateReader(StateKind.CHAIN_RUN, state);
        long taken = reader.nextLong();
        float[] pixels = reader.nextFloats(count, shape.channels(), shape.height(), shape.width());
        reader.end();
        int first = 0;
        for (INDArray part : parts) {
            int n = (int) part.size(0) * shape.size();
            FloatArrays.write(pixels, first, part, 0, n);
            first += n;
        }
        steps = taken;
    }

    @Override
    public void close() {
        if (prior != null) {
            priorLangevin.close();
            close(priorPlan, priorEnergyPlan);
        }
        close(plan, energyPlan);
        for (INDArray part : parts) {
            if (part.closeable()) {
                part.close();
            }
        }
    }

    private static void close(CompiledNetwork plan, CompiledNetwork energies) {
        if (energies != plan) {
            energies.close();
        }
        plan.close();
    }
}
