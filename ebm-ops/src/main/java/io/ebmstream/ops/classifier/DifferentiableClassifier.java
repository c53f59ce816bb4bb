package io.ebmstream.ops.classifier;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A classifier that also tells how its logits change with the image. */
public interface DifferentiableClassifier extends Classifier {
    /**
     * Pulls gradients by the logits back to the images:
     *
     * <pre>gradient_i = sum_k logitGradients[i][k] * d logit_k(x_i) / d x_i</pre>
     *
     * A loss of several images' logits, such as the cross-entropy of their mean, is differentiated
     * by the logits first, then pulled back through each image.
     *
     * @param images [n, c, h, w] as for {@link #logits}
     * @param logitGradients a row of {@link #classes} for each image, at least n
     * @param gradient [n, c, h, w], overwritten
     */
    void inputGradient(INDArray images, float[][] logitGradients, INDArray gradient);
}
