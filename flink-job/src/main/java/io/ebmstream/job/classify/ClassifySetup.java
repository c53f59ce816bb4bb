package io.ebmstream.job.classify;

import io.ebmstream.ops.defense.EotMean;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How images are classified behind the purifier.
 *
 * @param source the classifier
 * @param replicates R, purifications of an image that vote, at least 1
 * @param mean how their logits become one answer
 * @param names of the classes, in their order; none where they have none
 */
public record ClassifySetup(
        ClassifierSource source, int replicates, EotMean mean, ArrayList<String> names)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if there is no replicate
     */
    public ClassifySetup {
        if (replicates < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 replicate, found " + replicates);
        }
        names = new ArrayList<>(names);
    }

    /** With names in any list. */
    public static ClassifySetup of(
            ClassifierSource source, int replicates, EotMean mean, List<String> names) {
        return new ClassifySetup(source, replicates, mean, new ArrayList<>(names));
    }

    /**
     * Name of a class; null where it has none.
     *
     * @param label from 0
     */
    public String name(int label) {
        return label < names.size() ? names.get(label) : null;
    }
}
