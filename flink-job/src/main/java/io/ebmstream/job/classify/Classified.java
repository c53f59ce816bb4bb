package io.ebmstream.job.classify;

/**
 * What an image's purifications say together.
 *
 * @param label class with the largest value
 * @param name its name; null where it has none
 * @param logits one value for each class
 * @param margin (most votes - votes of the runner-up) / replicates, in [0, 1]
 * @param replicates purifications that voted
 * @param classifierHash SHA-256 of the classifier's file
 */
public record Classified(
        int label,
        String name,
        float[] logits,
        double margin,
        int replicates,
        String classifierHash) {}
