package io.ebmstream.job.topology;

import io.ebmstream.job.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A job on a broker that is over in seconds: what it is set to. */
final class SmallJob {
    private SmallJob() {}

    /** Two subtasks, frequent checkpoints, restarts; a learner of few chains and steps. */
    static Map<String, String> settings(EmbeddedBroker broker, Path checkpoints) {
        Map<String, String> settings = new HashMap<>();
        settings.put("ebm.kafka.bootstrap", broker.bootstrapServers());
        settings.put("ebm.job.parallelism", "2");
        settings.put("ebm.job.max-parallelism", "16");
        settings.put("ebm.checkpoint.interval", "400 ms");
        settings.put("ebm.checkpoint.dir", checkpoints.toUri().toString());
        settings.put("ebm.compute.slice", "5 ms");
        settings.put("ebm.learner.batch", "4");
        settings.put("ebm.learner.steps", "2");
        settings.put("ebm.learner.replay", "64");
        settings.put("ebm.learner.bank", "64");
        settings.put("ebm.learner.queue", "8");
        settings.put("ebm.purifier.batch", "8");
        settings.put("ebm.purifier.queue", "16");
        settings.put("ebm.purifier.max-delay", "50 ms");
        settings.put("restart-strategy.type", "fixed-delay");
        settings.put("restart-strategy.fixed-delay.attempts", "3");
        settings.put("restart-strategy.fixed-delay.delay", "100 ms");
        settings.put("rest.port", "0");
        settings.put("taskmanager.numberOfTaskSlots", "2");
        settings.put("taskmanager.memory.managed.size", "64m");
        settings.put("taskmanager.memory.network.min", "32m");
        settings.put("taskmanager.memory.network.max", "32m");
        return settings;
    }
}
