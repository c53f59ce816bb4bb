package io.ebmstream.job.board;

import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmExample;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The last alarms with pictures of the images that they name. An alarm has their ids only; where
 * they lie is known from the records of the purified ones, which come before or after it. Not
 * thread-safe.
 */
final class BoardAlarms {
    /** Alarms that are kept. */
    static final int ALARMS = BoardState.LINES;

    /** Examples of an alarm that are kept, the most telling ones. */
    static final int EXAMPLES = 6;

    /** Purified images whose places are known, the last ones: some megabytes. */
    static final int PLACES = 32_768;

    /** An image of a stream. */
    private record Key(String stream, String image) {}

    private static final class Example {
        private final Key key;
        private final AlarmExample record;
        private boolean found;
        private long picture;
        private byte[] png;

        private Example(Key key, AlarmExample record) {
            this.key = key;
            this.record = record;
        }
    }

    private record Raised(Alarm record, long time, List<Example> examples) {}

    private final Deque<Raised> alarms = new ArrayDeque<>();
    private final Deque<ImagePlace> found = new ArrayDeque<>();
    private final Map<Key, ImagePlace> places =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, ImagePlace> eldest) {
                    return size() > PLACES;
                }
            };
    private long pictures;

    /** Takes an alarm; one of the same identity is replaced, as after a failure it comes again. */
    void add(Alarm alarm, long time) {
        alarms.removeIf(a -> a.record().getAlarmId().equals(alarm.getAlarmId()));
        List<Example> examples =
                alarm.getExamples().stream()
                        .limit(EXAMPLES)
                        .map(e -> new Example(key(alarm.getStreamId(), e.getImageId()), e))
                        .toList();
        BoardState.add(alarms, new Raised(alarm, time, examples), ALARMS);
        for (Example example : examples) {
            find(example, places.get(example.key));
        }
    }

    /** Notes where the input of a purified image lies. */
    void purified(PurifiedImage image) {
        if (image.getSourcePartition() < 0 || image.getSourceOffset() < 0) {
            return;
        }
        Key key = key(image.getStreamId(), image.getImageId());
        ImagePlace place = ImagePlace.of(image);
        places.put(key, place);
        examples(e -> e.key.equals(key)).forEach(e -> find(e, place));
    }

    private void find(Example example, ImagePlace place) {
        if (place != null && !example.found) {
            example.found = true;
            found.addLast(place);
        }
    }

    /** Next place of an example that is to be read, each once; null for none. */
    ImagePlace toRead() {
        return found.pollFirst();
    }

    /**
     * Takes an example's picture.
     *
     * @param png a PNG file
     * @return whether an alarm wants it still
     */
    boolean picture(ImagePlace place, byte[] png) {
        Key key = key(place.stream(), place.image());
        List<Example> wanting = examples(e -> e.key.equals(key)).toList();
        if (!wanting.isEmpty()) {
            pictures++;
        }
        for (Example example : wanting) {
            example.picture = pictures;
            example.png = png;
        }
        return !wanting.isEmpty();
    }

    /** A picture as a PNG file. */
    Optional<byte[]> picture(long id) {
        return examples(e -> e.png != null && e.picture == id).findFirst().map(e -> e.png);
    }

    private Stream<Example> examples(Predicate<Example> which) {
        return alarms.stream().flatMap(a -> a.examples().stream()).filter(which);
    }

    /** What the page is told, the newest first. */
    List<BoardView.Alarm> view() {
        return BoardState.newestFirst(alarms).stream().map(BoardAlarms::view).toList();
    }

    private static BoardView.Alarm view(Raised raised) {
        Alarm alarm = raised.record();
        return new BoardView.Alarm(
                BoardState.cut(alarm.getAlarmId()),
                BoardState.cut(alarm.getStreamId()),
                alarm.getKind().name().toLowerCase(Locale.ROOT),
                raised.time(),
                BoardState.text(alarm.getModelVersion()),
                alarm.getWindowStart(),
                alarm.getWindowEnd(),
                alarm.getWindowCount(),
                Bucket.rounded(alarm.getStatistic()),
                rounded(alarm.getThreshold()),
                rounded(alarm.getRunLength()),
                rounded(alarm.getPValue()),
                BoardState.cut(alarm.getMessage()),
                raised.examples().stream().map(BoardAlarms::view).toList());
    }

    private static BoardView.Example view(Example example) {
        return new BoardView.Example(
                BoardState.cut(example.record.getImageId()),
                example.record.getEventTime(),
                Bucket.rounded(example.record.getEnergy()),
                rounded(example.record.getCalibratedEnergy()),
                example.png == null ? null : example.picture);
    }

    private static Double rounded(Double value) {
        return value == null ? null : Bucket.rounded(value);
    }

    private static Key key(String stream, String image) {
        return new Key(BoardState.cut(stream), BoardState.cut(image));
    }
}
