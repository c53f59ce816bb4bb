package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.Proportion;
import java.util.List;
import java.util.function.Predicate;

/**
 * The verdicts of one trial on all images.
 *
 * @param name name of the trial
 * @param steps steps of its attack
 * @param submissions N, submissions of what stood
 * @param verdicts at least 1
 */
public record TrialResult(String name, int steps, int submissions, List<Verdict> verdicts) {
    public TrialResult {
        verdicts = List.copyOf(verdicts);
    }

    /** Share that was classified rightly. */
    public Proportion accuracy() {
        return share(Verdict::right);
    }

    /** Share that was answered rightly in each of the first n submissions. */
    public Proportion worstOf(int n) {
        return share(verdict -> verdict.survived() >= n);
    }

    /** Share that was not broken by the first {@code step} steps. */
    public Proportion standingAfter(int step) {
        return share(
                verdict -> verdict.brokenAt() == AttackOutcome.STANDS || verdict.brokenAt() > step);
    }

    /** Mean Langevin steps of a purification in the last answers; NaN without any. */
    public double meanSteps() {
        return verdicts.stream().mapToDouble(Verdict::steps).average().orElse(Double.NaN);
    }

    /** Mean number of purifications that voted in the last answers; NaN where none is known. */
    public double meanReplicates() {
        return verdicts.stream()
                .mapToInt(Verdict::replicates)
                .filter(count -> count > 0)
                .average()
                .orElse(Double.NaN);
    }

    private Proportion share(Predicate<Verdict> which) {
        return new Proportion((int) verdicts.stream().filter(which).count(), verdicts.size());
    }
}
