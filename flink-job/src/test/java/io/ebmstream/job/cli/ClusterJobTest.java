package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ebmstream.job.config.ConfigException;
import org.junit.jupiter.api.Test;

class ClusterJobTest {
    @Test
    void aCommandThatEndsWellLeavesTheJvmAlone() {
        assertThatCode(() -> ClusterJob.main(new String[] {"run", "--check"}))
                .doesNotThrowAnyException();
    }

    @Test
    void whatGoesWrongIsThrownAndNotAnExitCode() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(
                        () ->
                                ClusterJob.main(
                                        new String[] {"run", "-D", "ebm.job.parallelism=none"}))
                .withMessageContaining("ebm.job.parallelism");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterJob.main(new String[] {"walk"}))
                .withMessageContaining("[walk]");
    }
}
