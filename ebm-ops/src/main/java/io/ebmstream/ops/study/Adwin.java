package io.ebmstream.ops.study;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * ADWIN (Bifet, Gavalda 2007, "Learning from time-changing data with adaptive windowing"): a window
 * of recent numbers that is cut where its older and its newer part differ in mean by more than
 *
 * <pre>eps = sqrt( 2/m var ln(2 ln n / delta) ) + 2/(3 m) ln(2 ln n / delta),   1/m = 1/n0 + 1/n1
 * </pre>
 *
 * The window is kept in buckets of 1, 2, 4, .. numbers, at most 5 of a size, and cuts are looked
 * for between buckets every 32 numbers, as in the authors' program. Not thread-safe.
 */
public final class Adwin implements ChangeDetector {
    /** Usual confidence. */
    public static final double DELTA = 0.002;

    private static final int OF_A_SIZE = 5;
    private static final int EVERY = 32;
    private static final int LEAST_WINDOW = 10;
    private static final int LEAST_PART = 5;

    private final double delta;

    /** Rows of buckets of 1, 2, 4, .. numbers; in a row the oldest first. */
    private final List<Deque<Bucket>> rows = new ArrayList<>();

    private long time;
    private double count;
    private double sum;
    private double squares;

    /** Numbers that are kept together: how many, their sum and their squares' sum. */
    private record Bucket(double count, double sum, double squares) {
        Bucket with(Bucket other) {
            return new Bucket(count + other.count, sum + other.sum, squares + other.squares);
        }
    }

    /**
     * @param delta chance of a false cut, in (0, 1)
     */
    public Adwin(double delta) {
        this.delta = delta;
    }

    @Override
    public boolean observe(double value) {
        time++;
        add(new Bucket(1, value, value * value));
        boolean cut = false;
        if (time % EVERY == 0 && count > LEAST_WINDOW) {
            while (changed()) {
                drop();
                cut = true;
            }
        }
        return cut;
    }

    private void add(Bucket bucket) {
        count += bucket.count();
        sum += bucket.sum();
        squares += bucket.squares();
        Bucket carried = bucket;
        for (int size = 0; carried != null; size++) {
            if (size == rows.size()) {
                rows.add(new ArrayDeque<>());
            }
            Deque<Bucket> row = rows.get(size);
            row.addLast(carried);
            carried = row.size() > OF_A_SIZE ? row.removeFirst().with(row.removeFirst()) : null;
        }
    }

    /** Whether some cut parts two different means; from the oldest number on. */
    private boolean changed() {
        double variance = Math.max(0, squares / count - sum / count * (sum / count));
        double confidence = Math.log(2 * Math.log(count) / delta);
        double before = 0;
        double beforeSum = 0;
        for (int size = rows.size() - 1; size >= 0; size--) {
            for (Iterator<Bucket> row = rows.get(size).iterator(); row.hasNext(); ) {
                Bucket bucket = row.next();
                before += bucket.count();
                beforeSum += bucket.sum();
                double after = count - before;
                if (before < LEAST_PART || after < LEAST_PART) {
                    continue;
                }
                double inverse = 1 / before + 1 / after;
                double most =
                        Math.sqrt(2 * inverse * variance * confidence)
                                + 2.0 / 3 * inverse * confidence;
                if (Math.abs(beforeSum / before - (sum - beforeSum) / after) > most) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Forgets the oldest bucket. */
    private void drop() {
        int size = rows.size() - 1;
        while (rows.get(size).isEmpty()) {
            rows.remove(size--);
        }
        Bucket oldest = rows.get(size).removeFirst();
        count -= oldest.count();
        sum -= oldest.sum();
        squares -= oldest.squares();
    }
}
