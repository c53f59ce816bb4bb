package io.ebmstream.ops.compute.onednn;

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

    static Layout of(List<Stage> stages, Descriptors descriptors) {
        boolean amx = descriptors.type() == memory.data_type.bf16 && OneDnn.hasAmx();
        Layout best = null;
        int fewest = Integer.MAX_VALUE;
        for (Layout layout : amx ? AMX : USUAL) {
            int slow = slowLayers(stages, descriptors, layout);
            if (slow < fewest) {
                fewest = slow;
                best = layout;
            }
        }
        return best;
    }

    private static int slowLayers(List<Stage> stages, Descriptors descriptors, Layout layout) {
        int slow = 0;
        for (int i = 0; i < stages.size() - 1; i++) {
            Stage stage = stages.get(i);
            if (stage.conv() == null) {
                continue;
            }
            memory.desc src = OneDnn.desc(1, stage.input(), descriptors.type(), layout);
            memory.desc dst = OneDnn.desc(1, stage.output(), descriptors.type(), layout);
            // The first convolution reads the plain image and has its own way back.
            memory.desc read =
                    i == 0 ? OneDnn.desc(1, stage.input(), descriptors.type(), Layout.PLAIN) : src;
            boolean forward =
                    !read.equals(src)
                            && fast(descriptors.forward(stage.conv(), stage.slope(), read, dst));
            if (!forward) {
                forward = fast(descriptors.forward(stage.conv(), stage.slope(), src, dst));
            }
            boolean backward = i == 0 || fast(descriptors.backwardData(stage.conv(), src, dst));
            slow += (forward ? 0 : 1) + (backward ? 0 : 1);
        }
        return slow;
    }

    private static boolean fast(primitive_desc_base desc) {
        return desc != null && !OneDnn.isSlow(desc);
    }
}
