package io.ebmstream.job.classify;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.onnx.OnnxClassifier;
import io.ebmstream.ops.onnx.OnnxInput;
import io.ebmstream.ops.state.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A classifier in a file: {@code .onnx} is a user's own model, anything else what {@code ebm
 * train-classifier} wrote. Read where it runs.
 *
 * @param file path on the machine that reads it
 * @param layout how an ONNX model takes images, {@link OnnxInput#LAYOUTS}
 * @param range pixels that it takes, {@link OnnxInput#RANGES}
 * @param mean numbers that it wants subtracted, with commas between them, or empty
 * @param deviation numbers that it wants divided by, likewise
 */
public record ClassifierSource(
        String file, String layout, String range, String mean, String deviation)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final String ONNX = ".onnx";

    /** With the images of this product as the model's input. */
    public static ClassifierSource of(Path file) {
        return new ClassifierSource(
                file.toString(), OnnxInput.LAYOUTS.get(0), OnnxInput.RANGES.get(0), "", "");
    }

    /** Whether it is a user's own model. */
    public boolean isOnnx() {
        return file.endsWith(ONNX);
    }

    /**
     * Opens the classifier.
     *
     * @param image shape of the images that it is to classify
     * @param executor computes, unless the model is an ONNX one
     * @throws IllegalArgumentException if it cannot be read or takes other images
     */
    public Classifier open(ImageShape image, Executor executor) {
        if (isOnnx()) {
            return OnnxClassifier.open(
                    Path.of(file), OnnxInput.parse(layout, range, mean, deviation), image);
        }
        ClassifierFile found;
        try {
            found = ClassifierFile.read(Path.of(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "expected a classifier that ebm train-classifier wrote, or a file that ends in"
                            + " .onnx, found that "
                            + file
                            + " cannot be read: "
                            + e.getMessage(),
                    e);
        }
        if (!found.network().input().equals(image)) {
            throw new IllegalArgumentException(
                    "expected a classifier of "
                            + image
                            + ", found one of "
                            + found.network().input()
                            + " in "
                            + file);
        }
        return new NetworkClassifier(
                found.network(),
                executor,
                Precision.FLOAT32,
                NetworkClassifier.DEFAULT_BATCH,
                found.weights());
    }

    /**
     * SHA-256 of the file, lower-case hexadecimal digits.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    public String hash() {
        try {
            return Sha256.hex(Files.readAllBytes(Path.of(file)));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the classifier " + file, e);
        }
    }
}
