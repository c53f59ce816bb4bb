package io.ebmstream.job.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.broker.BrokerFacts;
import io.ebmstream.job.broker.BrokerFacts.TopicFacts;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.doctor.ComputeChecks.GpuBuild;
import io.ebmstream.job.doctor.Finding.Level;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

/** What is found fault with, and what is said about it. */
class DoctorTest {
    private static final long GIB = 1L << 30;

    private static void expect(Finding finding, Level level, String found, String advice) {
        assertThat(finding.level()).as(finding.toString()).isEqualTo(level);
        assertThat(finding.found()).contains(found);
        assertThat(finding.advice()).contains(advice);
    }

    @Test
    void whatIsWrongSaysWhatToDo() {
        assertThatThrownBy(() -> Finding.warn("disk", "full", " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("disk to say what to do");
    }

    @Test
    void javaMustBeNewAndOf64Bits() {
        expect(MachineChecks.java(17, "amd64"), Level.OK, "Java", "");
        expect(MachineChecks.java(11, "amd64"), Level.FAIL, "Java", "JDK 17");
        expect(MachineChecks.java(21, "x86"), Level.FAIL, "x86", "64-bit");
    }

    @Test
    void memoryMustHoldHeapAndNatives() {
        expect(MachineChecks.memory(8 * GIB, 4 * GIB, 2 * GIB), Level.OK, "8.0 GiB in all", "");
        expect(MachineChecks.memory(8 * GIB, GIB / 2, 2 * GIB), Level.WARN, "0.5 GiB free", "end");
        expect(MachineChecks.memory(2 * GIB, 2 * GIB, 2 * GIB), Level.FAIL, "2.0", "3.0 GiB");
        assertThat(MachineChecks.available("MemFree: 5 kB\nMemAvailable:   1048576 kB\n", 7))
                .isEqualTo(GIB);
        assertThat(MachineChecks.available("", 7)).isEqualTo(7);
    }

    @Test
    void diskFilesAndEnvironmentHaveTheirLimits() {
        Path folder = Path.of("data");
        expect(MachineChecks.disk(folder, 10 * GIB), Level.OK, "10.0 GiB free at data", "");
        expect(MachineChecks.disk(folder, GIB), Level.WARN, "1.0 GiB", "checkpoints");
        expect(MachineChecks.disk(folder, GIB / 4), Level.FAIL, "0.3 GiB", "free at least 0.5");
        expect(MachineChecks.files(65_536), Level.OK, "65536", "");
        expect(MachineChecks.files(1_024), Level.WARN, "1024", "ulimit");
        expect(MachineChecks.files(256), Level.FAIL, "256", "ulimit");
        Map<String, String> launcher = Map.of("OMP_NUM_THREADS", "1", "MALLOC_ARENA_MAX", "2");
        expect(MachineChecks.environment(launcher), Level.OK, "OpenMP", "");
        expect(
                MachineChecks.environment(Map.of("MALLOC_ARENA_MAX", "2")),
                Level.WARN,
                "OMP_NUM_THREADS=1",
                "./ebm");
    }

    @Test
    void theProcessorsFeaturesAreRead() {
        String info =
                "processor : 0\nmodel name\t: EPYC\nflags\t\t: fpu avx avx2 avx512f avx512_bf16\n";
        expect(
                ComputeChecks.cpu(2, info, "amd64"),
                Level.OK,
                "2 cores of EPYC, avx2 avx512f avx512_bf16",
                "");
        String old = info.replace(" avx2 avx512f avx512_bf16", "");
        expect(ComputeChecks.cpu(1, old, "amd64"), Level.WARN, "1 core of EPYC, no AVX2", "AVX2");
        expect(ComputeChecks.cpu(4, "", "aarch64"), Level.OK, "features unknown here", "");
    }

    @Test
    void aGpuIsNeededOnlyByItsOwnBuild() {
        expect(gpu(GpuBuild.NONE), Level.OK, "none", "");
        expect(gpu(GpuBuild.CUDA), Level.FAIL, "none", "driver 450");
        expect(gpu(GpuBuild.CUDA13), Level.WARN, "none", "driver 580");
        expect(gpu(GpuBuild.NONE, "GPU 0"), Level.OK, "not used", "");
        expect(gpu(GpuBuild.CUDA, "GPU 0"), Level.OK, "GPU 0", "");
        expect(gpu(GpuBuild.CUDA13, "GPU 0"), Level.OK, "GPU 0", "");
    }

    private static Finding gpu(GpuBuild build, String... gpus) {
        return ComputeChecks.gpu(List.of(gpus), "no nvidia-smi", build);
    }

    @Test
    void aSlowExecutorIsAWarning() {
        expect(
                ComputeChecks.executor(
                        new Executors.Choice(
                                new ReferenceExecutor(),
                                Precision.FLOAT32,
                                List.of("onednn: no natives"))),
                Level.WARN,
                "reference in float32, not onednn: no natives",
                "slow");
    }

    private static BrokerFacts facts(long transactionMillis) {
        return new BrokerFacts(
                1,
                "4.2-IV1",
                OptionalLong.of(1_048_588),
                OptionalLong.of(transactionMillis),
                Map.of());
    }

    @Test
    void transactionsMustFitTheBrokersLimit() {
        JobConfig config = JobConfig.defaults();
        expect(BrokerChecks.transactions(facts(900_000), config), Level.OK, "900000", "");
        expect(
                BrokerChecks.transactions(facts(60_000), config),
                Level.FAIL,
                "60000; the job's transactions may take 600000",
                "shorten ebm.kafka.transaction.timeout");
        JobConfig plain = JobConfig.of(Map.of("ebm.kafka.guarantee", "at-least-once"));
        expect(BrokerChecks.transactions(facts(60_000), plain), Level.OK, "not needed", "");
    }

    @Test
    void topicsMustHaveTheirSettings() {
        NewTopic snapshots = JobTopics.snapshots("m", "c", (short) 1).get(0);
        long bytes = JobTopics.MAX_MESSAGE_BYTES;
        expect(
                BrokerChecks.topic(snapshots, true, null, 1),
                Level.FAIL,
                "missing",
                "--create-topics");
        expect(
                BrokerChecks.topic(snapshots, true, new TopicFacts(1, 1, "compact", bytes), 1),
                Level.OK,
                "1 partitions, 1 copies, compact",
                "");
        expect(
                BrokerChecks.topic(snapshots, true, new TopicFacts(1, 1, "delete", bytes), 1),
                Level.FAIL,
                "delete",
                "cleanup.policy=compact");
        expect(
                BrokerChecks.topic(snapshots, true, new TopicFacts(1, 1, "compact", 1_000), 1),
                Level.FAIL,
                "1000 bytes",
                "max.message.bytes=" + bytes);
        expect(
                BrokerChecks.topic(snapshots, true, new TopicFacts(3, 1, "compact", bytes), 1),
                Level.FAIL,
                "3 partitions",
                "1 partition");
        expect(
                BrokerChecks.topic(snapshots, true, new TopicFacts(1, 1, "compact", bytes), 3),
                Level.WARN,
                "1 copies",
                "3 copies");
        NewTopic images = new NewTopic("i", 4, (short) 1).configs(snapshots.configs());
        expect(
                BrokerChecks.topic(images, false, new TopicFacts(2, 3, "compact", bytes), 3),
                Level.WARN,
                "2 partitions",
                "4 partitions");
    }
}
