package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.util.List;

/** Images held in memory as unsigned bytes. */
public final class InMemoryDataset implements ImageDataset {
    private final String name;
    private final List<Image> images;
    private final List<String> classNames;

    /**
     * @param classNames names by label, or empty
     * @throws IllegalArgumentException if there is no image or two differ in shape
     */
    public InMemoryDataset(String name, List<Image> images, List<String> classNames) {
        this.name = name;
        this.images = List.copyOf(images);
        this.classNames = List.copyOf(classNames);
        if (this.images.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected at least one image in " + name + ", found none");
        }
        for (int i = 0; i < this.images.size(); i++) {
            ImageShape found = this.images.get(i).shape();
            if (!found.equals(shape())) {
                throw new IllegalArgumentException(
                        "expected every image of "
                                + name
                                + " to be "
                                + shape()
                                + " like the first, found "
                                + found
                                + " at index "
                                + i
                                + "; ask for one shape");
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public ImageShape shape() {
        return images.get(0).shape();
    }

    @Override
    public Image image(int index) {
        return images.get(index);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public String toString() {
        return name + ": " + size() + " images of " + shape();
    }
}
