package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers are those of cudnn_graph.h. */
class EngineRulesTest {
    private static final int TENSOR_CORE = 0;
    private static final int STRICT_NAN = 9;

    @ParameterizedTest
    @EnumSource(Precision.class)
    void refusesWhatIsNotASumInFloat32(Precision precision) {
        assertThat(EngineRules.allows(List.of(), precision)).isTrue();
        assertThat(EngineRules.allows(List.of(STRICT_NAN), precision)).isTrue();
        for (int note : new int[] {1, 2, 3, 4, 5, 6, 7, 8}) {
            assertThat(EngineRules.allows(List.of(STRICT_NAN, note), precision))
                    .as("note %s", note)
                    .isFalse();
        }
    }

    @Test
    void leavesTensorCoresToThePrecisionsThatAskForThem() {
        assertThat(EngineRules.allows(List.of(TENSOR_CORE), Precision.FLOAT32)).isFalse();
        assertThat(EngineRules.allows(List.of(TENSOR_CORE), Precision.TF32)).isTrue();
        assertThat(EngineRules.allows(List.of(TENSOR_CORE), Precision.BFLOAT16)).isTrue();
    }

    @Test
    void refusesSumsThatDependOnTheSlot() {
        assertThat(EngineRules.isFairToSlots(Map.of(2, 4L, 38, 0L))).isTrue();
        assertThat(EngineRules.isFairToSlots(Map.of(38, 1L))).isFalse();
    }
}
