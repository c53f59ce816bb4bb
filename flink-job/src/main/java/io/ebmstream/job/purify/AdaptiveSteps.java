package io.ebmstream.job.purify;

import java.io.Serializable;

/**
 * Fewer Langevin steps while images back up, so that a feed is followed at less quality rather than
 * later and later. K of a micro-batch falls in proportion from the configured one, as long as no
 * more than the batch itself waits, to a least one where the queue is full:
 *
 * <pre>K = K_max - (K_max - K_min) (waiting - batch) / (queue - batch)</pre>
 *
 * <p>A queue that stays full is a feed faster than the purifier: it is served with K_min. What K an
 * image met depends on the load, so results repeat by what their records say, not by the input
 * alone.
 *
 * @param least K_min, at least 0
 * @param batch images in a micro-batch, at least 1
 * @param queue images that may wait, at least {@code batch}
 */
public record AdaptiveSteps(int least, int batch, int queue) implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public AdaptiveSteps {
        if (least < 0 || batch < 1 || queue < batch) {
            throw new IllegalArgumentException(
                    "expected at least 0 steps, a batch of at least 1 and a queue of at least the"
                            + " batch, found "
                            + least
                            + ", "
                            + batch
                            + ", "
                            + queue);
        }
    }

    /**
     * K of a micro-batch.
     *
     * @param most K where nothing backs up
     * @param waiting images that wait, those of the micro-batch among them
     */
    public int steps(int most, int waiting) {
        if (most <= least || waiting <= batch) {
            return most;
        }
        if (waiting >= queue) {
            return least;
        }
        return most - (int) ((long) (most - least) * (waiting - batch) / (queue - batch));
    }
}
