package io.ebmstream.ops.gate;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.Threefry;
import java.util.ArrayList;
import java.util.List;

/**
 * How far {@value #STEPS} Langevin steps move images, against their noise alone:
 *
 * <pre>sqrt( mean_i |x_i(K) - x_i(0)|^2 / n ) / (eps sqrt(K))</pre>
 *
 * for images of n pixels: 1 on a flat energy, more where the energy drives them away. Noise is its
 * own, so no random choice of learning or purification depends on it. Not thread-safe. Owns a plan:
 * close it.
 */
public final class AnchorMotion implements AutoCloseable {
    /** K: few, since nothing else is done meanwhile. */
    public static final int STEPS = 5;

    /** Images that are moved at most. */
    public static final int IMAGES = 8;

    /** Purpose of the noise ("anch" in ASCII). */
    private static final long NOISE = 0x616e6368L;

    private final Purifier purifier;
    private final double noise;

    /**
     * @param network the energy
     * @param langevin the learner's dynamics
     * @param seed of the job
     */
    public AnchorMotion(
            Network network,
            Executor executor,
            Precision precision,
            LangevinConfig langevin,
            long seed) {
        purifier =
                new Purifier(
                        network,
                        executor,
                        precision,
                        new PurifierConfig(langevin, STEPS, Threefry.derive(seed, NOISE)),
                        IMAGES);
        noise = langevin.stepSize() * Math.sqrt(STEPS) * Math.sqrt(network.input().size());
    }

    /**
     * Moves images.
     *
     * @param weights of the energy
     * @param images u8 planar [c, h, w]; the first {@value #IMAGES} are moved
     * @return infinity where a chain does not stay finite; NaN without images
     */
    public double of(float[] weights, byte[][] images) {
        int count = Math.min(IMAGES, images.length);
        if (count == 0) {
            return Double.NaN;
        }
        purifier.setModel(weights);
        List<PurificationImage> anchors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            anchors.add(PurificationImage.of("anchor-" + i, images[i]));
        }
        try (PurificationBatch batch = purifier.start(anchors)) {
            while (!purifier.advance(batch, Long.MAX_VALUE / 2)) {}
            double squares = 0;
            for (int i = 0; i < count; i++) {
                double moved = batch.result(i).displacement() / noise;
                squares += moved * moved;
            }
            return Math.sqrt(squares / count);
        } catch (IllegalStateException e) {
            // of a finished batch only an image whose chain is not finite says so
            return Double.POSITIVE_INFINITY;
        }
    }

    @Override
    public void close() {
        purifier.close();
    }
}
