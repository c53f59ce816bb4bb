package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Measures networks x executors x precisions x batches x workers within a given time: every
 * combination gets at least one round, and what time is left is spread as further rounds, equally
 * many for all.
 *
 * <p>The reference executor is an oracle in double precision, made to be right: it is measured once
 * on each network that is small enough, at batch 1 on one thread.
 */
public final class BenchSuite {
    /** Batches that are measured. */
    public static final List<Integer> BATCHES = List.of(1, 8, 64, 256);

    /** Images on each side of an update. */
    public static final int UPDATE_BATCH = 64;

    /** Time that the whole takes, about, unless told otherwise. */
    public static final double DEFAULT_MINUTES = 12;

    /** Networks beyond this many operations for a step would keep the reference busy for long. */
    private static final long REFERENCE_FLOPS = 500_000_000L;

    /** A first guess of what a core does in 10^9 operations per second; readings correct it. */
    private static final double FIRST_GUESS = 50;

    /** Rounds beyond these would not make a median better. */
    private static final int MOST_ROUNDS = 25;

    /** Share of the time by which a combination may exceed it rather than be left out. */
    private static final double GRACE = 0.15;

    private static final double WARM_UP_SECONDS = 0.6;

    /** What building one and a matrix product cost, about. */
    private static final double BUILD_SECONDS = 0.7;

    private static final double PRODUCT_SECONDS = 0.2;

    private final Map<String, Network> networks;
    private final List<Executor> executors;
    private final List<Peer> peers;
    private final int allWorkers;
    private final double minutes;
    private final Consumer<String> leftOut;

    /**
     * @param networks by their names in reports; updates are measured on the first
     * @param executors those that work here
     * @param peers may be none
     * @param allWorkers threads of the rows with all workers, at least 1
     * @param minutes time for the whole, above 0
     * @param leftOut told what is not measured, and why
     */
    public BenchSuite(
            Map<String, Network> networks,
            List<Executor> executors,
            List<Peer> peers,
            int allWorkers,
            double minutes,
            Consumer<String> leftOut) {
        if (!(minutes > 0) || allWorkers < 1) {
            throw new IllegalArgumentException(
                    "expected minutes above 0 and at least 1 worker, found "
                            + minutes
                            + " and "
                            + allWorkers);
        }
        this.networks = networks;
        this.executors = executors;
        this.peers = peers;
        this.allWorkers = allWorkers;
        this.minutes = minutes;
        this.leftOut = leftOut;
    }

    /**
     * Runs everything.
     *
     * @param rows gets the rows of each group as soon as they are there
     */
    public void run(Consumer<List<BenchRow>> rows) {
        long begin = System.nanoTime();
        double slowness = 1;
        List<Planned> left = plan();
        while (!left.isEmpty()) {
            Planned next = left.remove(0);
            double now = (System.nanoTime() - begin) / 1e9;
            double budget = 60 * minutes - now;
            double least = next.leastSeconds(slowness);
            if (least > budget + GRACE * 60 * minutes) {
                leftOut.accept(
                        next
                                + ": expected to take "
                                + Math.round(least)
                                + " s, but only "
                                + Math.max(0, Math.round(budget))
                                + " s of "
                                + minutes
                                + " minutes are left; allow more");
                continue;
            }
            double spare = budget - least;
            double round = next.roundSeconds(slowness);
            double rounds = round;
            for (Planned planned : left) {
                spare -= planned.leastSeconds(slowness);
                rounds += planned.roundSeconds(slowness);
            }
            double more = round * Math.max(0, Math.min(MOST_ROUNDS, spare / rounds));
            rows.accept(
                    new BenchGroup(
                                    next.work,
                                    next.name,
                                    next.network,
                                    next.batch,
                                    next.workers,
                                    leftOut)
                            .run(
                                    next.entries,
                                    WARM_UP_SECONDS,
                                    next.isHeavy(slowness) ? more : more + round));
            double taken = (System.nanoTime() - begin) / 1e9 - now;
            // What the first ones took says how busy or slow the machine is.
            slowness = Math.max(0.3, slowness * Math.sqrt(taken / (least + more)));
        }
    }

    private List<Planned> plan() {
        List<Planned> groups = new ArrayList<>();
        String first = networks.keySet().iterator().next();
        for (Map.Entry<String, Network> named : networks.entrySet()) {
            for (int workers : new TreeSet<>(List.of(1, allWorkers))) {
                for (int batch : BATCHES) {
                    groups.add(group(Work.LANGEVIN, named, batch, workers));
                }
                if (named.getKey().equals(first)) {
                    groups.add(group(Work.UPDATE, named, UPDATE_BATCH, workers));
                }
            }
        }
        return groups;
    }

    private Planned group(Work work, Map.Entry<String, Network> named, int batch, int workers) {
        List<BenchConfig> configs = new ArrayList<>();
        for (Executor executor : executors) {
            if (executor.name().equals(ReferenceExecutor.NAME)
                    && !forReference(work, named, batch, workers)) {
                continue;
            }
            for (Precision precision : executor.precisions()) {
                configs.add(
                        new BenchConfig(
                                work,
                                named.getKey(),
                                named.getValue(),
                                batch,
                                BenchConfig.defaultPart(work),
                                executor,
                                precision,
                                workers));
            }
        }
        return new Planned(
                work,
                named.getKey(),
                named.getValue(),
                batch,
                workers,
                Bench.entries(configs, peers));
    }

    private boolean forReference(
            Work work, Map.Entry<String, Network> named, int batch, int workers) {
        boolean once = work == Work.LANGEVIN && batch == 1 && workers == 1;
        boolean small = named.getValue().langevinStepFlops() <= REFERENCE_FLOPS;
        if (once && !small) {
            leftOut.accept(
                    "reference on "
                            + named.getKey()
                            + ": the oracle in double precision is measured on small networks only");
        }
        return once && small;
    }

    /** A group that waits for its time. */
    private record Planned(
            Work work, String name, Network network, int batch, int workers, List<Entry> entries) {

        /** One run by one of them. */
        private double onceSeconds(double slowness) {
            double gflop = work.images(batch) * work.flops(network) / 1e9;
            return slowness * gflop / FIRST_GUESS / workers;
        }

        boolean isHeavy(double slowness) {
            return onceSeconds(slowness) > BenchGroup.HEAVY_SECONDS;
        }

        /** A round of all of them. */
        double roundSeconds(double slowness) {
            double turn = Math.max(onceSeconds(slowness), BenchGroup.TURN_SECONDS);
            return entries.size() * (turn + slowness * PRODUCT_SECONDS);
        }

        /** Building and the first round; heavy work needs no warm-up and no other round. */
        double leastSeconds(double slowness) {
            double first = entries.size() * (slowness * BUILD_SECONDS + onceSeconds(slowness));
            return isHeavy(slowness)
                    ? first
                    : first + entries.size() * WARM_UP_SECONDS + roundSeconds(slowness);
        }

        @Override
        public String toString() {
            return work.network(name) + ", batch " + batch + ", workers " + workers;
        }
    }
}
