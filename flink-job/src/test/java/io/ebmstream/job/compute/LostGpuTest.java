package io.ebmstream.job.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.Test;

/** A task manager whose GPU is lost must not go on: a restarted task would fail in it again. */
class LostGpuTest {
    @Test
    void flinkEndsTheProcess() {
        assertThat(ExceptionUtils.isJvmFatalError(new GpuLostError("lost"))).isTrue();
    }
}
