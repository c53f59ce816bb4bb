package io.ebmstream.ops.attack;

import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.sampler.Threefry;

/**
 * Some labelled images of a data set.
 *
 * @param first index of the first in the data set
 * @param pixels planar [n, c, h, w] in [-1, 1]
 * @param labels true classes, n
 * @param ids ids of the images, n: a function of the seed and the index in the data set
 */
public record TrialImages(int first, float[] pixels, int[] labels, long[] ids) {
    private static final long PURPOSE = 0x747269616CL;

    /** Images {@code first} to {@code first + count - 1} of a data set. */
    public static TrialImages of(ImageDataset data, int first, int count, long seed) {
        int size = data.shape().size();
        float[] pixels = new float[count * size];
        int[] labels = new int[count];
        long[] ids = new long[count];
        for (int i = 0; i < count; i++) {
            data.image(first + i).toFloat(pixels, i * size);
            labels[i] = data.image(first + i).label();
            ids[i] = Threefry.derive(Threefry.derive(seed, PURPOSE), first + i);
        }
        return new TrialImages(first, pixels, labels, ids);
    }

    /** Number of images. */
    public int count() {
        return labels.length;
    }
}
