package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;

/**
 * Tries whether a plan of several images gives each of them the bits that it gets alone, with
 * random weights and images. oneDNN promises nothing, and for very narrow layers it cuts its sums
 * by the number of images.
 */
final class SameBits {

    private SameBits() {}

    /**
     * @param weights what both plans read; to be reloaded afterwards, from parameters that are what
     *     they were
     */
    static boolean hold(Plan block, Plan single, Network network, NetworkWeights weights) {
        float[] kept = weights.parameters().clone();
        GaussianNoise gaussian = new GaussianNoise();
        fill(network, weights.parameters(), gaussian);
        weights.reload();
        try {
            return compare(block, single, network, gaussian);
        } finally {
            System.arraycopy(kept, 0, weights.parameters(), 0, kept.length);
        }
    }

    private static void fill(Network network, float[] parameters, GaussianNoise gaussian) {
        for (Network.Parameter p : network.parameters()) {
            gaussian.fill(1, p.offset(), 0, parameters, p.offset(), p.size());
            for (int i = p.offset(); i < p.offset() + p.size(); i++) {
                switch (p.kind()) {
                    case WEIGHT, BIAS -> parameters[i] /= (float) Math.sqrt(p.fanIn());
                    case SCALE, RUNNING_VARIANCE -> parameters[i] = 1 + Math.abs(parameters[i]);
                    default -> {
                        // A shift or a mean may be anything.
                    }
                }
            }
        }
    }

    private static boolean compare(
            Plan block, Plan single, Network network, GaussianNoise gaussian) {
        int images = block.images();
        int size = network.input().size();
        int length = network.output().size();
        float[] pixels = new float[images * size];
        float[] seeds = new float[images * length];
        gaussian.fill(2, 0, 0, pixels, 0, pixels.length);
        gaussian.fill(3, 0, 0, seeds, 0, seeds.length);
        float[] outputs = new float[images * length];
        run(block, pixels, 0, seeds, 0, outputs);
        float[] output = new float[length];
        boolean same = true;
        // Sums are cut alike for all images of a block: the first and the last stand for the rest.
        for (int i = 0; i < images && same; i += images - 1) {
            run(single, pixels, i * size, seeds, i * length, output);
            same = Arrays.equals(output, 0, length, outputs, i * length, (i + 1) * length);
            if (single.givesImageGradient()) {
                float[] expected = new float[size];
                float[] found = new float[size];
                single.readImageGradient(0, expected, 0);
                block.readImageGradient(i, found, 0);
                same &= Arrays.equals(expected, found);
            }
        }
        return same;
    }

    private static void run(
            Plan plan, float[] pixels, int pixel, float[] seeds, int seed, float[] outputs) {
        plan.load(pixels, pixel);
        plan.runForward();
        plan.readOutputs(outputs, 0);
        if (plan.givesImageGradient()) {
            plan.seed(seeds, seed);
            plan.runBackward();
        }
    }
}
