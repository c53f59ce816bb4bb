package io.ebmstream.job.config;

import java.io.Serializable;

/**
 * Several learners of one model.
 *
 * @param count S, at least 1; one alone averages nothing
 * @param averageEvery updates of each between two averages, at least 1
 * @param topic topic that averages take back to them
 */
public record ShardSettings(int count, int averageEvery, String topic) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Whether there is more than one. */
    public boolean several() {
        return count > 1;
    }
}
