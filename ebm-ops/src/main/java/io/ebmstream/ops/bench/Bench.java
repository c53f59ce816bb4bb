package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Precision;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Measures one piece of work here, and peers on the same work where they are on the class path. */
public final class Bench {
    /** For each that takes part, where there is time. */
    private static final double WARM_UP_SECONDS = 1.5;

    private Bench() {}

    /** Peers on the class path. */
    public static List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        ServiceLoader.load(Peer.class).forEach(peers::add);
        return peers;
    }

    /**
     * Runs one measurement.
     *
     * @param peers who runs beside it
     * @param seconds how long to measure, above 0; building and warming up come on top
     * @param leftOut told what cannot run here, and why
     * @return the executor's row, then the peers', one for each of their layouts
     * @throws UnsupportedOperationException if the executor cannot run the network
     */
    public static List<BenchRow> run(
            BenchConfig config, List<Peer> peers, double seconds, Consumer<String> leftOut) {
        if (!(seconds > 0)) {
            throw new IllegalArgumentException("expected seconds above 0, found " + seconds);
        }
        List<Entry> entries = entries(List.of(config), peers);
        List<String> reasons = new ArrayList<>();
        List<BenchRow> rows =
                new BenchGroup(
                                config.work(),
                                config.name(),
                                config.network(),
                                config.batch(),
                                config.workers(),
                                reasons::add)
                        .run(entries, WARM_UP_SECONDS, seconds);
        if (rows.stream().noneMatch(r -> r.executor().equals(config.executor().name()))) {
            throw new UnsupportedOperationException(reasons.get(0));
        }
        reasons.forEach(leftOut);
        return rows;
    }

    /** Executors on the same work, then each peer in each of their precisions and its layouts. */
    static List<Entry> entries(List<BenchConfig> configs, List<Peer> peers) {
        List<Entry> entries = new ArrayList<>();
        Map<Precision, BenchConfig> precisions = new EnumMap<>(Precision.class);
        for (BenchConfig config : configs) {
            entries.add(Entry.of(config));
            precisions.putIfAbsent(config.precision(), config);
        }
        for (Peer peer : peers) {
            for (BenchConfig config : precisions.values()) {
                peer.layouts().forEach(layout -> entries.add(Entry.of(peer, layout, config)));
            }
        }
        return entries;
    }
}
