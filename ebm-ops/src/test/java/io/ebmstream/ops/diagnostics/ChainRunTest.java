package io.ebmstream.ops.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainRunTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final Executor EXECUTOR = Executors.resolve("auto", "float32").executor();

    /** Without weights U is 0, and the Gaussian term alone makes every pixel N(0, tau^2). */
    private static final float[] NONE = new float[NETWORK.parameterCount()];

    private static final double TAU = 0.3;
    private static final double EPS = 0.06;
    private static final LangevinConfig GAUSSIAN = new LangevinConfig(EPS, 1e-4, TAU, 0);

    private static List<float[]> noise(int count) {
        List<float[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] image = new float[SHAPE.size()];
            new UniformNoise().fill(1, i, 0, image, 0, image.length);
            images.add(image);
        }
        return images;
    }

    private static ChainRun run(float[] weights, LangevinConfig langevin, List<float[]> starts) {
        return new ChainRun(NETWORK, EXECUTOR, Precision.FLOAT32, 4, weights, langevin, starts, 9);
    }

    @Test
    void aPriorPullsAsMuchAsItsTemperatureSays() {
        float[] weights = Initializer.weights(NETWORK, 1);
        float[] others = Initializer.weights(NETWORK, 2);
        LangevinConfig langevin = LangevinConfig.of(0.01, 1e-3);
        ChainPrior prior = new ChainPrior(NETWORK, weights, 1e-3);
        try (ChainRun energy = run(weights, langevin, noise(6));
                ChainRun alone = under(prior, NONE, langevin);
                ChainRun both = under(prior, others, langevin);
                ChainRun other = run(others, langevin, noise(6))) {
            double[] first = energy.energies();
            double[] second = other.energies();
            for (int i = 0; i < 6; i++) {
                // sums of two float32 energies
                assertThat(both.energies()[i])
                        .isCloseTo(first[i] + second[i], within(1e-6 * Math.abs(first[i]) + 1e-3));
            }
            energy.advance(5);
            alone.advance(5);
            both.advance(5);
            float[] expected = new float[SHAPE.size()];
            float[] found = new float[SHAPE.size()];
            for (int i = 0; i < 6; i++) {
                energy.read(i, expected);
                alone.read(i, found);
                // the executor's own loop may round otherwise
                for (int p = 0; p < expected.length; p++) {
                    assertThat(found[p]).isCloseTo(expected[p], within(1e-5f));
                }
                both.read(i, found);
                assertThat(found).isNotEqualTo(expected);
            }
        }
        assertThatThrownBy(() -> new ChainPrior(NETWORK, new float[3], 1))
                .hasMessageContaining("found 3");
        assertThatThrownBy(() -> new ChainPrior(NETWORK, weights, 0))
                .hasMessageContaining("temperature above 0");
    }

    private static ChainRun under(ChainPrior prior, float[] weights, LangevinConfig langevin) {
        return new ChainRun(
                NETWORK, EXECUTOR, Precision.FLOAT32, 4, weights, prior, langevin, noise(6), 9);
    }

    @Test
    void chainsDoNotDependOnHowTheirStepsAreCut() {
        float[] weights = Initializer.weights(NETWORK, 1);
        LangevinConfig langevin = LangevinConfig.of(0.01, 1e-3);
        try (ChainRun whole = run(weights, langevin, noise(6));
                ChainRun cut = run(weights, langevin, noise(6));
                ChainRun later = run(weights, langevin, noise(6))) {
            whole.advance(10);
            cut.advance(3);
            later.restore(cut.state());
            assertThat(later.steps()).isEqualTo(3);
            later.advance(7);
            cut.advance(7);
            assertThat(cut.state()).isEqualTo(whole.state());
            assertThat(later.state()).isEqualTo(whole.state());
            assertThat(whole.displacement()).isPositive();
            assertThat(whole.finite()).isTrue();
        }
        try (WorkerPool pool = new WorkerPool(2, "test");
                ChainRun whole = run(weights, langevin, noise(6));
                ChainRun parallel =
                        new ChainRun(
                                NETWORK,
                                new ParallelExecutor(EXECUTOR, pool, 4),
                                Precision.FLOAT32,
                                6,
                                weights,
                                langevin,
                                noise(6),
                                9)) {
            whole.advance(5);
            parallel.advance(5);
            assertThat(parallel.state()).isEqualTo(whole.state());
            assertThat(parallel.energies()).isEqualTo(whole.energies());
        }
        assertThatThrownBy(() -> run(weights, langevin, List.of(new float[3])))
                .hasMessageContaining("found 3 values");
    }

    /**
     * The discrete chain x <- (1 - a) x + eps xi with a = eps^2 / (2 tau^2) = 0.02 has variance
     * eps^2 / (1 - (1 - a)^2) and forgets its start as (1 - a)^t.
     */
    @Test
    void aGaussianIsRecoveredAndForgetsItsStart() {
        double a = EPS * EPS / (2 * TAU * TAU);
        double variance = EPS * EPS / (1 - (1 - a) * (1 - a));
        int groups = 4;
        int chains = 4;
        Projections projections = new Projections(SHAPE.size(), 3, 5);
        List<float[]> starts = Mixing.starts(noise(groups), chains);
        try (ChainRun run = run(NONE, GAUSSIAN, starts)) {
            run.advance(300);
            double squares = 0;
            float[] image = new float[SHAPE.size()];
            for (int i = 0; i < run.count(); i++) {
                run.read(i, image);
                for (float x : image) {
                    squares += x * x;
                }
            }
            int n = run.count() * SHAPE.size();
            // standard error of a variance of 4096 values: sqrt(2 / n) = 2.2 %
            assertThat(squares / n / variance).isCloseTo(1, within(0.08));
        }
        try (ChainRun run = run(NONE, GAUSSIAN, starts)) {
            MixingReport report =
                    new Mixing(groups, chains, projections)
                            .measure(run, 300, 200, 10, steps -> {}, () -> false);
            assertThat(report.quantities()).hasSize(4);
            // U is 0 for every image
            assertThat(report.quantities().get(0).rhat()).isNaN();
            double phi = Math.pow(1 - a, 10);
            double expected = 200 * (1 - phi) / (1 + phi);
            for (MixingReport.Quantity quantity : report.quantities().subList(1, 4)) {
                assertThat(quantity.converged()).as(quantity.toString()).isTrue();
                assertThat(quantity.essPerChain()).isBetween(0.5 * expected, 1.6 * expected);
                assertThat(quantity.ess()).isBetween(0.5 * 16 * expected, 1.6 * 16 * expected);
            }
        }
        try (ChainRun run = run(NONE, GAUSSIAN, starts)) {
            MixingReport report =
                    new Mixing(groups, chains, projections)
                            .measure(run, 0, 5, 1, steps -> {}, () -> false);
            assertThat(report.quantities().get(1).converged()).isFalse();
            assertThat(report.converged()).isFalse();
        }
    }

    @Test
    void stopsWhenItIsTold() {
        Projections projections = new Projections(SHAPE.size(), 1, 5);
        try (ChainRun run = run(NONE, GAUSSIAN, Mixing.starts(noise(2), 2))) {
            assertThat(
                            new Mixing(2, 2, projections)
                                    .measure(run, 50, 5, 10, s -> {}, () -> run.steps() >= 20))
                    .isNull();
            assertThat(run.steps()).isEqualTo(20);
        }
        assertThatThrownBy(() -> new Mixing(1, 2, projections))
                .hasMessageContaining("at least 2 superchains");
    }

    @Test
    void agesOfABank() {
        try (PersistentBank bank = new PersistentBank(10, SHAPE)) {
            assertThat(BankAges.of(bank)).isEqualTo(new BankAges(10, 0, 0, 0, 0, 0, 0, 0));
            float[] image = new float[SHAPE.size()];
            for (int slot = 0; slot < 5; slot++) {
                for (int update = 0; update <= slot; update++) {
                    bank.write(slot, image, 0, 20, update == 0);
                }
            }
            assertThat(BankAges.of(bank)).isEqualTo(new BankAges(10, 5, 1, 2, 3, 4, 5, 60));
        }
    }
}
