package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    @Test
    void givesUpToTheLimitAndNoByteMore() {
        MemoryBudget budget = new MemoryBudget(1000, "GPU 0");
        budget.take(600);
        assertThatThrownBy(() -> budget.take(401))
                .isInstanceOf(GpuOutOfMemoryException.class)
                .hasMessageContaining("expected room for 401 bytes on GPU 0")
                .hasMessageContaining("found 600 of the limit of 1000 bytes taken")
                .hasMessageContaining("smaller batch or raise the limit");
        assertThat(budget.taken()).as("nothing taken by a refusal").isEqualTo(600);
        budget.take(400);
        budget.give(600);
        budget.take(600);
        assertThat(budget.taken()).isEqualTo(1000);
    }

    @Test
    void countsWithoutLimitToo() {
        MemoryBudget budget = new MemoryBudget(0, "GPU 0");
        budget.take(1L << 50);
        assertThat(budget.taken()).isEqualTo(1L << 50);
    }

    @Test
    void doesNotOverflow() {
        MemoryBudget budget = new MemoryBudget(Long.MAX_VALUE, "GPU 0");
        budget.take(Long.MAX_VALUE - 1);
        assertThatThrownBy(() -> budget.take(Long.MAX_VALUE))
                .isInstanceOf(GpuOutOfMemoryException.class);
    }

    @Test
    void refusesNegativeSizes() {
        assertThatThrownBy(() -> new MemoryBudget(-1, "GPU 0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found -1");
        assertThatThrownBy(() -> new MemoryBudget(0, "GPU 0").take(0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
