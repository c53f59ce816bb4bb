package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageQuality;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.StructuralSimilarity;
import io.ebmstream.ops.weights.ModelFile;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How well an autoencoder gives images back, D(E(x)), in float32.
 *
 * @param count images measured
 * @param mse mean squared error in pixel units of [-1, 1]
 * @param psnr mean peak signal-to-noise ratio, dB
 * @param ssim mean structural similarity
 */
public record Reconstruction(int count, double mse, double psnr, double ssim) {
    private static final int BATCH = 16;

    /**
     * D(E(x)) of images, clipped to bytes.
     *
     * @param encoder from images to latents
     * @param decoder from latents to images
     */
    public static List<Image> images(
            ModelFile.Part encoder, ModelFile.Part decoder, Executor executor, List<Image> images) {
        Network e = encoder.network();
        Network d = decoder.network();
        ImageShape shape = e.input();
        int size = shape.size();
        float[] pixels = new float[size];
        List<Image> result = new ArrayList<>();
        try (CompiledNetwork encode = executor.compile(e, BATCH, Precision.FLOAT32);
                CompiledNetwork decode = executor.compile(d, BATCH, Precision.FLOAT32);
                INDArray encoderWeights = Nd4j.createFromArray(encoder.weights());
                INDArray decoderWeights = Nd4j.createFromArray(decoder.weights())) {
            encode.setParameters(encoderWeights);
            decode.setParameters(decoderWeights);
            for (int first = 0; first < images.size(); first += BATCH) {
                int n = Math.min(BATCH, images.size() - first);
                try (INDArray x = array(n, shape);
                        INDArray z = array(n, e.output())) {
                    for (int i = 0; i < n; i++) {
                        Pixels.toFloat(images.get(first + i).pixels(), 0, pixels, 0, size);
                        FloatArrays.write(pixels, 0, x, (long) i * size, size);
                    }
                    encode.forward(x, z);
                    decode.forward(z, x);
                    for (int i = 0; i < n; i++) {
                        FloatArrays.read(x, (long) i * size, pixels, 0, size);
                        byte[] bytes = new byte[size];
                        Pixels.toBytes(pixels, 0, bytes, 0, size);
                        result.add(new Image(shape, bytes));
                    }
                }
            }
        }
        return result;
    }

    private static INDArray array(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    /** Measures reconstructions against their images, pair by pair. */
    public static Reconstruction of(List<Image> images, List<Image> reconstructions) {
        double mse = 0;
        double psnr = 0;
        double ssim = 0;
        int n = images.size();
        for (int i = 0; i < n; i++) {
            mse += ImageQuality.mse(images.get(i), reconstructions.get(i)) / n;
            psnr += ImageQuality.psnr(images.get(i), reconstructions.get(i)) / n;
            ssim += StructuralSimilarity.of(images.get(i), reconstructions.get(i)) / n;
        }
        return new Reconstruction(n, mse, psnr, ssim);
    }
}
