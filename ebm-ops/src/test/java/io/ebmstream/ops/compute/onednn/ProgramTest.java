package io.ebmstream.ops.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

/** How a program's tensors share their arena. */
class ProgramTest {
    private static final int LENGTH = 1000;

    @Test
    void tensorsShareTheirPlaceOnceTheyAreNoLongerNeeded() {
        OneDnn.useOneThread();
        PointerScope scope = new PointerScope();
        try {
            memory.desc desc = OneDnn.vectorDesc(LENGTH);
            Program program = new Program();
            Slot first = program.kept(desc);
            Slot early = program.copy(first, program.slot(desc), "copy");
            Slot at = early;
            for (int i = 0; i < 8; i++) {
                at = program.copy(at, program.slot(desc), "copy");
            }
            Slot sum = program.kept(desc);
            program.add(
                    "sum",
                    Primitives.add(desc, desc, desc, null),
                    new Program.Argument(DNNL_ARG_SRC_0, early),
                    new Program.Argument(DNNL_ARG_SRC_1, at),
                    new Program.Argument(DNNL_ARG_DST, sum));
            int end = program.position();
            program.build(new stream(OneDnn.engine()));
            // The early one lives to the end; of the others two are alive at a time.
            assertThat(program.arenaBytes()).isBetween(3L * LENGTH * 4, 3L * (LENGTH * 4 + 64));

            float[] values = new float[LENGTH];
            for (int i = 0; i < LENGTH; i++) {
                values[i] = i;
            }
            OneDnn.floats(first.memory()).put(0, values);
            program.run(0, end);
            float[] doubled = new float[LENGTH];
            OneDnn.floats(sum.memory()).get(0, doubled);
            for (int i = 0; i < LENGTH; i++) {
                assertThat(doubled[i]).isEqualTo(2f * i);
            }
        } finally {
            scope.close();
        }
    }
}
