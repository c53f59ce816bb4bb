package io.ebmstream.ops.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PlanCacheTest {
    private static final Network SMALL = Light32.of(new ImageShape(1, 16, 16), 4);
    private static final Network OTHER = Light32.of(new ImageShape(1, 16, 16), 8);

    @Test
    void givesOnePlanForOneKey() {
        try (PlanCache cache = new PlanCache(new ReferenceExecutor(), 8)) {
            CompiledNetwork plan = cache.plan(SMALL, 2, Precision.FLOAT32);
            Network equal = Network.fromJson(SMALL.toJson());
            assertThat(cache.plan(equal, 2, Precision.FLOAT32, Mode.INFERENCE)).isSameAs(plan);
            assertThat(cache.plan(OTHER, 2, Precision.FLOAT32)).isNotSameAs(plan);
            CompiledNetwork larger = cache.plan(SMALL, 3, Precision.FLOAT32);
            assertThat(larger).isNotSameAs(plan);
            assertThat(larger.batch()).isEqualTo(3);
            CompiledNetwork training = cache.plan(SMALL, 2, Precision.FLOAT32, Mode.TRAINING);
            assertThat(training).isNotSameAs(plan);
            assertThat(training.mode()).isEqualTo(Mode.TRAINING);
            assertThat(cache.size()).isEqualTo(4);
        }
    }

    @Test
    void closesWhatWasAskedForLongestAgo() {
        try (PlanCache cache = new PlanCache(new ReferenceExecutor(), 2)) {
            CompiledNetwork first = cache.plan(SMALL, 1, Precision.FLOAT32);
            CompiledNetwork second = cache.plan(SMALL, 2, Precision.FLOAT32);
            assertThat(cache.plan(SMALL, 1, Precision.FLOAT32)).isSameAs(first);
            CompiledNetwork third = cache.plan(SMALL, 3, Precision.FLOAT32);
            assertThat(cache.size()).isEqualTo(2);
            assertClosed(second);
            assertThat(energy(first)).isZero();
            assertThat(energy(third)).isZero();
            assertThat(cache.plan(SMALL, 2, Precision.FLOAT32)).isNotSameAs(second);
            assertClosed(first);
        }
    }

    @Test
    void closesAllWithItself() {
        PlanCache cache = new PlanCache(new ReferenceExecutor(), 2);
        CompiledNetwork first = cache.plan(SMALL, 1, Precision.FLOAT32);
        CompiledNetwork second = cache.plan(SMALL, 2, Precision.FLOAT32);
        cache.close();
        cache.close();
        assertClosed(first);
        assertClosed(second);
        assertThatIllegalStateException()
                .isThrownBy(() -> cache.plan(SMALL, 1, Precision.FLOAT32))
                .withMessageContaining("closed");
    }

    /** A plan that cannot be built takes no place. */
    @Test
    void staysUsableAfterAFailure() {
        try (PlanCache cache = new PlanCache(new ReferenceExecutor(), 2)) {
            CompiledNetwork first = cache.plan(SMALL, 1, Precision.FLOAT32);
            assertThatThrownBy(() -> cache.plan(SMALL, 0, Precision.FLOAT32))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(cache.size()).isEqualTo(1);
            assertThat(cache.plan(SMALL, 1, Precision.FLOAT32)).isSameAs(first);
        }
    }

    @Test
    void refusesToHoldNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlanCache(new ReferenceExecutor(), 0))
                .withMessageContaining("found 0");
    }

    private static void assertClosed(CompiledNetwork plan) {
        assertThatIllegalStateException().isThrownBy(() -> energy(plan));
    }

    private static float energy(CompiledNetwork plan) {
        float[] energies = {1};
        try (INDArray image = Nd4j.ones(DataType.FLOAT, 1, 1, 16, 16)) {
            plan.energies(image, energies);
        }
        return energies[0];
    }
}
