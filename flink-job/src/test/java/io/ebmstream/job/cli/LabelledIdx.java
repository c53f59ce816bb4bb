package io.ebmstream.job.cli;

import io.ebmstream.ops.sampler.Threefry;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a small data set of rows (label 0) and columns (label 1) of random brightness. */
final class LabelledIdx {
    private LabelledIdx() {}

    /** The file of the images; labels lie beside it. */
    static Path write(Path folder, String name, int count, int side) throws IOException {
        Path images = folder.resolve(name + "-images-idx3-ubyte");
        Path labels = folder.resolve(name + "-labels-idx1-ubyte");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(images));
                DataOutputStream of = new DataOutputStream(Files.newOutputStream(labels))) {
            out.writeInt(0x803);
            out.writeInt(count);
            out.writeInt(side);
            out.writeInt(side);
            of.writeInt(0x801);
            of.writeInt(count);
            for (int i = 0; i < count; i++) {
                for (int p = 0; p < side * side; p++) {
                    out.write((byte) Threefry.block(i, i % 2 == 0 ? p / side : p % side));
                }
                of.write(i % 2);
            }
        }
        return images;
    }
}
