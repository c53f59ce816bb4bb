package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.DifferentiableClassifier;
import io.ebmstream.ops.classifier.Logits;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Projected gradient descent on the cross-entropy of a bare classifier (Madry et al. 2018). All
 * steps are taken on all images, broken or not, so that the result also serves as a transfer
 * attack; an image counts as broken at the first of its places that is misclassified.
 *
 * <p>An image's attack depends on its id, pixels and label only. Not thread-safe.
 */
public final class Pgd {
    /** Images in memory at a time. */
    private static final int AT_ONCE = 64;

    private final DifferentiableClassifier classifier;
    private final AttackConfig config;

    /**
     * @param classifier stays the caller's
     */
    public Pgd(DifferentiableClassifier classifier, AttackConfig config) {
        this.classifier = classifier;
        this.config = config;
    }

    /**
     * Attacks images.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]; not changed
     * @param labels true classes, n
     * @param ids ids of the images, n
     * @return the images after all steps
     */
    public AttackOutcome attack(float[] images, int[] labels, long[] ids) {
        int n = ids.length;
        ImageShape shape = classifier.input();
        int size = shape.size();
        float[] moved = config.start(images, ids);
        int[] brokenAt = new int[n];
        Arrays.fill(brokenAt, AttackOutcome.STANDS);
        float[][] logits = new float[AT_ONCE][classifier.classes()];
        float[][] gradients = new float[AT_ONCE][classifier.classes()];
        float[] values = new float[AT_ONCE * size];
        for (int from = 0; from < n; from += AT_ONCE) {
            int count = Math.min(AT_ONCE, n - from);
            try (INDArray array = zeros(shape, count);
                    INDArray gradient = zeros(shape, count)) {
                for (int step = 0; step <= config.steps(); step++) {
                    FloatArrays.write(moved, from * size, array, 0, count * size);
                    classifier.logits(array, logits);
                    for (int i = 0; i < count; i++) {
                        boolean wrong = Logits.argmax(logits[i]) != labels[from + i];
                        if (wrong && brokenAt[from + i] == AttackOutcome.STANDS) {
                            brokenAt[from + i] = step;
                        }
                        Logits.crossEntropyGradient(
                                logits[i], labels[from + i], 1, gradients[i], 0);
                    }
                    if (step == config.steps()) {
                        break;
                    }
                    classifier.inputGradient(array, gradients, gradient);
                    FloatArrays.read(gradient, 0, values, 0, count * size);
                    for (int i = 0; i < count; i++) {
                        config.ball()
                                .step(images, moved, (from + i) * size, values, i * size, size);
                    }
                }
            }
        }
        return new AttackOutcome(moved, brokenAt);
    }

    private static INDArray zeros(ImageShape shape, int n) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }
}
