package io.ebmstream.job.chaos;

import io.ebmstream.job.replay.ReplayRun;
import io.ebmstream.job.replay.Verdict;
import io.ebmstream.ops.image.ImageDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;

/**
 * Kills a job at random moments, SIGKILL each time, restarts it from its newest checkpoint at
 * parallelism 1 or 2, kills the broker in between, and then looks whether every image came out
 * once. In lockstep the committed records and snapshots are compared, byte for byte, with those of
 * a run over the same input that nobody disturbed; otherwise every record with its own replay.
 *
 * <p>Moments are random from the start of the process, so that some kills meet a job that is still
 * coming up. They come from a seed, but what they meet depends on the machine: a run is not
 * repeatable, its verdict is.
 */
public final class Chaos {
    private static final long BROKER_PAUSE_MILLIS = 3_000;

    private final ChaosPlan plan;
    private final ImageDataset images;
    private final BooleanSupplier stopped;

    /**
     * @param images what is fed, in its order, from its begin again where it ends
     * @param stopped whether to kill no more; the images still go through, and are judged
     */
    public Chaos(ChaosPlan plan, ImageDataset images, BooleanSupplier stopped) {
        this.plan = plan;
        this.images = images;
        this.stopped = stopped;
    }

    /**
     * Runs it all.
     *
     * @param progress lines for people
     * @param onKill is told each kill
     * @throws IllegalStateException if the job ends by itself or stands still
     */
    public ChaosReport run(Consumer<String> progress, Consumer<ChaosKill> onKill) throws Exception {
        long start = System.nanoTime();
        Path kept = plan.out().resolve("undisturbed");
        Outputs undisturbed = null;
        if (plan.lockstep()) {
            progress.accept("a run that nobody disturbs ..");
            try (ChaosRun run = new ChaosRun(plan, images, kept)) {
                run.startBroker();
                run.feedUntil(plan.images());
                run.startJob(1);
                run.awaitAll();
                undisturbed = run.outputs();
            }
            FileUtils.deleteQuietly(kept.resolve("broker").toFile());
        }
        progress.accept(plan.kills() + " kills ..");
        try (ChaosRun run = new ChaosRun(plan, images, plan.out().resolve("disturbed"))) {
            run.startBroker();
            List<ChaosKill> history = kill(run, onKill);
            progress.accept("to the end of the images ..");
            run.feedUntil(plan.images());
            run.startJob(1);
            run.awaitAll();
            List<String> wrong = new ArrayList<>();
            if (undisturbed != null) {
                undisturbed.violations(plan.images(), run.updatesDue()).stream()
                        .map(violation -> "undisturbed: " + violation)
                        .forEach(wrong::add);
                wrong.addAll(run.outputs().differences(undisturbed));
            } else {
                progress.accept("replaying what came out ..");
                wrong.addAll(replay(run));
            }
            wrong.addAll(run.outputs().violations(plan.images(), run.updatesDue()));
            return new ChaosReport(
                    history.size(),
                    (int) history.stream().filter(ChaosKill::broker).count(),
                    rescalings(history),
                    plan.images(),
                    run.outputs().updateCount(),
                    run.outputs().snapshotCount(),
                    (System.nanoTime() - start) / 1e9,
                    plan.seed(),
                    plan.lockstep() ? "lockstep" : "latest",
                    plan.lockstep() ? "undisturbed run" : "replay",
                    wrong,
                    history);
        }
    }

    /** Every record that is not what its input, version and seed give. */
    private static List<String> replay(ChaosRun run) {
        List<String> wrong = new ArrayList<>();
        try (ReplayRun replay = new ReplayRun(run.config(), null)) {
            replay.run(
                    record -> true,
                    0,
                    replayed -> {
                        if (replayed.verdict() != Verdict.EQUAL) {
                            wrong.add(
                                    "image "
                                            + replayed.record().image().getImageId()
                                            + ": "
                                            + replayed.verdict()
                                            + " in its replay, "
                                            + replayed.detail());
                        }
                    });
        }
        return wrong;
    }

    private List<ChaosKill> kill(ChaosRun run, Consumer<ChaosKill> onKill) throws Exception {
        SplittableRandom random = new SplittableRandom(plan.seed());
        List<ChaosKill> history = new ArrayList<>();
        for (int number = 1; number <= plan.kills() && !stopped.getAsBoolean(); number++) {
            // a share of the images for each, so that every job has something to do
            run.feedUntil((long) plan.images() * number / (plan.kills() + 1));
            run.startJob(1 + random.nextInt(2));
            long begin = System.nanoTime();
            run.work(random.nextLong(plan.longest().toMillis()), true, stopped);
            boolean withBroker = number % plan.brokerEvery() == 0;
            if (withBroker) {
                // a job that is still coming up may give up without a broker, as it may anywhere
                boolean mustLive = run.running();
                run.restartBroker();
                run.work(random.nextLong(BROKER_PAUSE_MILLIS), mustLive, stopped);
            }
            boolean running = run.running();
            run.killJob();
            ChaosKill kill =
                    new ChaosKill(
                            number,
                            run.parallelism(),
                            run.restored(),
                            (System.nanoTime() - begin) / 1_000_000,
                            running,
                            run.outputs().purifiedCount(),
                            withBroker);
            history.add(kill);
            onKill.accept(kill);
        }
        return history;
    }

    private static int rescalings(List<ChaosKill> history) {
        int count = 0;
        for (int i = 1; i < history.size(); i++) {
            if (history.get(i).parallelism() != history.get(i - 1).parallelism()) {
                count++;
            }
        }
        return count;
    }
}
