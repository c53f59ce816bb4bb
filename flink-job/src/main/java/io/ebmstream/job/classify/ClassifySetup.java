package io.ebmstream.job.classify;

import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.VoteStop;
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
 * @param stopRound replicates after which a vote may end, and so on; 0 if all vote always
 * @param stopMargin margin of votes that ends it; 0 for only where those left cannot change it
 */
public record ClassifySetup(
        ClassifierSource source,
        int replicates,
        EotMean mean,
        ArrayList<String> names,
        int stopRound,
        double stopMargin)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if there is no replicate, or a vote could never end early
     */
    public ClassifySetup {
        if (replicates < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 replicate, found " + replicates);
        }
        names = new ArrayList<>(names);
        if (stopRound != 0) {
            new VoteStop(stopRound, stopMargin).check(mean);
        }
    }

    /** When a vote ends early; null for never. */
    public VoteStop stop() {
        return stopRound == 0 ? null : new VoteStop(stopRound, stopMargin);
    }

    /** The same with votes that may end early. */
    public ClassifySetup withStop(int round, double margin) {
        return new ClassifySetup(source, replicates, mean, names, round, margin);
    }

    /** With names in any list; all replicates vote. */
    public static ClassifySetup of(
            ClassifierSource source, int replicates, EotMean mean, List<String> names) {
        return new ClassifySetup(source, replicates, mean, new ArrayList<>(names), 0, 0);
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
