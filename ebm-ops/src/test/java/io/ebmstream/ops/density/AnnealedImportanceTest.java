package io.ebmstream.ops.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class AnnealedImportanceTest {
    /** Around 0.2 with standard deviations 0.1, 0.2, .. 0.4; well within the box. */
    private static final int DIMENSIONS = 4;

    private static final EnergyFunction GAUSSIAN =
            (points, n, energies, gradients) -> {
                for (int i = 0; i < n; i++) {
                    energies[i] = 0;
                    for (int j = 0; j < DIMENSIONS; j++) {
                        double deviation = 0.1 * (j + 1);
                        double z = (points[i * DIMENSIONS + j] - 0.2) / deviation;
                        energies[i] += z * z / 2;
                        gradients[i * DIMENSIONS + j] = (float) (z / deviation);
                    }
                }
            };

    /** d/2 log 2 pi + sum log sigma. */
    private static final double KNOWN = 2 * Math.log(2 * Math.PI) + Math.log(24e-4);

    private static LogZEstimate logZ(EnergyFunction energy, int dimensions, LogZConfig config) {
        return AnnealedImportance.logZ(energy, dimensions, config, step -> {});
    }

    @Test
    void logZOfAGaussianIsTheKnownOne() {
        LogZEstimate found =
                logZ(GAUSSIAN, DIMENSIONS, new LogZConfig(200, 200, 2, 0.6, 4, 0.05, 1));
        // weights' spread of some 0.5 over 200 chains: a standard error of 0.04
        assertThat(found.value()).isCloseTo(KNOWN, within(0.12));
        assertThat(found.low()).isLessThan(found.value());
        assertThat(found.high()).isGreaterThan(found.value());
        assertThat(found.ess()).isGreaterThan(100);
        assertThat(found.reliable()).isTrue();
        assertThat(found.acceptance()).isBetween(0.4, 0.75);
        // half a sum of four squares of standard normals
        assertThat(found.meanEnergy()).isCloseTo(2, within(0.4));
    }

    /** 95 % intervals of 40 seeds: fewer than 32 hits have a chance of 1 in 10,000. */
    @Test
    void intervalsHoldTheKnownValueAsOftenAsTheySay() {
        int hits = 0;
        for (long seed = 0; seed < 40; seed++) {
            LogZEstimate found =
                    logZ(GAUSSIAN, DIMENSIONS, new LogZConfig(60, 60, 2, 0.6, 4, 0.05, seed));
            hits += found.low() <= KNOWN && KNOWN <= found.high() ? 1 : 0;
        }
        assertThat(hits).isGreaterThanOrEqualTo(32);
    }

    /** A flat energy: the box has the volume (2 b)^d. */
    @Test
    void aFlatEnergyHasTheVolumeOfItsBox() {
        EnergyFunction flat =
                (points, n, energies, gradients) -> {
                    for (int i = 0; i < n; i++) {
                        energies[i] = 0;
                    }
                    Arrays.fill(gradients, 0, n * 2, 0);
                };
        LogZEstimate found = logZ(flat, 2, new LogZConfig(300, 300, 2, 0.5, 1, 0.2, 3));
        assertThat(found.value()).isCloseTo(2 * Math.log(2), within(0.1));
    }

    /** In many dimensions some coordinate of every chain meets a wall in every step. */
    @Test
    void wallsReflect() {
        int dimensions = 500;
        EnergyFunction slope =
                (points, n, energies, gradients) -> {
                    for (int i = 0; i < n; i++) {
                        energies[i] = 0;
                        for (int j = i * dimensions; j < (i + 1) * dimensions; j++) {
                            energies[i] += points[j];
                            gradients[j] = 1;
                        }
                    }
                };
        LogZEstimate found = logZ(slope, dimensions, new LogZConfig(32, 1000, 8, 0.6, 1, 0.05, 4));
        // the integral of exp(-x) over [-1, 1] is 2 sinh 1
        double known = dimensions * Math.log(2 * Math.sinh(1));
        assertThat(found.value()).isCloseTo(known, within(2.0));
        assertThat(found.reliable()).isTrue();
        assertThat(found.acceptance()).isBetween(0.5, 0.8);
    }

    /** Two Gaussians on top of each other are one, times what they have in common. */
    @Test
    void logZOfASumIsTheKnownOne() {
        EnergyFunction wide =
                (points, n, energies, gradients) -> {
                    for (int i = 0; i < n; i++) {
                        energies[i] = 3;
                        for (int j = i * DIMENSIONS; j < (i + 1) * DIMENSIONS; j++) {
                            energies[i] += points[j] * points[j] / 2;
                            gradients[j] = points[j];
                        }
                    }
                };
        double known = KNOWN - 3;
        for (int j = 1; j <= DIMENSIONS; j++) {
            double variance = 0.01 * j * j;
            known -= (Math.log1p(variance) + 0.04 / (1 + variance)) / 2;
        }
        LogZConfig config = new LogZConfig(200, 200, 2, 0.6, 4, 0.05, 1);
        LogZEstimate found = logZ(new EnergySum(GAUSSIAN, wide), DIMENSIONS, config);
        assertThat(found.value()).isCloseTo(known, within(0.12));
    }

    /**
     * U(x) = a x with the Gaussian term: the Gaussian around -tau^2 a/T, whose integral is known;
     * by a network, in parts of its batch.
     */
    @Test
    void logZOfANetworkIsTheKnownOne() {
        Network network = TestArrays.linear(1, 3);
        int size = network.input().size();
        float[] weights = new float[network.parameterCount()];
        double tau = 0.3;
        double temperature = 0.5;
        double squares = 0;
        for (int i = 0; i < size; i++) {
            weights[i] = 0.1f * (i - 2);
            squares += weights[i] * weights[i] / (temperature * temperature);
        }
        double bias = 0.7;
        weights[size] = (float) bias;
        double known =
                size / 2.0 * Math.log(2 * Math.PI * tau * tau)
                        + tau * tau * squares / 2
                        - bias / temperature;
        try (CompiledNetwork compiled =
                Executors.resolve("reference", "float32")
                        .executor()
                        .compile(network, 16, Precision.FLOAT32)) {
            compiled.setParameters(Nd4j.createFromArray(weights));
            try (NetworkEnergy energy =
                    new NetworkEnergy(compiled, new LangevinConfig(0.01, temperature, tau, 0))) {
                LogZEstimate found =
                        logZ(energy, size, new LogZConfig(100, 100, 2, 0.5, 3, 0.1, 2));
                assertThat(found.value()).isCloseTo(known, within(0.15));
            }
        }
    }

    @Test
    void isAFunctionOfItsSeed() {
        LogZConfig config = new LogZConfig(8, 10, 2, 0.6, 4, 0.05, 1);
        List<Integer> told = new ArrayList<>();
        LogZEstimate first = AnnealedImportance.logZ(GAUSSIAN, DIMENSIONS, config, told::add);
        assertThat(told).hasSize(20).endsWith(20);
        assertThat(logZ(GAUSSIAN, DIMENSIONS, config).logWeights()).isEqualTo(first.logWeights());
        assertThat(
                        logZ(GAUSSIAN, DIMENSIONS, new LogZConfig(8, 10, 2, 0.6, 4, 0.05, 2))
                                .logWeights())
                .isNotEqualTo(first.logWeights());
    }

    @Test
    void aSingleHeavyChainIsToldByItsWeight() {
        LogZEstimate found =
                AnnealedImportance.estimate(new double[] {-50, -60, -3, -70}, 0.5, 2, 1);
        assertThat(found.ess()).isCloseTo(1, within(1e-9));
        assertThat(found.reliable()).isFalse();
        assertThat(found.value()).isCloseTo(-3 - Math.log(4), within(1e-9));
    }

    /** Uniform pixels have a density of 2^-d over [-1, 1]^d, about 8 bits for each. */
    @Test
    void bitsOfUniformPixelsAreEight() {
        assertThat(LogZEstimate.bitsPerDimension(0, 10 * Math.log(2), 10))
                .isCloseTo(Math.log(255) / Math.log(2), within(1e-12));
    }

    @Test
    void nonFiniteEnergiesAndConfigurationsAreRefused() {
        EnergyFunction broken = (points, n, energies, gradients) -> energies[0] = Double.NaN;
        assertThatThrownBy(() -> logZ(broken, 1, LogZConfig.DEFAULT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found NaN");
        assertThatThrownBy(() -> new LogZConfig(2, 10, 1, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chains 2");
    }
}
