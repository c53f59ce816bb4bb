package io.ebmstream.job.chaos;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.local.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Main class of a job on a cluster in a process of its own. */
final class JobChild {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long CHECK_MILLIS = 200;

    private JobChild() {}

    /** Configuration, folder for working state. */
    public static void main(String[] args) throws Exception {
        JobConfig config = JobConfig.load(Path.of(args[0]), Map.of());
        LocalCluster cluster = LocalCluster.start(config, Path.of(args[1]));
        cluster.awaitRunning(PATIENCE, () -> false);
        Thread watch = new Thread(() -> watch(cluster), "job-watch");
        watch.setDaemon(true);
        watch.start();
        ChildProcess.serve();
        System.exit(0);
    }

    /** A job that has ended ends the process: whoever started it must hear of it. */
    private static void watch(LocalCluster cluster) {
        try {
            while (true) {
                cluster.check();
                TimeUnit.MILLISECONDS.sleep(CHECK_MILLIS);
            }
        } catch (IllegalStateException | InterruptedException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
