package io.ebmstream.ops.classifier;

/**
 * Functions of one image's logits z, in double precision:
 *
 * <pre>
 * softmax_k      = exp(z_k) / sum_j exp(z_j)
 * log-softmax_k  = z_k - log sum_j exp(z_j)
 * cross-entropy  = -log-softmax_y,   its gradient by z: softmax - onehot(y)
 * </pre>
 *
 * Stateless, thread-safe.
 */
public final class Logits {
    private Logits() {}

    /** Index of the largest value, the first of equal ones. Not a number is never the largest. */
    public static int argmax(float[] values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            if (values[k] > values[best] || Float.isNaN(values[best])) {
                best = k;
            }
        }
        return best;
    }

    /** log sum exp of the logits, without overflow. */
    public static double logSumExp(float[] logits) {
        double largest = logits[argmax(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum);
    }

    /** Cross-entropy of class {@code label}, in nats. */
    public static double crossEntropy(float[] logits, int label) {
        return logSumExp(logits) - logits[label];
    }

    /**
     * Gradient of the cross-entropy by the logits, times a factor.
     *
     * @param gradient receives it from {@code offset} on; one value for each logit
     */
    public static void crossEntropyGradient(
            float[] logits, int label, double factor, float[] gradient, int offset) {
        double total = logSumExp(logits);
        for (int k = 0; k < logits.length; k++) {
            double softmax = Math.exp(logits[k] - total);
            gradient[offset + k] = (float) (factor * (softmax - (k == label ? 1 : 0)));
        }
    }
}
