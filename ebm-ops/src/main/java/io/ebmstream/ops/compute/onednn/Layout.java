package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import org.bytedeco.dnnl.memory;

/** Orders of activations in memory. */
enum Layout {
    /** Blocks of 16 channels, innermost; the last block is padded. Fastest with AVX-512. */
    BLOCKED_16(memory.format_tag.aBcd16b, 16),
    /** Blocks of 8 channels, innermost; the last block is padded. For AVX2. */
    BLOCKED_8(memory.format_tag.aBcd8b, 8),
    /** Channels innermost: what AMX wants. */
    CHANNELS_LAST(memory.format_tag.acdb, 1),
    /** Width innermost: the order of arrays at the border. */
    PLAIN(memory.format_tag.abcd, 1);

    final memory.format_tag tag;

    /** Channels are padded to a multiple of this. */
    final int block;

    Layout(memory.format_tag tag, int block) {
        this.tag = tag;
        this.block = block;
    }

    /** Index of value (c, y, x) in one image's memory. */
    int index(ImageShape shape, int c, int y, int x) {
        if (this == PLAIN) {
            return (c * shape.height() + y) * shape.width() + x;
        }
        int lanes = this == CHANNELS_LAST ? shape.channels() : block;
        return ((c / lanes * shape.height() + y) * shape.width() + x) * lanes + c % lanes;
    }
}
