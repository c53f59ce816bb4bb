package io.ebmstream.ops.defense;

import io.ebmstream.ops.classifier.Logits;
import java.util.Arrays;
import java.util.Locale;

/**
 * How the logits z_1 .. z_R of an image's R purifications become one answer m (expectation over
 * transformation, Hill, Mitchell, Zhu 2021, section 2):
 *
 * <pre>
 * logits       m = mean of z_r
 * softmax      m = mean of softmax(z_r)
 * log-softmax  m = mean of log-softmax(z_r); gives the label that logits gives
 * </pre>
 */
public enum EotMean {
    LOGITS,
    SOFTMAX,
    LOG_SOFTMAX;

    /** In lower case, with a hyphen: {@code log-softmax}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The mean over rows.
     *
     * @param logits rows {@code from} to {@code from + count - 1} are taken
     * @param mean receives m
     */
    public void combine(float[][] logits, int from, int count, float[] mean) {
        double[] sum = new double[mean.length];
        for (int r = from; r < from + count; r++) {
            double total = this == LOGITS ? 0 : Logits.logSumExp(logits[r]);
            for (int k = 0; k < sum.length; k++) {
                double value = logits[r][k] - total;
                sum[k] += this == SOFTMAX ? Math.exp(value) : value;
            }
        }
        for (int k = 0; k < sum.length; k++) {
            mean[k] = (float) (sum[k] / count);
        }
    }

    /**
     * Gradient of the loss -log P(label) by every z_r, where P is softmax(m) for means of logits
     * and log-softmax, and m itself for means of softmax.
     *
     * @param logits rows {@code from} to {@code from + count - 1} are taken
     * @param gradient receives a row for each, in the same places
     * @return the loss, in nats
     */
    public double lossGradient(
            float[][] logits, int from, int count, int label, float[][] gradient) {
        float[] mean = new float[logits[from].length];
        combine(logits, from, count, mean);
        if (this != SOFTMAX) {
            // log-softmax takes a constant from each row only, which softmax(m) does not see
            float[] row = gradient[from];
            Logits.crossEntropyGradient(mean, label, 1.0 / count, row, 0);
            for (int r = from + 1; r < from + count; r++) {
                System.arraycopy(row, 0, gradient[r], 0, row.length);
            }
            return Logits.crossEntropy(mean, label);
        }
        // weights p_r / sum p_r in logarithms: all p_r may be too small for a number
        double[] log = new double[count];
        for (int r = 0; r < count; r++) {
            log[r] = -Logits.crossEntropy(logits[from + r], label);
        }
        double largest = Arrays.stream(log).max().orElseThrow();
        double sum = 0;
        for (double value : log) {
            sum += Math.exp(value - largest);
        }
        for (int r = 0; r < count; r++) {
            double weight = Math.exp(log[r] - largest) / sum;
            Logits.crossEntropyGradient(logits[from + r], label, weight, gradient[from + r], 0);
        }
        return -(largest + Math.log(sum / count));
    }
}
