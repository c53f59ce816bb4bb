package io.ebmstream.job.cli;

import io.ebmstream.ops.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A folder that a training keeps its checkpoint in: a safetensors file of its arrays, with the
 * settings and the steps done as metadata.
 *
 * @param file the checkpoint
 */
record CheckpointFolder(Path file) {
    private static final String SETTINGS = "settings";
    private static final String DONE = "done";

    /**
     * What a training goes on from.
     *
     * @param done steps behind it
     * @param arrays in the order in which they were written
     */
    record Kept(int done, List<float[]> arrays) {}

    /**
     * Makes the folder, and sees that a training neither overwrites another nor goes on from none.
     *
     * @param name name of the checkpoint's file
     * @throws UsageException if {@code --resume} was given without a checkpoint, or the reverse
     */
    static CheckpointFolder open(Path folder, String name, boolean resume) throws IOException {
        Files.createDirectories(folder);
        Path checkpoint = folder.resolve(name);
        if (Files.exists(checkpoint) != resume) {
            throw new UsageException(
                    resume
                            ? "--resume: expected a checkpoint at " + checkpoint + ", found none"
                            : "expected no checkpoint in "
                                    + folder
                                    + ", found one; give --resume to go on, or another --out");
        }
        return new CheckpointFolder(checkpoint);
    }

    /**
     * Replaces the checkpoint.
     *
     * @param settings all that shapes the training
     * @param names of the arrays
     * @param arrays as many
     */
    void write(String settings, int done, List<String> names, List<float[]> arrays)
            throws IOException {
        List<SafeTensors.Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            float[] values = arrays.get(i);
            tensors.add(new SafeTensors.Tensor(names.get(i), List.of(values.length), values));
        }
        Map<String, String> texts = Map.of(SETTINGS, settings, DONE, "" + done);
        WholeFile.replace(file, new SafeTensors(texts, tensors).toBytes());
    }

    /**
     * Reads the checkpoint.
     *
     * @param count arrays that it must have
     * @throws UsageException if it is of other settings
     */
    Kept read(String settings, int count) throws IOException {
        SafeTensors kept = SafeTensors.fromBytes(Files.readAllBytes(file));
        String found = kept.metadata().getOrDefault(SETTINGS, "none");
        if (!found.equals(settings) || kept.tensors().size() != count) {
            throw new UsageException(
                    "--resume: expected a checkpoint of\n  "
                            + settings
                            + "\nfound one of\n  "
                            + found
                            + "\ngive the same options, or another --out");
        }
        return new Kept(
                Integer.parseInt(kept.metadata().get(DONE)),
                kept.tensors().stream().map(SafeTensors.Tensor::values).toList());
    }
}
