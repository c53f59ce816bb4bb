package io.ebmstream.ops.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class HatLangevinTest {
    private static final long SEED = 11;
    private static final int BATCH = 5;

    private static final HatDynamics DYNAMICS = HatDynamics.of(2e-3, 1e-2, 1e-2, 50);

    /** z and r of some pairs after a run, with its diagnostics. */
    private record Run(float[] z, float[] r, float[] latentNorms, float[] residualNorms) {}

    private static HatEnergy hat(Network energy, float[] u, Network generator, float[] g) {
        HatEnergy hat =
                HatEnergy.compile(
                        new ReferenceExecutor(), energy, generator, BATCH, Precision.FLOAT32);
        try (INDArray energyWeights = TestArrays.vector(u);
                INDArray generatorWeights = TestArrays.vector(g)) {
            hat.energy().setParameters(energyWeights);
            hat.generator().setParameters(generatorWeights);
        }
        return hat;
    }

    private static HatEnergy hat() {
        return hat(
                HatNetworks.ENERGY,
                TestArrays.weights(HatNetworks.ENERGY, 1),
                HatNetworks.GENERATOR,
                TestArrays.weights(HatNetworks.GENERATOR, 2));
    }

    private static float[] normals(long chain, int length, float scale) {
        float[] normals = new float[length];
        new GaussianNoise().fill(9, chain, 0, normals, 0, length);
        for (int i = 0; i < length; i++) {
            normals[i] *= scale;
        }
        return normals;
    }

    /** Runs the pairs with the given chain ids, each from a begin of its own. */
    private static Run run(HatDynamics dynamics, long[] chains, int... stretches) {
        int latents = HatNetworks.GENERATOR.input().size();
        int pixels = HatNetworks.IMAGE.size();
        int n = chains.length;
        float[] z = new float[n * latents];
        float[] r = new float[n * pixels];
        for (int i = 0; i < n; i++) {
            System.arraycopy(normals(chains[i], latents, 1), 0, z, i * latents, latents);
            System.arraycopy(normals(-chains[i], pixels, 0.1f), 0, r, i * pixels, pixels);
        }
        Run run = new Run(z, r, new float[n], new float[n]);
        try (HatEnergy hat = hat();
                HatLangevin langevin = new HatLangevin(hat, dynamics);
                INDArray latent = TestArrays.images(HatNetworks.GENERATOR, z);
                INDArray residual = TestArrays.images(HatNetworks.ENERGY, r)) {
            long[] steps = new long[n];
            Arrays.setAll(steps, i -> 10 * chains[i]);
            for (int stretch : stretches) {
                langevin.run(
                        latent,
                        residual,
                        SEED,
                        chains,
                        steps,
                        stretch,
                        run.latentNorms(),
                        run.residualNorms());
                Arrays.setAll(steps, i -> steps[i] + stretch);
            }
            return new Run(
                    TestArrays.values(latent),
                    TestArrays.values(residual),
                    run.latentNorms(),
                    run.residualNorms());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-2})
    void pairsDoNotDependOnTheirCompanyNorOnHowStepsAreCut(double latentStepSize) {
        HatDynamics dynamics = HatDynamics.of(2e-3, latentStepSize, 1e-2, 0);
        Run together = run(dynamics, new long[] {4, 1, 3, 2, 7}, 6);
        assertThat(run(dynamics, new long[] {4, 1, 3, 2, 7}, 1, 3, 2))
                .usingRecursiveComparison()
                .isEqualTo(together);
        Run pair = run(dynamics, new long[] {2, 3}, 2, 4);
        for (int[] slots : new int[][] {{0, 3}, {1, 2}}) {
            assertThat(slot(pair.z(), slots[0], 2)).isEqualTo(slot(together.z(), slots[1], 5));
            assertThat(slot(pair.r(), slots[0], 2)).isEqualTo(slot(together.r(), slots[1], 5));
            assertThat(pair.residualNorms()[slots[0]])
                    .isEqualTo(together.residualNorms()[slots[1]]);
        }
        float[] began = normals(4, 3, 1);
        assertThat(Arrays.equals(slot(together.z(), 0, 5), began))
                .as("latents stay")
                .isEqualTo(latentStepSize == 0);
        assertThat(together.latentNorms()[0] == 0).isEqualTo(latentStepSize == 0);
    }

    private static float[] slot(float[] values, int i, int n) {
        int size = values.length / n;
        return Arrays.copyOfRange(values, i * size, (i + 1) * size);
    }

    @Test
    void aStepIsTheEquation() {
        float[] z = normals(4, 3, 1);
        float[] r = normals(-4, 256, 0.1f);
        double[] newZ = new double[3];
        double[] newR = new double[256];
        double latentNorm;
        double residualNorm;
        try (HatEnergy hat = hat();
                INDArray latent = TestArrays.images(HatNetworks.GENERATOR, z);
                INDArray residual = TestArrays.images(HatNetworks.ENERGY, r);
                INDArray byLatents = TestArrays.blank(HatNetworks.GENERATOR, 1);
                INDArray byResidual = TestArrays.blank(HatNetworks.ENERGY, 1)) {
            hat.gradient(latent, residual, byLatents, null);
            latentNorm =
                    step(
                            z,
                            TestArrays.values(byLatents),
                            newZ,
                            1e-2,
                            1e-2,
                            0,
                            0x7A,
                            Double.MAX_VALUE);
            try (INDArray moved = TestArrays.images(HatNetworks.GENERATOR, floats(newZ))) {
                hat.gradient(moved, residual, null, byResidual);
            }
            residualNorm = step(r, TestArrays.values(byResidual), newR, 2e-3, 1e-2, 50, 0x72, 2.5);
        }
        Run found = run(DYNAMICS, new long[] {4}, 1);
        // single precision against double
        for (int k = 0; k < 3; k++) {
            assertThat((double) found.z()[k]).isCloseTo(newZ[k], within(1e-6));
        }
        for (int k = 0; k < 256; k++) {
            assertThat((double) found.r()[k]).isCloseTo(newR[k], within(1e-6));
        }
        assertThat((double) found.latentNorms()[0])
                .isCloseTo(latentNorm, within(1e-4 * latentNorm));
        assertThat((double) found.residualNorms()[0])
                .isCloseTo(residualNorm, within(1e-4 * residualNorm));
    }

    /** One step of chain 4 at step 40; returns the displacement's norm. */
    private static double step(
            float[] x,
            float[] gradient,
            double[] out,
            double eps,
            double temperature,
            double tauRes,
            long purpose,
            double limit) {
        float[] noise = new float[x.length];
        new GaussianNoise().fill(Threefry.derive(SEED, purpose), 4, 40, noise, 0, x.length);
        double squares = 0;
        double[] d = new double[x.length];
        for (int k = 0; k < x.length; k++) {
            d[k] = eps * eps / 2 * (gradient[k] / temperature + 2 * tauRes * x[k]);
            squares += d[k] * d[k];
        }
        double norm = Math.min(limit, Math.sqrt(squares));
        for (int k = 0; k < x.length; k++) {
            out[k] = x[k] - d[k] * norm / Math.sqrt(squares) + eps * noise[k];
        }
        return norm;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Test
    void theResidualsDisplacementIsClipped() {
        Run wild = run(HatDynamics.of(2e-3, 0, 1e-12, 0), new long[] {1}, 1);
        assertThat(wild.residualNorms()[0]).isEqualTo(2.5f);
        float[] began = normals(-1, 256, 0.1f);
        double squares = 0;
        for (int k = 0; k < 256; k++) {
            squares += Math.pow((double) wild.r()[k] - began[k], 2);
        }
        // the noise adds some 2e-3 sqrt(256) across
        assertThat(Math.sqrt(squares)).isCloseTo(2.5, within(0.02));
    }

    /**
     * H(z, r) = |a z + r - c| / T + tau_res r^2 + z^2 / 2 of one latent and one pixel: means and
     * covariances by a sum over a grid, against 5 chains of 12,000 steps.
     */
    @Test
    void chainsHaveTheMomentsOfTheirTarget() {
        double a = 0.7;
        double c = 1;
        double temperature = 0.4;
        double tauRes = 1;
        Moments expected = new Moments();
        for (double z = -8; z <= 8; z += 0.02) {
            for (double r = -5; r <= 5; r += 0.02) {
                double h = Math.abs(a * z + r - c) / temperature + tauRes * r * r + z * z / 2;
                expected.add(z, r, Math.exp(-h));
            }
        }
        HatDynamics dynamics =
                new HatDynamics(
                        new LangevinConfig(0.25, temperature, 1 / Math.sqrt(2 * tauRes), 2.5),
                        new LangevinConfig(0.3, temperature, 1, 0));
        Network generator = HatNetworks.generator(1, new ImageShape(1, 1, 1), false);
        Moments found = new Moments();
        try (HatEnergy hat =
                        hat(
                                HatNetworks.distance(),
                                new float[] {1, -1, (float) -c, (float) c, 1, 1, 0},
                                generator,
                                new float[] {(float) a, 0});
                HatLangevin langevin = new HatLangevin(hat, dynamics);
                INDArray z = TestArrays.images(generator, new float[BATCH]);
                INDArray r = TestArrays.images(HatNetworks.distance(), new float[BATCH])) {
            long[] chains = {0, 1, 2, 3, 4};
            long[] steps = new long[BATCH];
            for (int k = 0; k < 12_000; k++) {
                langevin.run(z, r, SEED, chains, steps, 1, new float[BATCH], new float[BATCH]);
                Arrays.fill(steps, k + 1);
                for (int i = 0; k >= 200 && i < BATCH; i++) {
                    found.add(z.getDouble(i), r.getDouble(i), 1);
                }
            }
        }
        // 59,000 states, correlated over some 50: standard error 0.03 of a deviation of 1; steps of
        // 0.25 and 0.3 bias by eps^2/4, the kink doubles that
        assertThat(found.meanZ()).isCloseTo(expected.meanZ(), within(0.08));
        assertThat(found.meanR()).isCloseTo(expected.meanR(), within(0.08));
        assertThat(found.varianceZ()).isCloseTo(expected.varianceZ(), within(0.1));
        assertThat(found.varianceR()).isCloseTo(expected.varianceR(), within(0.1));
        assertThat(found.covariance()).isCloseTo(expected.covariance(), within(0.08));
        assertThat(expected.covariance()).as("z and r are coupled").isLessThan(-0.16);
    }

    /** Weighted sums of pairs. */
    private static final class Moments {
        private double weight;
        private double z;
        private double r;
        private double zz;
        private double rr;
        private double zr;

        void add(double nextZ, double nextR, double w) {
            weight += w;
            z += w * nextZ;
            r += w * nextR;
            zz += w * nextZ * nextZ;
            rr += w * nextR * nextR;
            zr += w * nextZ * nextR;
        }

        double meanZ() {
            return z / weight;
        }

        double meanR() {
            return r / weight;
        }

        double varianceZ() {
            return zz / weight - meanZ() * meanZ();
        }

        double varianceR() {
            return rr / weight - meanR() * meanR();
        }

        double covariance() {
            return zr / weight - meanZ() * meanR();
        }
    }

    @Test
    void badDynamicsAreRefused() {
        assertThatThrownBy(() -> HatDynamics.of(1e-3, -1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("latent step size");
        assertThatThrownBy(() -> HatDynamics.of(1e-3, 1e-3, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new HatDynamics(LangevinConfig.of(1, 1), LangevinConfig.of(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one temperature");
        assertThatThrownBy(() -> run(DYNAMICS, new long[] {1}, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1");
    }
}
