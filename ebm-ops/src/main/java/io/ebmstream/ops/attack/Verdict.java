package io.ebmstream.ops.attack;

/**
 * What became of an image in a trial.
 *
 * @param image index of the image in its data set
 * @param right whether it was still classified rightly
 * @param brokenAt steps behind it at its break, {@link AttackOutcome#STANDS}, or {@link
 *     #WRONG_BEFORE} where the defense erred on the image as it was
 * @param survived how many submissions to independent defenses were answered rightly before the
 *     first wrong answer; 0 where {@code right} is false
 * @param margin of votes in the last answer, in [0, 1]; NaN without votes
 * @param steps mean Langevin steps of a purification in the last answer; NaN without any
 * @param replicates purifications that voted in the last answer; 0 without any, or not known
 */
public record Verdict(
        int image,
        boolean right,
        int brokenAt,
        int survived,
        double margin,
        double steps,
        int replicates) {
    /** In {@link #brokenAt}: the image was misclassified without an attack. */
    public static final int WRONG_BEFORE = -2;

    /** Of an answer without votes. */
    public Verdict(int image, boolean right, int brokenAt, int survived) {
        this(image, right, brokenAt, survived, Double.NaN, Double.NaN, 0);
    }
}
