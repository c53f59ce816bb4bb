package io.ebmstream.job.board;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What the page is told: everything, or what changed since. Parts that did not change are null and
 * left out; points of a chart replace those of the same time. Times are milliseconds since
 * 1970-01-01 UTC, those of points seconds.
 *
 * @param number of the last change in it
 * @param now when it was made
 * @param model name of the job's model
 * @param historyMillis how far back charts go
 * @param bucketMillis time that one point stands for
 * @param control whether orders can be given
 * @param problem why nothing is read at the moment; empty for nothing
 * @param topics what is read
 * @param flow points: images a second, median latency, 99 % latency (s)
 * @param streams by name; with all points, or the new ones
 * @param streamsLeftOut whether there are more streams than are shown
 * @param learners by shard
 * @param versions the last ones published, the newest first
 * @param pinned version that was pinned; null for none
 * @param pairs the last images with what became of them, the newest first
 * @param alarms the newest first
 * @param orders orders and events, the newest first
 * @param deadLetters inputs that could not be read
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record BoardView(
        long number,
        long now,
        String model,
        long historyMillis,
        long bucketMillis,
        boolean control,
        String problem,
        List<Topic> topics,
        List<List<Double>> flow,
        List<Stream> streams,
        boolean streamsLeftOut,
        List<Learner> learners,
        List<Version> versions,
        @JsonInclude(JsonInclude.Include.ALWAYS) String pinned,
        List<Pair> pairs,
        List<Alarm> alarms,
        List<Order> orders,
        DeadLetters deadLetters) {

    /**
     * @param role what is in it
     * @param name its name at the broker
     * @param there whether the broker has it
     * @param records records read
     * @param unreadable of those, the ones that could not be decoded
     * @param last time of the newest record; 0 for none
     */
    record Topic(
            String role, String name, boolean there, long records, long unreadable, long last) {}

    /**
     * @param name the stream's id
     * @param version version that purified its last image; null for none
     * @param images images purified that were seen
     * @param last time of its last record
     * @param points quantiles 0.05, 0.5, 0.95 of U/T, mean z-score, number of readings, mean
     *     calibrated energy
     */
    record Stream(String name, String version, long images, long last, List<List<Double>> points) {}

    /**
     * @param shard number of the shard
     * @param update number of its last update
     * @param images images that it has taken in
     * @param replay images in its replay buffer
     * @param restarted chains of the last batch that restarted
     * @param chains chains of the batch
     * @param steps Langevin steps of each
     * @param rate learning rate
     * @param updateMillis compute time of the last update
     * @param executor what computes, and in which precision
     * @param attempt attempt number of its task
     * @param rhat split R-hat of d over the last updates; null while they are too few
     * @param rhatUpdates those updates
     * @param age median of the updates that the bank's chains have been through; null without bank
     * @param oldest those of the oldest chain; null without bank
     * @param event what was out of the ordinary last; null for nothing
     * @param points d, r, rho, U/T of data and of chains, img-steps a second, last update
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Learner(
            int shard,
            long update,
            long images,
            int replay,
            int restarted,
            int chains,
            int steps,
            Double rate,
            Double updateMillis,
            String executor,
            int attempt,
            Double rhat,
            int rhatUpdates,
            Integer age,
            Integer oldest,
            String event,
            List<List<Double>> points) {}

    /**
     * @param version epoch.counter
     * @param parent what it was learned on from; null for the first
     * @param time when it was published
     * @param updates updates that its weights went through
     * @param images images learned from
     * @param bytes of its tensors
     * @param chainEnergy mean U/T of its chains; null for none
     * @param grid whether there is a picture of its chains
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Version(
            String version,
            String parent,
            long time,
            long updates,
            long images,
            long bytes,
            Double chainEnergy,
            boolean grid) {}

    /**
     * @param id names its pictures
     * @param stream the image's stream
     * @param image the image's id
     * @param version version that purified it
     * @param before U/T of the input
     * @param after U/T of the output
     * @param moved distance between them, pixels in [-1, 1]
     * @param steps Langevin steps
     * @param predicted class by vote; null where images are not classified
     * @param input whether there is a picture of the input
     * @param time when it was purified
     */
    record Pair(
            long id,
            String stream,
            String image,
            String version,
            Double before,
            Double after,
            Double moved,
            int steps,
            String predicted,
            boolean input,
            long time) {}

    /**
     * @param id its identity
     * @param stream the stream concerned; empty where it is about a model
     * @param kind what happened
     * @param time when it was written
     * @param version version concerned
     * @param windowStart event time of the first image of the window that was tested
     * @param windowEnd event time of the last one
     * @param windowCount images of the window; 0 where it is about no images
     * @param statistic value of the test's statistic
     * @param threshold what the statistic exceeded; null where the test has none
     * @param runLength images expected between two false alarms of a stream; null for none
     * @param p probability of a statistic at least as extreme without a change; null for none
     * @param message for a person
     * @param examples some images of the window, the most telling first
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Alarm(
            String id,
            String stream,
            String kind,
            long time,
            String version,
            long windowStart,
            long windowEnd,
            long windowCount,
            Double statistic,
            Double threshold,
            Double runLength,
            Double p,
            String message,
            List<Example> examples) {}

    /**
     * @param image the image's id
     * @param time when it was made
     * @param energy U/T
     * @param calibrated energy in units of the anchors' spread; null where there are none
     * @param picture names its picture; null as long as there is none
     */
    record Example(String image, long time, Double energy, Double calibrated, Long picture) {}

    /**
     * An order with its answer, an order that waits for one, or what the job decided by itself.
     *
     * @param id identity of the order; empty for none
     * @param order what was ordered, with its version; empty where nobody ordered it
     * @param answer what became of it; empty while it waits
     * @param time when it was given or, if answered, answered
     * @param version version published last after it; null while it waits
     * @param reason why it was given
     * @param message what the job says
     */
    record Order(
            String id,
            String order,
            String answer,
            long time,
            String version,
            String reason,
            String message) {}

    /**
     * @param count dead letters seen
     * @param last the newest first
     */
    record DeadLetters(long count, List<DeadLetter> last) {}

    /**
     * @param time when it was written
     * @param stage step of the job that could not go on
     * @param message what was expected and found
     */
    record DeadLetter(long time, String stage, String message) {}
}
