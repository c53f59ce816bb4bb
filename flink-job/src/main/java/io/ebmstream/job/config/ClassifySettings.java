package io.ebmstream.job.config;

import io.ebmstream.job.classify.ClassifierSource;
import io.ebmstream.job.classify.ClassifySetup;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.onnx.OnnxInput;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * Classification behind the purifier.
 *
 * @param file the classifier; empty where images are not classified
 * @param replicates purifications of an image that vote
 * @param mean how their logits become one answer
 * @param labels names of the classes with commas between them, or empty
 * @param layout how an ONNX model takes images
 * @param range pixels that it takes
 * @param means numbers that it wants subtracted, or empty
 * @param deviations numbers that it wants divided by, or empty
 * @param stopRound replicates of a round after which a vote may end; 0 for never
 * @param stopMargin margin of votes that ends it; 0 for only where it cannot change
 */
public record ClassifySettings(
        String file,
        int replicates,
        EotMean mean,
        String labels,
        String layout,
        String range,
        String means,
        String deviations,
        int stopRound,
        double stopMargin)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * What the purifier needs to know; null where images are not classified.
     *
     * @throws IllegalArgumentException if values cannot be read
     */
    public ClassifySetup toSetup() {
        if (file.isEmpty()) {
            return null;
        }
        OnnxInput.parse(layout, range, means, deviations);
        List<String> names =
                labels.isBlank()
                        ? List.of()
                        : Arrays.stream(labels.split(",")).map(String::trim).toList();
        return ClassifySetup.of(
                        new ClassifierSource(file, layout, range, means, deviations),
                        replicates,
                        mean,
                        names)
                .withStop(stopRound, stopMargin);
    }
}
