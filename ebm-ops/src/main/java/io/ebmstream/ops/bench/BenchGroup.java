package io.ebmstream.ops.bench;

import com.sun.management.OperatingSystemMXBean;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.onednn.OneDnnMatmul;
import io.ebmstream.ops.energy.Network;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Measures several executors and peers on the same work in turns: round after round each runs once,
 * always after a large matrix product on the same threads. On a shared machine trust the shares and
 * ratios, not the rates.
 */
final class BenchGroup {
    /** Rows of the matrix product: 17 GFLOP, large enough for its full rate. */
    static final int MATMUL_SIZE = 2048;

    /** How long one takes at a turn, if a single run of its work does not take longer. */
    static final double TURN_SECONDS = 0.3;

    private static final double LOAD_SECONDS = 1;

    /** A first run that takes longer than this counts: by then larger things are warm. */
    static final double HEAVY_SECONDS = 3;

    /** Who has run in this process. */
    private static final Set<String> LOADED = ConcurrentHashMap.newKeySet();

    private final Work work;
    private final String name;
    private final Network network;
    private final int batch;
    private final int workers;
    private final Consumer<String> leftOut;

    /**
     * @param leftOut told who cannot take part, and why
     */
    BenchGroup(
            Work work,
            String name,
            Network network,
            int batch,
            int workers,
            Consumer<String> leftOut) {
        this.work = work;
        this.name = work.network(name);
        this.network = network;
        this.batch = batch;
        this.workers = workers;
        this.leftOut = leftOut;
    }

    /**
     * @param entries who takes part
     * @param warmUpSeconds for each of them
     * @param seconds how long to measure; building and warming up come on top, and there is at
     *     least one round
     * @return a row for each that could, in the order of the entries
     */
    List<BenchRow> run(List<Entry> entries, double warmUpSeconds, double seconds) {
        List<Turn> turns = new ArrayList<>();
        Map<Precision, OneDnnMatmul[]> products = new EnumMap<>(Precision.class);
        try (WorkerPool pool = new WorkerPool(workers, "bench");
                WorkerPool lead = new WorkerPool(1, "bench-peer")) {
            try {
                for (Entry entry : entries) {
                    OneDnnMatmul[] product =
                            products.computeIfAbsent(entry.precision(), p -> products(p, pool));
                    build(entry, entry.isPeer() ? lead : pool)
                            .ifPresent(
                                    turn -> {
                                        turns.add(turn);
                                        turn.first(product, pool);
                                    });
                }
                double end = System.nanoTime() / 1e9 + seconds;
                if (turns.stream().noneMatch(turn -> turn.once > HEAVY_SECONDS)) {
                    turns.forEach(turn -> turn.warmUp(warmUpSeconds));
                    end = System.nanoTime() / 1e9 + seconds;
                }
                while (turns.stream().anyMatch(turn -> turn.rates.isEmpty())
                        || System.nanoTime() / 1e9 + round(turns) < end) {
                    turns.forEach(turn -> turn.measure(products.get(turn.precision()), pool));
                }
            } finally {
                turns.forEach(turn -> turn.contender.close());
                products.values().forEach(BenchGroup::close);
            }
        }
        return turns.stream().map(turn -> turn.row(bestPeer(turn, turns))).toList();
    }

    /** Seconds that a round takes. */
    private static double round(List<Turn> turns) {
        return turns.stream().mapToDouble(turn -> turn.times * turn.once).sum();
    }

    /** Builds someone; empty if it cannot take part. */
    private Optional<Turn> build(Entry entry, WorkerPool pool) {
        try {
            if (LOADED.add(entry.toString())) {
                // What is loaded and compiled at first is nobody's need of memory.
                try (Contender first = entry.make().make(pool)) {
                    for (double spent = 0; spent < LOAD_SECONDS; ) {
                        spent += timed(() -> first.run(1));
                    }
                }
            }
            OptionalLong before =
                    ResidentMemory.trim() && ResidentMemory.resetPeak()
                            ? ResidentMemory.now()
                            : OptionalLong.empty();
            return Optional.of(new Turn(entry, entry.make().make(pool), before));
        } catch (UnsupportedOperationException e) {
            leftOut.accept(entry + " on " + name + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static OneDnnMatmul[] products(Precision precision, WorkerPool pool) {
        OneDnnMatmul[] products = new OneDnnMatmul[pool.workers()];
        try {
            pool.runOnEach(w -> products[w] = new OneDnnMatmul(MATMUL_SIZE, precision));
        } catch (RuntimeException | Error e) {
            close(products);
            throw e;
        }
        return products;
    }

    private static void close(OneDnnMatmul[] products) {
        for (OneDnnMatmul product : products) {
            if (product != null) {
                product.close();
            }
        }
    }

    /** Libtorch, or whoever it is, in its best layout and the same precision; or null. */
    private static Turn bestPeer(Turn turn, List<Turn> turns) {
        Turn best = null;
        for (Turn other : turns) {
            if (other.entry.isPeer()
                    && other.entry.precision() == turn.entry.precision()
                    && (best == null || Medians.of(other.rates) > Medians.of(best.rates))) {
                best = other;
            }
        }
        return turn.entry.isPeer() ? null : best;
    }

    private static double timed(Runnable run) {
        long start = System.nanoTime();
        run.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }

    /** One of the group with its readings. */
    private final class Turn {
        private final Entry entry;
        private final Contender contender;
        private final List<Double> rates = new ArrayList<>();
        private final List<Double> limits = new ArrayList<>();
        private final List<Double> shares = new ArrayList<>();
        private final List<Double> cpuShares = new ArrayList<>();
        private final OptionalLong residentBefore;
        private Long peakBytes;
        private double once;
        private int times = 1;
        private long heapOfOne;
        private double heapBytes;

        Turn(Entry entry, Contender contender, OptionalLong residentBefore) {
            this.entry = entry;
            this.contender = contender;
            this.residentBefore = residentBefore;
        }

        Precision precision() {
            return entry.precision();
        }

        /** The first run, with an eye on the memory. Counts as a round unless a warm-up follows. */
        void first(OneDnnMatmul[] products, WorkerPool pool) {
            contender.prepare();
            measure(products, pool);
            once = work.images(batch) / rates.get(0);
            OptionalLong peak = ResidentMemory.peak();
            if (residentBefore.isPresent() && peak.isPresent()) {
                peakBytes = Math.max(0, peak.getAsLong() - residentBefore.getAsLong());
            }
        }

        /** Compiles what is hot, and finds out how often the work fits into a turn. */
        void warmUp(double seconds) {
            List.of(rates, limits, shares, cpuShares).forEach(List::clear);
            long end = System.nanoTime() + (long) (seconds * 1e9);
            do {
                long before = contender.allocated();
                once = timed(() -> contender.run(1));
                heapOfOne = contender.allocated() - before;
            } while (System.nanoTime() < end);
            // Two at least, if that takes no long time, to tell a step's heap from a call's.
            times = (int) Math.max(once < 1 ? 2 : 1, Math.round(TURN_SECONDS / once));
        }

        void measure(OneDnnMatmul[] products, WorkerPool pool) {
            double gflop = products[0].flops() * products.length / 1e9;
            double cpu0 = cpuSeconds();
            double product = timed(() -> pool.runOnEach(w -> products[w].run()));
            double cpu1 = cpuSeconds();
            long heap = contender.allocated();
            double cpu2 = cpuSeconds();
            double seconds = timed(() -> contender.run(times));
            double cpu3 = cpuSeconds();
            heap = contender.allocated() - heap;
            // Calls differ by some bytes; less than nothing means that runs add nothing.
            heapBytes = times == 1 ? heap : Math.max(0.0, heap - heapOfOne) / (times - 1);
            double done = (double) times * work.images(batch);
            double flops = done * work.flops(network) / 1e9;
            rates.add(done / seconds);
            limits.add(gflop / product);
            shares.add(flops / seconds * product / gflop);
            cpuShares.add(flops / (cpu3 - cpu2) * (cpu1 - cpu0) / gflop);
        }

        BenchRow row(Turn peer) {
            double rate = Medians.of(rates);
            return new BenchRow(
                    name,
                    entry.executor(),
                    entry.precision().label(),
                    batch,
                    workers,
                    rate,
                    rate * work.flops(network) / 1e9,
                    Medians.of(shares),
                    heapBytes,
                    peakBytes,
                    work.label(),
                    entry.layout(),
                    contender.part(),
                    Medians.of(limits),
                    Medians.of(cpuShares),
                    1e3 * work.images(batch) / rate,
                    peer == null ? null : Medians.ofRatios(rates, peer.rates),
                    rates.size());
        }
    }
}
