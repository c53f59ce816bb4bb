package io.ebmstream.job.doctor;

import io.ebmstream.job.config.JobConfig;
import java.util.ArrayList;
import java.util.List;

/** Looks at the machine and, if asked, at a Kafka cluster. Stateless, thread-safe. */
public final class Doctor {
    private Doctor() {}

    /** This machine and this JVM; loads the natives and runs a small network. */
    public static List<Finding> machine() {
        List<Finding> findings = new ArrayList<>(MachineChecks.all());
        findings.addAll(ComputeChecks.all());
        return findings;
    }

    /** The cluster that a job is configured for, its limits and the job's topics. */
    public static List<Finding> broker(JobConfig config) throws InterruptedException {
        return BrokerChecks.all(config);
    }

    /** Whether a job could run: nothing failed. */
    public static boolean healthy(List<Finding> findings) {
        return findings.stream().noneMatch(f -> f.level() == Finding.Level.FAIL);
    }
}
