package io.ebmstream.ops.hat;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The settings of the paper's three experiments on images of 32 pixels (Hill, Nijkamp, Mitchell,
 * Pang, Zhu 2022, arXiv 2210.16486, and its public configurations): the only place where these
 * values stand.
 */
public enum HatPreset {
    /** Generator and energy learn together, for synthesis; latents stay. */
    SYNTH(50, 5e-4, 0, 1e-8, 0, 1e-3, 1e-4),
    /** Samples of a given generator are refined. */
    REFINE(250, 1e-4, 5e-3, 1e-3, 0, 1e-3, 1e-5),
    /** An autoencoder's decoder becomes a generative model. */
    RETROFIT(100, 5e-4, 1e-3, 1e-3, 1 / (2 * 0.1 * 0.1), 1e-2, 1e-4);

    /** Pairs that a generator learns from. */
    public static final int PAIRS = 10_000;

    private final int steps;
    private final double stepSize;
    private final double latentStepSize;
    private final double temperature;
    private final double tauRes;
    private final double dataNoise;
    private final double learningRate;

    HatPreset(
            int steps,
            double stepSize,
            double latentStepSize,
            double temperature,
            double tauRes,
            double dataNoise,
            double learningRate) {
        this.steps = steps;
        this.stepSize = stepSize;
        this.latentStepSize = latentStepSize;
        this.temperature = temperature;
        this.tauRes = tauRes;
        this.dataNoise = dataNoise;
        this.learningRate = learningRate;
    }

    /** {@code hat-synth}, {@code hat-refine} or {@code hat-retrofit}. */
    public String label() {
        return "hat-" + name().toLowerCase(Locale.ROOT);
    }

    /**
     * A preset by its label.
     *
     * @throws IllegalArgumentException if there is none; the message lists them
     */
    public static HatPreset named(String label) {
        for (HatPreset preset : values()) {
            if (preset.label().equals(label)) {
                return preset;
            }
        }
        throw new IllegalArgumentException(
                "expected a hat preset of "
                        + Arrays.stream(values())
                                .map(HatPreset::label)
                                .collect(Collectors.joining(", "))
                        + ", found "
                        + label);
    }

    /** K, joint Langevin steps. */
    public int steps() {
        return steps;
    }

    /** eps of the residual, in pixel units of [-1, 1]. */
    public double stepSize() {
        return stepSize;
    }

    /** eps_z; 0 where latents stay. */
    public double latentStepSize() {
        return latentStepSize;
    }

    /** T. */
    public double temperature() {
        return temperature;
    }

    /** Factor of |r|^2; 0 where there is no such term. */
    public double tauRes() {
        return tauRes;
    }

    /** Standard deviation of the noise on data while learning. */
    public double dataNoise() {
        return dataNoise;
    }

    /** Rate of the energy's Adam. */
    public double learningRate() {
        return learningRate;
    }

    /** Whether the generator learns. */
    public boolean generatorLearns() {
        return this == SYNTH;
    }

    /** Its chains for a learner. */
    public HatRule rule() {
        return generatorLearns()
                ? HatRule.learning(HatRule.DEFAULT_LOSS_FACTOR)
                : HatRule.fixed(latentStepSize, tauRes);
    }

    /** Its dynamics at another temperature: that of the energy's own training. */
    public HatDynamics dynamics(double otherTemperature) {
        return HatDynamics.of(stepSize, latentStepSize, otherTemperature, tauRes);
    }
}
