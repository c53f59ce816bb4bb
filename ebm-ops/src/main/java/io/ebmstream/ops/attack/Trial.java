package io.ebmstream.ops.attack;

import java.util.List;

/**
 * One row of a robustness report: something that is done to images and judged image by image. An
 * image's verdict does not depend on the images beside it. One caller at a time.
 */
public interface Trial {
    /** Name in reports and files: lower case, without commas. */
    String name();

    /** Steps of its attack, 0 for none. */
    int steps();

    /**
     * Tries some images.
     *
     * @param listener told about steps; ends the trial by false
     * @return a verdict for each image, in order, or null if the listener ended it
     */
    List<Verdict> run(TrialImages images, EotAttack.Listener listener);
}
