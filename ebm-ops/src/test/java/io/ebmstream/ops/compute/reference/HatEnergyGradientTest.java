package io.ebmstream.ops.compute.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.SnganGenerator;
import io.ebmstream.ops.sampler.GaussianNoise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Both gradients of H(z, r) = U(G(z) + r) against central differences in double precision. Pixels
 * go from generator to energy in float32: a relative error of 1e-7 in x, of some 1e-6 in the
 * gradients.
 */
class HatEnergyGradientTest {
    private static final ImageShape IMAGE = new ImageShape(3, 32, 32);
    private static final Network ENERGY = Light32.of(IMAGE, 2);
    private static final double STEP = 1e-7;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsAreTheSlopesOfTheHatEnergy(boolean latentMap) {
        Network generator =
                latentMap ? Autoencoder.decoder(IMAGE, 2) : SnganGenerator.of32(IMAGE, 6, 4);
        float[] u = TestArrays.weights(ENERGY, 1);
        float[] g = TestArrays.weights(generator, 2);
        float[] z = normals(3, generator.input().size());
        float[] r = normals(4, IMAGE.size());
        float[] alongZ = normals(5, z.length);
        float[] alongR = normals(6, r.length);
        try (HatEnergy hat = compile(generator, u, g);
                INDArray latents = TestArrays.images(generator, z);
                INDArray residual = TestArrays.images(ENERGY, r);
                INDArray byLatents = TestArrays.blank(generator, 1);
                INDArray byResidual = TestArrays.blank(ENERGY, 1)) {
            hat.gradient(latents, residual, byLatents, byResidual);
            check(slope(generator, u, g, z, alongZ, r, new float[r.length]), byLatents, alongZ);
            check(slope(generator, u, g, z, new float[z.length], r, alongR), byResidual, alongR);
        }
    }

    private static HatEnergy compile(Network generator, float[] u, float[] g) {
        HatEnergy hat =
                HatEnergy.compile(new ReferenceExecutor(), ENERGY, generator, 2, Precision.FLOAT32);
        try (INDArray energyWeights = TestArrays.vector(u);
                INDArray generatorWeights = TestArrays.vector(g)) {
            hat.energy().setParameters(energyWeights);
            hat.generator().setParameters(generatorWeights);
        }
        return hat;
    }

    private static double slope(
            Network generator,
            float[] u,
            float[] g,
            float[] z,
            float[] alongZ,
            float[] r,
            float[] alongR) {
        return (exact(generator, u, g, moved(z, alongZ, STEP), moved(r, alongR, STEP))
                        - exact(generator, u, g, moved(z, alongZ, -STEP), moved(r, alongR, -STEP)))
                / (2 * STEP);
    }

    private static double exact(Network generator, float[] u, float[] g, double[] z, double[] r) {
        double[][] x =
                new ReferenceNetwork(generator, 1, Mode.INFERENCE)
                        .exact(moved(g, g, 0), new double[][] {z});
        for (int j = 0; j < r.length; j++) {
            x[0][j] += r[j];
        }
        return new ReferenceNetwork(ENERGY, 1, Mode.INFERENCE).exact(moved(u, u, 0), x)[0][0];
    }

    private static void check(double slope, INDArray gradient, float[] direction) {
        double sum = 0;
        double squares = 0;
        float[] values = TestArrays.values(gradient);
        for (int j = 0; j < values.length; j++) {
            sum += (double) values[j] * direction[j];
            squares += (double) values[j] * values[j];
        }
        assertThat(squares).isPositive();
        double allowed = 1e-5 * Math.sqrt(squares * direction.length);
        assertThat(slope - sum).isBetween(-allowed, allowed);
    }

    private static double[] moved(float[] from, float[] direction, double step) {
        double[] moved = new double[from.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = from[i] + step * direction[i];
        }
        return moved;
    }

    private static float[] normals(long chain, int length) {
        float[] normals = new float[length];
        new GaussianNoise().fill(9, chain, 0, normals, 0, length);
        return normals;
    }

    @Test
    void refusesWhatDoesNotFit() {
        ReferenceExecutor executor = new ReferenceExecutor();
        Network decoder = Autoencoder.decoder(new ImageShape(1, 32, 32), 1);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> HatEnergy.compile(executor, ENERGY, decoder, 2, Precision.FLOAT32))
                .withMessageContaining("generator of its images")
                .withMessageContaining("with output 1x32x32");
        Network generator = Autoencoder.decoder(IMAGE, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new HatEnergy(
                                        executor.compile(ENERGY, 2, Precision.FLOAT32),
                                        executor.compile(
                                                generator, 2, Precision.FLOAT32, Mode.TRAINING)))
                .withMessageContaining("compiled for inference");
        try (HatEnergy hat = HatEnergy.compile(executor, ENERGY, generator, 2, Precision.FLOAT32);
                INDArray z = TestArrays.images(generator, 2, 1);
                INDArray r = TestArrays.images(ENERGY, 2, 1);
                INDArray one = TestArrays.images(ENERGY, 1, 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> hat.gradient(z, r, null, null))
                    .withMessageContaining("byLatents, byResidual or both");
            assertThatIllegalArgumentException().isThrownBy(() -> hat.gradient(z, one, z, null));
            assertThatIllegalArgumentException().isThrownBy(() -> hat.gradient(z, r, r, null));
            assertThatIllegalArgumentException().isThrownBy(() -> hat.gradient(z, r, z, one));
            assertThatIllegalArgumentException().isThrownBy(() -> hat.images(z, r, one));
        }
    }
}
