package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearnerConfigTest {

    private static LearnerConfigBuilder builder() {
        return LearnerConfig.builder(Light32.of(new ImageShape(1, 16, 16), 2));
    }

    private static void refused(UnaryOperator<LearnerConfigBuilder> change, String message) {
        assertThatThrownBy(() -> change.apply(builder()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void defaultsAreValid() {
        LearnerConfig config = builder().build();
        assertThat(config.start()).isEqualTo(ChainStart.DATA_PERSISTENT);
        assertThat(config.learningRate().at(0)).isEqualTo(1e-4);
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        refused(b -> b.steps(0), "Langevin step");
        refused(b -> b.bankSize(63), "bank of at least the batch, 64");
        refused(b -> b.rejuvenation(1.01), "[0, 1]");
        refused(b -> b.rejuvenation(Double.NaN), "finite");
        refused(b -> b.sgdFrom(-1), "SGD");
        refused(b -> b.maxChainUpdates(-1), "max chain updates");
        refused(b -> b.dataNoise(-0.1), "data noise");
        refused(b -> b.learningRate(Schedule.constant(0)), "above 0");
        refused(b -> b.emaDecay(1), "[0, 1)");
        refused(b -> b.replayCapacity(63), "replay capacity");
        refused(b -> b.warmupImages(63), "warm-up");
        refused(b -> b.imagesPerUpdate(0), "1 image");
        refused(b -> b.part(0), "parts");
        refused(b -> b.langevin(null), "Langevin");
    }

    @Test
    void bankSizeDoesNotMatterWithoutABank() {
        assertThat(builder().start(ChainStart.NOISE).bankSize(0).build().bankSize()).isZero();
    }

    @Test
    void scheduleStepsAtItsUpdates() {
        Schedule schedule = Schedule.parse("1e-4, 1e-5@50000,1e-6 @ 75000");
        assertThat(schedule.at(0)).isEqualTo(1e-4);
        assertThat(schedule.at(49_999)).isEqualTo(1e-4);
        assertThat(schedule.at(50_000)).isEqualTo(1e-5);
        assertThat(schedule.at(1_000_000)).isEqualTo(1e-6);
        assertThat(Schedule.parse(schedule.toString())).isEqualTo(schedule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1e-4@", "1e-4@5", "1@0,2@0", "1@0,2@-5", "NaN", "1@0,,"})
    void wrongSchedulesAreRefused(String text) {
        assertThatThrownBy(() -> Schedule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }
}
