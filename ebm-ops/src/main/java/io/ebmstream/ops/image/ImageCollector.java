package io.ebmstream.ops.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the images of a data set while it is read: prepares each, checks that shapes agree, stops
 * at the limit, and keeps the whole within a share of the memory.
 */
final class ImageCollector {
    /** What an image costs beside its pixels: two objects, a list entry. */
    private static final int OVERHEAD = 64;

    private final DatasetOptions options;
    private final long maxBytes;
    private final List<Image> images = new ArrayList<>();
    private long bytes;

    ImageCollector(DatasetOptions options) {
        this(options, Runtime.getRuntime().maxMemory() / 2);
    }

    ImageCollector(DatasetOptions options, long maxBytes) {
        this.options = options;
        this.maxBytes = maxBytes;
    }

    DatasetOptions options() {
        return options;
    }

    /** Whether the limit on the number of images is reached. */
    boolean full() {
        return options.limit() > 0 && images.size() >= options.limit();
    }

    /**
     * @param place where the image comes from, for messages
     */
    void add(Image image, Object place) throws IOException {
        Image prepared;
        try {
            prepared = options.prepare(image);
        } catch (IllegalArgumentException e) {
            throw new IOException(place + ": " + e.getMessage(), e);
        }
        if (!images.isEmpty() && !images.get(0).shape().equals(prepared.shape())) {
            throw new IOException(
                    place
                            + ": expected an image of "
                            + images.get(0).shape()
                            + " like the first, found "
                            + prepared.shape()
                            + "; ask for one shape, so that images are cropped and resized to it");
        }
        bytes += prepared.pixels().length + OVERHEAD;
        if (bytes > maxBytes) {
            throw new IOException(
                    place
                            + ": expected images of at most "
                            + maxBytes
                            + " bytes together (half of the memory), found more after "
                            + images.size()
                            + " images; set a limit on their number, a smaller shape, or a larger"
                            + " -Xmx");
        }
        images.add(prepared);
    }

    int size() {
        return images.size();
    }

    List<Image> images() {
        return images;
    }
}
