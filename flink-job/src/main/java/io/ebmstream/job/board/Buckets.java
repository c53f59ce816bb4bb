package io.ebmstream.job.board;

import java.util.List;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * The last buckets of a series, a bounded number of them. What comes late goes to its own bucket as
 * long as that is kept. Not thread-safe.
 */
final class Buckets<B extends Bucket> {
    private final long width;
    private final int capacity;
    private final LongFunction<B> make;
    private final TreeMap<Long, B> kept = new TreeMap<>();

    /**
     * @param width length of a bucket, milliseconds
     * @param capacity buckets to keep
     * @param make an empty bucket of a beginning
     */
    Buckets(long width, int capacity, LongFunction<B> make) {
        this.width = width;
        this.capacity = capacity;
        this.make = make;
    }

    /**
     * The bucket of a time.
     *
     * @param millis milliseconds since 1970-01-01 UTC
     * @return null if it lies before all that are kept, and there is no room
     */
    B at(long millis) {
        long start = Math.floorDiv(millis, width) * width;
        if (kept.size() == capacity && start < kept.firstKey()) {
            return null;
        }
        B bucket = kept.computeIfAbsent(start, make::apply);
        if (kept.size() > capacity) {
            kept.pollFirstEntry();
        }
        return bucket;
    }

    /** Points of those that changed after a change's number, in the order of time. */
    List<List<Double>> since(long number) {
        return kept.values().stream().filter(b -> b.changed() > number).map(Bucket::row).toList();
    }

    /** Beginning of the last one; {@link Long#MIN_VALUE} if there is none. */
    long last() {
        return kept.isEmpty() ? Long.MIN_VALUE : kept.lastKey();
    }
}
