package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedPlansTest {
    private final List<Plan> made = new ArrayList<>();
    private final SharedPlans<Plan> plans = new SharedPlans<>();

    private static final class Plan implements AutoCloseable {
        private boolean closed;

        @Override
        public void close() {
            assertThat(closed).as("closed twice").isFalse();
            closed = true;
        }
    }

    @Test
    void aPlanIsMadeOnceAndSharedByAll() {
        assertThat(plans.has(spec(1), this::make)).isTrue();
        Plan first = plans.take(spec(1), this::make).orElseThrow();
        assertThat(plans.take(spec(1), this::make)).containsSame(first);
        plans.give(spec(1));
        plans.give(spec(1));
        assertThat(plans.take(spec(1), this::make)).as("kept").containsSame(first);
        assertThat(plans.take(spec(2), this::make).orElseThrow()).isNotSameAs(first);
        assertThat(made).hasSize(2);
        plans.close();
        assertThat(made).allMatch(plan -> plan.closed);
    }

    @Test
    void whatCannotBePlannedIsNotKept() {
        assertThat(plans.has(spec(1), s -> Optional.empty())).isFalse();
        assertThat(plans.take(spec(1), this::make)).isPresent();
    }

    @Test
    void onlyPlansThatNobodyUsesMakeRoom() {
        Plan used = plans.take(spec(1), this::make).orElseThrow();
        for (int i = 2; i <= 2 * SharedPlans.KEPT; i++) {
            plans.take(spec(i), this::make);
            plans.give(spec(i));
        }
        assertThat(used.closed).isFalse();
        assertThat(made.stream().filter(plan -> !plan.closed).count())
                .isLessThanOrEqualTo(SharedPlans.KEPT);
        assertThat(made.get(made.size() - 1).closed).as("the newest").isFalse();
        plans.close();
        assertThat(made).allMatch(plan -> plan.closed);
    }

    private Optional<Plan> make(ConvolutionSpec spec) {
        made.add(new Plan());
        return Optional.of(made.get(made.size() - 1));
    }

    private static ConvolutionSpec spec(int images) {
        return new ConvolutionSpec(
                Pass.FORWARD, Precision.TF32, images, 8, 8, 8, 8, 3, 3, 1, 1, Epilogue.NONE, 1);
    }
}
