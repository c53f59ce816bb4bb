package io.ebmstream.job.demo;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What a demo did; {@code summary.json}. Counts are those of a {@code read_committed} reader.
 * Numbers that need something that never happened, such as an update, are null.
 *
 * @param imagesFed all records fed, broken ones included
 * @param imagesPurified purified images
 * @param deadLetters dead letters
 * @param badInputsFed broken records fed
 * @param deadLettersIntact dead letters that hold a broken input's very bytes
 * @param densityReadings density readings
 * @param alarms drift alarms
 * @param updates learner updates
 * @param snapshots snapshots
 * @param lastVersion version of the last snapshot, epoch.counter; null for none
 * @param snapshotVerified whether the last snapshot was read back and every hash was right
 * @param executor executor that computed
 * @param precision number format it computed in
 * @param imgStepsPerSecond Langevin steps times images a second, learner and purifier together,
 *     from the end of the warm-up to the last output
 * @param purifyLatencyMsP50 median time from sending an image to its purified one in Kafka, ms; the
 *     first micro-batch, on which the job warms up, is left out
 * @param purifyLatencyMsP99 the same, 99th percentile, ms
 * @param energyDifference d of the last update
 * @param gradientMagnitude r of the last update, pixel units of [-1, 1]
 * @param mseCorrupted mean squared error of corrupted images against the clean ones, units of [-1,
 *     1], over the last quarter of the feed
 * @param msePurified the same images after purification
 * @param mseImages number of those images
 * @param mseByCorruption the same for each kind of damage
 * @param restarts restarts of the job
 * @param wallSeconds time from start to end, s
 * @param interrupted whether Ctrl-C ended it
 * @param complete whether everything that was fed came out
 * @param seed seed of everything
 * @param images where the images came from
 * @param shape shape of an image, channels x height x width
 * @param drift what became of a change of the feed; null where it did not change
 * @param alarmsRaised the drift alarms in their order
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DemoSummary(
        long imagesFed,
        long imagesPurified,
        long deadLetters,
        long badInputsFed,
        long deadLettersIntact,
        long densityReadings,
        long alarms,
        long updates,
        long snapshots,
        String lastVersion,
        boolean snapshotVerified,
        String executor,
        String precision,
        Double imgStepsPerSecond,
        Double purifyLatencyMsP50,
        Double purifyLatencyMsP99,
        Double energyDifference,
        Double gradientMagnitude,
        Double mseCorrupted,
        Double msePurified,
        long mseImages,
        List<Mse> mseByCorruption,
        long restarts,
        double wallSeconds,
        boolean interrupted,
        boolean complete,
        long seed,
        String images,
        String shape,
        Drift drift,
        List<Raised> alarmsRaised) {

    /**
     * A change of the feed, half-way.
     *
     * @param images where the other images came from
     * @param from place of the first of them
     * @param alarmsBefore alarms that images before it raised: false ones
     * @param alarmsAfter alarms that later images raised
     * @param delay images from the change to the first of these alarms; null for none
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Drift(
            String images, long from, long alarmsBefore, long alarmsAfter, Long delay) {}

    /**
     * A drift alarm.
     *
     * @param stream stream that it is about
     * @param kind whether its energies rose or fell
     * @param image place of the image that raised it
     * @param version version of the model, epoch.counter
     * @param window images in the window
     * @param statistic cumulative sum, in standard deviations of a block
     * @param threshold what it exceeded
     * @param pValue probability of such a window without a change
     * @param message for a person
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Raised(
            String stream,
            String kind,
            long image,
            String version,
            long window,
            double statistic,
            Double threshold,
            Double pValue,
            String message) {}

    /**
     * Mean squared errors of one kind of damage over the last quarter of the feed.
     *
     * @param corruption what was done to the images; "none" for nothing
     * @param images number of images
     * @param sent of the images as sent against the clean ones
     * @param purified of the purified ones against the clean ones
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Mse(String corruption, long images, double sent, double purified) {}
}
