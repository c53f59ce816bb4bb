package io.ebmstream.job.replay;

import java.util.Comparator;

/**
 * Where an image lies in the images' topic.
 *
 * @param partition its partition
 * @param offset its offset there
 */
record InputPlace(int partition, long offset) implements Comparable<InputPlace> {
    private static final Comparator<InputPlace> ORDER =
            Comparator.comparingInt(InputPlace::partition).thenComparingLong(InputPlace::offset);

    @Override
    public int compareTo(InputPlace other) {
        return ORDER.compare(this, other);
    }
}
