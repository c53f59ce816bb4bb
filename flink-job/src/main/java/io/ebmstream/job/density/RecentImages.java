package io.ebmstream.job.density;

import io.ebmstream.schemas.avro.AlarmExample;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The last images that a stream's change detector saw, for an alarm to name some. A value; its
 * arrays are not to be changed.
 *
 * @param calibrated whether the detector sees calibrated energies; else z-scores within a version
 * @param imageIds ids, oldest first
 * @param eventTimes when they were made, milliseconds since 1970-01-01 UTC
 * @param energies U(x)/T
 * @param values what the detector saw
 */
public record RecentImages(
        boolean calibrated,
        String[] imageIds,
        long[] eventTimes,
        double[] energies,
        double[] values) {
    /** Images that are kept: those of the shortest window. */
    static final int KEPT = 16;

    /** Images that an alarm names. */
    static final int EXAMPLES = 5;

    /** No images yet. */
    public static RecentImages none(boolean calibrated) {
        return new RecentImages(
                calibrated, new String[0], new long[0], new double[0], new double[0]);
    }

    /** With one more, at the cost of the oldest. */
    public RecentImages with(EnergyPoint point, double value) {
        int from = Math.max(0, imageIds.length + 1 - KEPT);
        int size = imageIds.length + 1 - from;
        RecentImages next =
                new RecentImages(
                        calibrated,
                        Arrays.copyOfRange(imageIds, from, from + size),
                        Arrays.copyOfRange(eventTimes, from, from + size),
                        Arrays.copyOfRange(energies, from, from + size),
                        Arrays.copyOfRange(values, from, from + size));
        next.imageIds[size - 1] = point.imageId();
        next.eventTimes[size - 1] = point.eventTime();
        next.energies[size - 1] = point.energy();
        next.values[size - 1] = value;
        return next;
    }

    /** Those that are furthest out, that first. */
    List<AlarmExample> examples(boolean up) {
        Comparator<Integer> lowest = Comparator.comparingDouble(i -> values[i]);
        return IntStream.range(0, imageIds.length)
                .boxed()
                .sorted(up ? lowest.reversed() : lowest)
                .limit(EXAMPLES)
                .map(
                        i ->
                                AlarmExample.newBuilder()
                                        .setImageId(imageIds[i])
                                        .setEventTime(eventTimes[i])
                                        .setEnergy(energies[i])
                                        .setCalibratedEnergy(calibrated ? values[i] : null)
                                        .build())
                .toList();
    }
}
