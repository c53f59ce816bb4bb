package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.Network;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;

/**
 * Chooses one layout for all activations of a network: the first, in the order of preference, for
 * which oneDNN has fast code for every layer. It depends on the network, the format and the
 * instruction set alone, never on a timing: a measured choice could give other bits tomorrow.
 */
final class LayoutChoice {
    // With AMX channels last is fastest in bf16; without it blocks of 16 beat it in both formats.
    private static final List<Layout> USUAL =
            List.of(Layout.BLOCKED_16, Layout.BLOCKED_8, Layout.CHANNELS_LAST, Layout.PLAIN);
    private static final List<Layout> AMX =
            List.of(Layout.CHANNELS_LAST, Layout.BLOCKED_16, Layout.PLAIN);

    private LayoutChoice() {}

    static Layout of(Graph graph, Descriptors descriptors) {
        boolean amx = descriptors.type() == memory.data_type.bf16 && OneDnn.hasAmx();
        Layout best = null;
        int fewest = Integer.MAX_VALUE;
        for (Layout layout : amx ? AMX : USUAL) {
            int slow = 0;
            for (Step step : graph.steps()) {
                if (step.work() instanceof Step.Convolve conv) {
                    slow += slowPasses(step, conv.kernel(), descriptors, layout);
                }
            }
            if (slow < fewest) {
                fewest = slow;
                best = layout;
            }
        }
        return best;
    }

    private static int slowPasses(
            Step step, Kernel kernel, Descriptors descriptors, Layout layout) {
        memory.desc src = OneDnn.desc(1, step.from(), descriptors.type(), layout);
        memory.desc dst = OneDnn.desc(1, step.to(), descriptors.type(), layout);
        memory.desc addend = step.other() == Step.NONE ? null : dst;
        boolean forward = isFast(forward(step, kernel, descriptors, src, dst, addend));
        boolean backward = true;
        if (step.input() == Network.IMAGE) {
            // It may read the plain image, and has its own way back.
            memory.desc plain = OneDnn.desc(1, step.from(), descriptors.type(), Layout.PLAIN);
            forward |= isFast(forward(step, kernel, descriptors, plain, dst, addend));
        } else {
            backward = isFast(descriptors.backwardData(kernel, src, dst));
        }
        return (forward ? 0 : 1) + (backward ? 0 : 1);
    }

    private static primitive_desc_base forward(
            Step step,
            Kernel kernel,
            Descriptors descriptors,
            memory.desc src,
            memory.desc dst,
            memory.desc addend) {
        return descriptors.forward(
                kernel, src, dst, Primitives.fused(false, addend, step.activation()));
    }

    private static boolean isFast(primitive_desc_base desc) {
        return desc != null && !OneDnn.isSlow(desc);
    }
}
