package io.ebmstream.ops.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model in the ONNX format as a classifier: one float32 input for a batch of images, and logits
 * as its first output. It gives no gradients, which onnxruntime has not got for models that were
 * exported for inference: attack it by transfer or by scores.
 *
 * <p>Images go through one at a time on one thread, so that an image's logits are the same bits in
 * any company.
 */
public final class OnnxClassifier implements Classifier {
    private final ImageShape image;
    private final OnnxInput input;
    private final float[] means;
    private final float[] deviations;
    private final OrtSession session;
    private final String inputName;
    private final String outputName;
    private final OnnxTensor tensor;
    private final FloatBuffer values;
    private final float[] pixels;
    private final float[] arranged;
    private final int classes;
    private boolean closed;

    private OnnxClassifier(OrtSession session, OnnxInput input, ImageShape image, String file)
            throws OrtException {
        this.session = session;
        this.image = image;
        this.input = input;
        means = input.means(image.channels());
        deviations = input.deviations(image.channels());
        inputName = checkInput(session, input, image, file);
        outputName = checkOutput(session, file);
        pixels = new float[image.size()];
        arranged = new float[image.size()];
        values =
                ByteBuffer.allocateDirect(4 * image.size())
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        tensor =
                OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), values, shape(input, image));
        classes = run().length;
        if (classes < 2) {
            tensor.close();
            throw new IllegalArgumentException(
                    "expected at least 2 logits from " + file + ", found " + classes);
        }
    }

    /**
     * Opens a model.
     *
     * @param file ONNX model, with files of external data beside it
     * @param input what it wants images to look like
     * @param image shape of the images that it is to classify
     * @throws IllegalArgumentException if the file is missing or no model, or the model takes other
     *     images or gives no logits
     */
    public static OnnxClassifier open(Path file, OnnxInput input, ImageShape image) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("expected an ONNX model, found no file " + file);
        }
        OrtSession session = null;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setDeterministicCompute(true);
            session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
            return new OnnxClassifier(session, input, image, file.getFileName().toString());
        } catch (OrtException e) {
            close(session);
            throw new IllegalArgumentException(
                    "expected an ONNX model that onnxruntime can run, found that it cannot run "
                            + file
                            + ": "
                            + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            close(session);
            throw e;
        }
    }

    private static long[] shape(OnnxInput input, ImageShape image) {
        long c = image.channels();
        long h = image.height();
        long w = image.width();
        return input.channelsLast() ? new long[] {1, h, w, c} : new long[] {1, c, h, w};
    }

    private static String checkInput(
            OrtSession session, OnnxInput input, ImageShape image, String file)
            throws OrtException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        long[] wanted = shape(input, image);
        NodeInfo only = inputs.size() == 1 ? inputs.values().iterator().next() : null;
        if (only == null
                || !(only.getInfo() instanceof TensorInfo info)
                || info.type != OnnxJavaType.FLOAT
                || !fits(info.getShape(), wanted)) {
            throw new IllegalArgumentException(
                    "expected a model that takes one float32 input of shape "
                            + Arrays.toString(wanted)
                            + " ("
                            + OnnxInput.LAYOUTS.get(input.channelsLast() ? 1 : 0)
                            + ", any batch or 1), found that "
                            + file
                            + " takes "
                            + inputs.values()
                            + "; choose the other layout, or images of its shape");
        }
        return only.getName();
    }

    /** A size of -1 is free. */
    private static boolean fits(long[] found, long[] wanted) {
        boolean fits = found.length == wanted.length;
        for (int i = 0; fits && i < found.length; i++) {
            fits = found[i] < 0 || found[i] == wanted[i];
        }
        return fits;
    }

    private static String checkOutput(OrtSession session, String file) throws OrtException {
        NodeInfo first = session.getOutputInfo().values().iterator().next();
        if (!(first.getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.FLOAT) {
            throw new IllegalArgumentException(
                    "expected float32 logits as the first output of " + file + ", found " + first);
        }
        return first.getName();
    }

    @Override
    public ImageShape input() {
        return image;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void logits(INDArray images, float[][] logits) {
        if (closed) {
            throw new IllegalStateException("the classifier is closed");
        }
        check(images);
        int n = (int) images.size(0);
        FloatArrays.checkLength("logits", logits.length, n);
        for (int i = 0; i < n; i++) {
            FloatArrays.read(images, (long) i * pixels.length, pixels, 0, pixels.length);
            arrange();
            values.put(0, arranged);
            try {
                System.arraycopy(run(), 0, logits[i], 0, classes);
            } catch (OrtException e) {
                throw new IllegalStateException(
                        "expected logits from the ONNX model, found: " + e.getMessage(), e);
            }
        }
    }

    private void check(INDArray images) {
        if (images.rank() != 4
                || images.dataType() != DataType.FLOAT
                || images.size(1) != image.channels()
                || images.size(2) != image.height()
                || images.size(3) != image.width()) {
            throw new IllegalArgumentException(
                    "expected float32 images [n, "
                            + image.channels()
                            + ", "
                            + image.height()
                            + ", "
                            + image.width()
                            + "], found "
                            + images.dataType()
                            + " "
                            + Arrays.toString(images.shape()));
        }
    }

    /** Scales the pixels and puts them in the model's order. */
    private void arrange() {
        int channels = image.channels();
        int plane = image.height() * image.width();
        for (int c = 0; c < channels; c++) {
            for (int k = 0; k < plane; k++) {
                float pixel = pixels[c * plane + k];
                float scaled = input.unit() ? 0.5f * (pixel + 1) : pixel;
                int at = input.channelsLast() ? k * channels + c : c * plane + k;
                arranged[at] = (scaled - means[c]) / deviations[c];
            }
        }
    }

    private float[] run() throws OrtException {
        try (OrtSession.Result result = session.run(Map.of(inputName, tensor))) {
            FloatBuffer output =
                    ((OnnxTensor) result.get(outputName).orElseThrow()).getFloatBuffer();
            float[] found = new float[output.remaining()];
            output.get(found);
            return found;
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tensor.close();
            close(session);
        }
    }

    private static void close(OrtSession session) {
        if (session != null) {
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("onnxruntime did not close: " + e.getMessage(), e);
            }
        }
    }
}
