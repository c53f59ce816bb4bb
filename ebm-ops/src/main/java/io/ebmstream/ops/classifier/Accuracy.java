package io.ebmstream.ops.classifier;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Accuracy of a classifier on labelled images. Stateless, thread-safe. */
public final class Accuracy {
    private static final int AT_ONCE = 64;

    private Accuracy() {}

    /**
     * Share of images whose largest logit is their label's.
     *
     * @param from index of the first image
     * @param count number of images, at least 1
     */
    public static Proportion of(Classifier classifier, ImageDataset data, int from, int count) {
        ImageShape shape = data.shape();
        float[][] logits = new float[AT_ONCE][classifier.classes()];
        int right = 0;
        for (int done = 0; done < count; done += AT_ONCE) {
            int n = Math.min(AT_ONCE, count - done);
            try (INDArray images =
                    Nd4j.zeros(
                            DataType.FLOAT, n, shape.channels(), shape.height(), shape.width())) {
                for (int i = 0; i < n; i++) {
                    data.image(from + done + i).copyInto(images, i);
                }
                classifier.logits(images, logits);
            }
            for (int i = 0; i < n; i++) {
                right += Logits.argmax(logits[i]) == data.image(from + done + i).label() ? 1 : 0;
            }
        }
        return new Proportion(right, count);
    }
}
