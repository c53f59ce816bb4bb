package io.ebmstream.ops.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ebmstream.ops.compute.nd4j.Nd4jExecutor;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutorsTest {
    private static final Executors.Candidate NOT_LOADING =
            new Executors.Candidate(
                    "fast",
                    () -> {
                        throw new UnsatisfiedLinkError("no fast in java.library.path");
                    });
    private static final Executors.Candidate SOUND =
            new Executors.Candidate("sound", ReferenceExecutor::new);
    private static final Executors.Candidate SLOW =
            new Executors.Candidate("slow", Nd4jExecutor::new);

    @Test
    void findsEveryExecutorByName() {
        assertThat(Executors.names()).startsWith("auto").contains("onednn", "cuda");
        for (String name : List.of("nd4j", "reference")) {
            Executors.Choice choice = Executors.resolve(name, "auto");
            assertThat(choice.executor().name()).isEqualTo(name);
            assertThat(choice.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(choice.passedOver()).isEmpty();
        }
    }

    @Test
    void autoTakesOneThatWorks() {
        Executors.Choice choice = Executors.resolve("auto", "auto");
        assertThat(Executors.names()).contains(choice.executor().name());
        assertThat(choice.precision()).isEqualTo(choice.executor().preferredPrecision());
        assertThat(Executors.resolve("auto", "float32").precision()).isEqualTo(Precision.FLOAT32);
    }

    @Test
    void autoPassesOverWhatDoesNotLoadAndSaysWhy() {
        Executors.Choice choice =
                Executors.resolve(List.of(NOT_LOADING, SOUND, SLOW), "auto", "float32");
        assertThat(choice.executor()).isInstanceOf(ReferenceExecutor.class);
        assertThat(choice.passedOver()).containsExactly("fast: no fast in java.library.path");
        assertThat(choice)
                .hasToString("reference in float32, not fast: no fast in" + " java.library.path");
    }

    @Test
    void anExecutorThatWasAskedForAndDoesNotLoadIsAnError() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Executors.resolve(List.of(NOT_LOADING, SOUND), "fast", "float32"))
                .withMessageContaining("expected executor fast")
                .withMessageContaining("no fast in java.library.path")
                .withCauseInstanceOf(UnsatisfiedLinkError.class);
    }

    @Test
    void aPrecisionThatNobodyRunsIsAnError() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Executors.resolve(List.of(SOUND, SLOW), "auto", "bf16"))
                .withMessageContaining("sound: expected float32 for executor reference, found bf16")
                .withMessageContaining("slow: expected float32 for executor nd4j, found bf16");
        assertThatIllegalStateException().isThrownBy(() -> Executors.resolve("nd4j", "bf16"));
    }

    @Test
    void unknownNamesAreErrors() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Executors.resolve("tpu", "auto"))
                .withMessageContaining("nd4j, reference, found tpu");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Executors.resolve("auto", "float16"))
                .withMessageContaining("float32, tf32, bf16, found float16");
    }

    @Test
    void executorCudaWithoutAGpuIsAnErrorThatSaysWhatIsMissing() {
        assumeFalse(Files.exists(Path.of("/dev/nvidia0")), "skipped: there is a GPU here");
        assertThatIllegalStateException()
                .isThrownBy(() -> Executors.resolve("cuda", "auto"))
                .withMessageContaining("expected executor cuda")
                .withMessageContaining("found cuda: expected");
    }

    @Test
    void anAssignedGpuIsNoErrorWhereNd4jComputesOnTheCpu() {
        Executors.Choice choice = Executors.resolve("nd4j", "auto", Device.gpu(1));
        assertThat(choice.executor().name()).isEqualTo("nd4j");
        assertThat(Device.gpu(1)).hasToString("GPU 1");
        assertThat(Device.CPU).hasToString("CPU");
        assertThatIllegalArgumentException().isThrownBy(() -> Device.gpu(-1));
        assertThat(Device.gpu(1).withGpuMemory(5).gpuMemory()).isEqualTo(5);
        assertThatIllegalArgumentException().isThrownBy(() -> Device.CPU.withGpuMemory(-1));
    }
}
