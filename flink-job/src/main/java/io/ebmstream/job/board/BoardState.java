package io.ebmstream.job.board;

import io.ebmstream.ops.diagnostics.SplitRhat;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the board knows of a job: a bounded amount, whatever comes. It asks no clock and no broker:
 * every record comes with its time. Thread-safe.
 */
final class BoardState {
    /** Points of a chart. */
    static final int POINTS = 600;

    /** Streams that are kept apart. */
    static final int STREAMS = 12;

    /** Shards of the learner that are kept apart. */
    static final int SHARDS = 8;

    /** Pairs of pictures. */
    static final int PAIRS = 12;

    /** Versions; one picture of chains each. */
    static final int VERSIONS = Board.VERSIONS;

    /** Alarms, orders and dead letters, of each. */
    static final int LINES = 30;

    /** Updates whose d goes into R-hat. */
    static final int RHAT_UPDATES = 128;

    /** Updates without which there is no R-hat. */
    static final int RHAT_LEAST = 32;

    /** Time between two pairs of a stream. */
    static final long PAIR_EVERY_MILLIS = 1_000;

    /** Longest text of a record that is kept, characters. */
    private static final int TEXT = 1_000;

    private final String model;
    private final long historyMillis;
    private final boolean control;
    private final long width;

    private long number;
    private long topicsChanged;
    private long otherChanged;
    private long pairsChanged;
    private String problem = "";
    private final Map<String, TopicCount> topics = new LinkedHashMap<>();
    private final Buckets<FlowBucket> flow;
    private final Map<String, StreamSeries> streams = new TreeMap<>();
    private boolean streamsLeftOut;
    private final Map<Integer, LearnerSeries> learners = new TreeMap<>();
    private final TreeMap<ModelVersion, Published> versions = new TreeMap<>(ORDER);
    private final Deque<Pictured> pairs = new ArrayDeque<>();
    private long pairIds;
    private final BoardAlarms alarms = new BoardAlarms();
    private long alarmsChanged;
    private final OrderLog orders = new OrderLog();
    private long deadLetters;
    private final Deque<BoardView.DeadLetter> letters = new ArrayDeque<>();

    private static final Comparator<ModelVersion> ORDER =
            Comparator.comparingLong(ModelVersion::getEpoch)
                    .thenComparingLong(ModelVersion::getCounter);

    /**
     * @param model name of the model; records of others are passed by
     * @param historyMillis how far back charts go, at least {@value #POINTS} ms
     * @param control whether the page can give orders
     */
    BoardState(String model, long historyMillis, boolean control) {
        if (historyMillis < POINTS) {
            throw new IllegalArgumentException(
                    "expected a history of at least " + POINTS + " ms, found " + historyMillis);
        }
        this.model = model;
        this.historyMillis = historyMillis;
        this.control = control;
        this.width = historyMillis / POINTS;
        this.flow = new Buckets<>(width, POINTS, start -> new FlowBucket(start, width));
    }

    private static final class TopicCount {
        private final String role;
        private final String name;
        private boolean fresh = true;
        private boolean there;
        private long records;
        private long unreadable;
        private long last;

        private TopicCount(String role, String name) {
            this.role = role;
            this.name = name;
        }
    }

    private final class StreamSeries {
        private final Buckets<EnergyBucket> energies =
                new Buckets<>(width, POINTS, EnergyBucket::new);
        private String version;
        private long images;
        private long last;
        private long changed;
        private long lastPair = Long.MIN_VALUE / 2;
    }

    private final class LearnerSeries {
        private final Buckets<LearnerBucket> points =
                new Buckets<>(width, POINTS, LearnerBucket::new);
        private final Deque<Double> differences = new ArrayDeque<>();
        private LearnerDiagnostics last;
        private String event;
        private long changed;
    }

    private record Published(BoardView.Version view, byte[] grid) {}

    private record Pictured(BoardView.Pair view, byte[] input, byte[] purified) {}

    /** Says which topics there are to read, in the order in which they are shown. */
    synchronized void topic(String role, String name, boolean there) {
        TopicCount topic = topics.computeIfAbsent(name, n -> new TopicCount(role, n));
        if (topic.there != there || topic.fresh) {
            topic.there = there;
            topic.fresh = false;
            topicsChanged = ++number;
        }
    }

    /** Notes a record of a topic, one that could be decoded or not. */
    synchronized void read(String name, long time, boolean readable) {
        TopicCount topic = topics.get(name);
        if (topic == null) {
            return;
        }
        topic.records++;
        topic.unreadable += readable ? 0 : 1;
        topic.last = Math.max(topic.last, time);
        topicsChanged = ++number;
    }

    /** Says why nothing is read; empty for nothing. */
    synchronized void problem(String text) {
        if (!problem.equals(text)) {
            problem = cut(text);
            otherChanged = ++number;
        }
    }

    synchronized void purified(PurifiedImage image, long time) {
        if (!model.equals(image.getModel())) {
            return;
        }
        alarms.purified(image);
        FlowBucket bucket = flow.at(time);
        if (bucket != null) {
            bucket.add(Math.max(0, time - image.getEventTime()));
            bucket.changed(++number);
        }
        StreamSeries stream = stream(image.getStreamId(), time);
        if (stream != null) {
            stream.images++;
            stream.version = text(image.getModelVersion());
            stream.last = Math.max(stream.last, time);
            stream.changed = ++number;
        }
    }

    /** Whether a picture of this image is wanted: now and then one of each stream. */
    synchronized boolean wanted(PurifiedImage image, long time) {
        if (!model.equals(image.getModel())) {
            return false;
        }
        StreamSeries stream = streams.get(cut(image.getStreamId()));
        if (stream == null || time - stream.lastPair < PAIR_EVERY_MILLIS) {
            return false;
        }
        stream.lastPair = time;
        return true;
    }

    /**
     * Adds a pair of pictures.
     *
     * @param image the record
     * @param time its time
     * @param input the input as a PNG file; null if it is not at hand
     * @param purified the output as a PNG file
     */
    synchronized void pair(PurifiedImage image, long time, byte[] input, byte[] purified) {
        String predicted =
                image.getPredictedName() != null
                        ? cut(image.getPredictedName())
                        : image.getPredictedLabel() == null
                                ? null
                                : String.valueOf(image.getPredictedLabel());
        BoardView.Pair view =
                new BoardView.Pair(
                        ++pairIds,
                        cut(image.getStreamId()),
                        cut(image.getImageId()),
                        text(image.getModelVersion()),
                        Bucket.rounded(image.getEnergyBefore()),
                        Bucket.rounded(image.getEnergyAfter()),
                        Bucket.rounded(image.getDisplacement()),
                        image.getSteps(),
                        predicted,
                        input != null,
                        time);
        add(pairs, new Pictured(view, input, purified), PAIRS);
        pairsChanged = ++number;
    }

    /** A picture of a pair as a PNG file. */
    synchronized Optional<byte[]> picture(long id, boolean input) {
        return pairs.stream()
                .filter(p -> p.view().id() == id)
                .findFirst()
                .map(p -> input ? p.input() : p.purified());
    }

    synchronized void density(DensityReading reading, long time) {
        if (!model.equals(reading.getModel())) {
            return;
        }
        StreamSeries stream = stream(reading.getStreamId(), time);
        EnergyBucket bucket = stream == null ? null : stream.energies.at(time);
        if (bucket != null) {
            bucket.add(reading.getEnergy(), reading.getZScore(), reading.getCalibratedEnergy());
            bucket.changed(++number);
            stream.last = Math.max(stream.last, time);
            stream.changed = number;
        }
    }

    synchronized void diagnostics(LearnerDiagnostics record, long time) {
        int shard = record.getShard();
        if (!model.equals(record.getModel())
                || learners.size() >= SHARDS && !learners.containsKey(shard)) {
            return;
        }
        LearnerSeries learner = learners.computeIfAbsent(shard, s -> new LearnerSeries());
        LearnerBucket bucket = learner.points.at(time);
        if (bucket != null) {
            bucket.add(record);
            bucket.changed(++number);
        }
        learner.last = record;
        if (record.getEvent() != null) {
            learner.event = "update " + record.getUpdate() + ": " + cut(record.getEvent());
        }
        if (Double.isFinite(record.getEnergyDifference())) {
            add(learner.differences, record.getEnergyDifference(), RHAT_UPDATES);
        }
        learner.changed = ++number;
    }

    synchronized void manifest(SnapshotManifest manifest, long time) {
        if (!model.equals(manifest.getModel())) {
            return;
        }
        byte[] grid = null;
        if (manifest.getSampleGridPng() != null) {
            grid = new byte[manifest.getSampleGridPng().remaining()];
            manifest.getSampleGridPng().duplicate().get(grid);
        }
        BoardView.Version view =
                new BoardView.Version(
                        text(manifest.getVersion()),
                        manifest.getParent() == null ? null : text(manifest.getParent()),
                        time,
                        manifest.getProvenance().getUpdateCount(),
                        manifest.getProvenance().getImagesSeen(),
                        manifest.getTotalBytes(),
                        manifest.getMeanChainEnergy() == null
                                ? null
                                : Bucket.rounded(manifest.getMeanChainEnergy()),
                        grid != null);
        versions.put(manifest.getVersion(), new Published(view, grid));
        if (versions.size() > VERSIONS) {
            versions.pollFirstEntry();
        }
        otherChanged = ++number;
    }

    /** The chains of a version as a PNG file. */
    synchronized Optional<byte[]> grid(String version) {
        return versions.values().stream()
                .filter(p -> p.view().version().equals(version))
                .findFirst()
                .map(Published::grid);
    }

    synchronized void alarm(Alarm alarm, long time) {
        if (model.equals(alarm.getModel())) {
            alarms.add(alarm, time);
            alarmsChanged = ++number;
        }
    }

    /** Next place of an alarm's example that is to be read, each once; null for none. */
    synchronized ImagePlace exampleToRead() {
        return alarms.toRead();
    }

    /** Adds the picture of an alarm's example, a PNG file. */
    synchronized void example(ImagePlace place, byte[] png) {
        if (alarms.picture(place, png)) {
            alarmsChanged = ++number;
        }
    }

    /** The picture of an alarm's example as a PNG file. */
    synchronized Optional<byte[]> example(long id) {
        return alarms.picture(id);
    }

    /** An order that someone has given. */
    synchronized void command(ControlCommand command, long time) {
        if (model.equals(command.getModel())) {
            orders.command(command, time);
            otherChanged = ++number;
        }
    }

    /** An answer, or what a learner decided by itself. */
    synchronized void event(ControlEvent event, long time) {
        if (model.equals(event.getModel())) {
            orders.event(event, time);
            otherChanged = ++number;
        }
    }

    synchronized void deadLetter(String stage, String message, long time) {
        deadLetters++;
        add(letters, new BoardView.DeadLetter(time, cut(stage), cut(message)), LINES);
        otherChanged = ++number;
    }

    /**
     * What changed.
     *
     * @param since number of the view that the reader has; 0 for none
     * @param now time to put into it
     */
    synchronized BoardView since(long since, long now) {
        // whoever has nothing is told of empty lists as well
        boolean everything = since == 0;
        boolean other = everything || otherChanged > since;
        return new BoardView(
                number,
                now,
                model,
                historyMillis,
                width,
                control,
                problem,
                everything || topicsChanged > since
                        ? topics.values().stream().map(BoardState::view).toList()
                        : null,
                flow.since(since),
                streams.entrySet().stream()
                        .filter(e -> e.getValue().changed > since)
                        .map(e -> view(e.getKey(), e.getValue(), since))
                        .toList(),
                streamsLeftOut,
                learners.entrySet().stream()
                        .filter(e -> e.getValue().changed > since)
                        .map(e -> view(e.getKey(), e.getValue(), since))
                        .toList(),
                other
                        ? versions.descendingMap().values().stream().map(Published::view).toList()
                        : null,
                orders.pinned(),
                everything || pairsChanged > since
                        ? newestFirst(pairs).stream().map(Pictured::view).toList()
                        : null,
                everything || alarmsChanged > since ? alarms.view() : null,
                other ? orders.view() : null,
                other ? new BoardView.DeadLetters(deadLetters, newestFirst(letters)) : null);
    }

    /**
     * The series of a stream; null if there are too many. One that has been silent for longer than
     * charts go back makes room.
     */
    private StreamSeries stream(String id, long time) {
        String name = cut(id);
        StreamSeries found = streams.get(name);
        if (found != null) {
            return found;
        }
        if (streams.size() >= STREAMS
                && !streams.values().removeIf(s -> s.last < time - historyMillis)) {
            if (!streamsLeftOut) {
                streamsLeftOut = true;
                otherChanged = ++number;
            }
            return null;
        }
        StreamSeries made = new StreamSeries();
        made.last = time;
        streams.put(name, made);
        return made;
    }

    private static BoardView.Topic view(TopicCount t) {
        return new BoardView.Topic(t.role, t.name, t.there, t.records, t.unreadable, t.last);
    }

    private static BoardView.Stream view(String name, StreamSeries s, long since) {
        return new BoardView.Stream(name, s.version, s.images, s.last, s.energies.since(since));
    }

    private static BoardView.Learner view(int shard, LearnerSeries s, long since) {
        LearnerDiagnostics last = s.last;
        return new BoardView.Learner(
                shard,
                last.getUpdate(),
                last.getImagesSeen(),
                last.getReplayCount(),
                last.getRejuvenated(),
                last.getChainCount(),
                last.getSteps(),
                Bucket.rounded(last.getLearningRate()),
                Bucket.rounded(last.getUpdateMillis()),
                cut(last.getExecutor() + " " + last.getPrecision()),
                last.getAttempt(),
                rhat(s.differences),
                s.differences.size(),
                last.getChainAge(),
                last.getOldestChain(),
                s.event,
                s.points.since(since));
    }

    private static Double rhat(Deque<Double> differences) {
        if (differences.size() < RHAT_LEAST) {
            return null;
        }
        double[] draws = differences.stream().mapToDouble(Double::doubleValue).toArray();
        return Bucket.rounded(SplitRhat.of(new double[][] {draws}));
    }

    /** A version as people write it. */
    static String text(ModelVersion version) {
        return version.getEpoch() + "." + version.getCounter();
    }

    /** A text of a record, of bounded length. */
    static String cut(String text) {
        return text.length() <= TEXT ? text : text.substring(0, TEXT) + "..";
    }

    /** Adds a line at the cost of the oldest where there are too many. */
    static <T> void add(Deque<T> lines, T line, int most) {
        lines.addLast(line);
        if (lines.size() > most) {
            lines.removeFirst();
        }
    }

    static <T> List<T> newestFirst(Deque<T> lines) {
        List<T> list = new ArrayList<>(lines.size());
        lines.descendingIterator().forEachRemaining(list::add);
        return list;
    }
}
