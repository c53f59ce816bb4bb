package io.ebmstream.ops.preset;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.learner.BurnInConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The catalogue of presets: the rows of the life cycle (Hill, Mitchell, Chen, Du, Shah, Zhu 2022,
 * arXiv 2205.12243), of Stochastic Security (Hill, Mitchell, Zhu 2021, arXiv 2005.13525) and of Hat
 * EBM (Hill, Nijkamp, Mitchell, Pang, Zhu 2022, arXiv 2210.16486; {@link HatPreset}). Stateless,
 * thread-safe.
 */
public final class Presets {
    private static final String LIFE_CYCLE = "arXiv 2205.12243";
    private static final String DEFENSE = "arXiv 2005.13525";
    private static final String HAT = "arXiv 2210.16486";
    private static final ImageShape SMALL = new ImageShape(3, 32, 32);
    private static final double EMA = LearnerConfig.DEFAULT_EMA_DECAY;

    /** The last rate holds as long as the one before. */
    private static final long MID_RUN_UPDATES = 150_000;

    /** Annealed from Adam's usual rate to where learning converges. */
    private static final String ANNEALED =
            "1e-4@0, 1e-5@50000, 1e-6@75000, 1e-7@100000, 1e-8@125000";

    private static final String LONG_RUN =
            "2.5e-5@0, 1e-5@50000, 1e-6@75000, 1e-7@100000, 1e-8@125000";

    private static final List<Preset> ALL =
            List.of(
                    shortRun(),
                    midRun(),
                    midRunData(),
                    midRun224(),
                    prior(),
                    longRun(),
                    longRunData(),
                    defense(),
                    hat(
                            HatPreset.SYNTH,
                            "hat synthesis: energy and a generator that learns from its chains",
                            PresetGenerator.learning("sngan32-generator", 2, 1e-4)),
                    hat(
                            HatPreset.REFINE,
                            "hat refinement of a given generator's samples",
                            PresetGenerator.fixed("sngan32-generator")),
                    hat(
                            HatPreset.RETROFIT,
                            "hat model over an autoencoder's decoder",
                            PresetGenerator.fixed("autoencoder-decoder")),
                    shortRunCelebA(),
                    shortRunImageNet());

    private Presets() {}

    /** All presets: the papers' rows first, then their variants. */
    public static List<Preset> all() {
        return ALL;
    }

    /** Their names, in the same order. */
    public static List<String> names() {
        return ALL.stream().map(Preset::name).toList();
    }

    /**
     * A preset by its name.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public static Preset named(String name) {
        return ALL.stream()
                .filter(preset -> preset.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "expected a preset of "
                                                + names().stream().collect(Collectors.joining(", "))
                                                + ", found "
                                                + name));
    }

    private static Preset shortRun() {
        return new Preset(
                "shortrun",
                "synthesis: chains of a few updates from a generator that learns with them",
                LIFE_CYCLE,
                SMALL,
                "sngan32",
                PresetGenerator.learning("sngan32-generator", 1, 1e-4),
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.COOP_PERSISTENT,
                10_000,
                Schedule.constant(100),
                Schedule.constant(0.5),
                2,
                null,
                LangevinConfig.of(5e-3, 1e-4),
                1e-2,
                OptimizerKind.ADAM,
                0,
                Schedule.constant(1e-4),
                EMA,
                128,
                0);
    }

    private static Preset midRun() {
        return new Preset(
                "midrun",
                "defense: long-lived chains from a generator, annealed rate",
                LIFE_CYCLE,
                SMALL,
                "sngan32",
                PresetGenerator.fixed("sngan32-generator"),
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.COOP_PERSISTENT,
                25_000,
                Schedule.constant(100),
                Schedule.constant(0.05),
                0,
                null,
                LangevinConfig.of(1.25e-2, 1e-4),
                2.5e-2,
                OptimizerKind.ADAM,
                0,
                Schedule.parse(ANNEALED),
                EMA,
                128,
                MID_RUN_UPDATES);
    }

    private static Preset midRunData() {
        return new Preset(
                "midrun-data",
                "defense without a generator: long-lived chains from data, annealed rate",
                LIFE_CYCLE,
                SMALL,
                "sngan32",
                null,
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.DATA_PERSISTENT,
                20_000,
                Schedule.constant(100),
                Schedule.constant(0.025),
                0,
                null,
                LangevinConfig.of(1e-2, 1e-4),
                2e-2,
                OptimizerKind.ADAM,
                0,
                Schedule.parse(ANNEALED),
                EMA,
                128,
                MID_RUN_UPDATES);
    }

    private static Preset midRun224() {
        return new Preset(
                "midrun-224",
                "defense on photographs of 224x224 pixels",
                LIFE_CYCLE,
                new ImageShape(3, 224, 224),
                "sngan128",
                PresetGenerator.fixed("sngan128-generator"),
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.COOP_PERSISTENT,
                10_000,
                Schedule.constant(100),
                Schedule.constant(0.05),
                0,
                null,
                LangevinConfig.of(2e-2, 1e-5),
                0,
                OptimizerKind.ADAM,
                0,
                Schedule.parse(ANNEALED),
                EMA,
                128,
                MID_RUN_UPDATES);
    }

    private static Preset prior() {
        return new Preset(
                "prior",
                "the prior energy of long-run learning, held together by a Gaussian",
                LIFE_CYCLE,
                SMALL,
                "sngan32",
                PresetGenerator.fixed("sngan32-generator"),
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.COOP_PERSISTENT,
                10_000,
                Schedule.constant(50),
                Schedule.constant(0.2),
                0,
                null,
                new LangevinConfig(1e-2, 1e-4, 0.15, 0),
                2e-2,
                OptimizerKind.ADAM,
                0,
                Schedule.constant(1e-4),
                EMA,
                128,
                0);
    }

    private static Preset longRun() {
        return longRun(
                "longrun",
                "density: chains burn in in a bank of their own, under a prior",
                ChainStart.COOP_PERSISTENT,
                PresetGenerator.fixed("sngan32-generator"));
    }

    private static Preset longRunData() {
        return longRun(
                "longrun-data",
                "density without a generator: the chains that burn in start from data",
                ChainStart.DATA_PERSISTENT,
                null);
    }

    private static Preset longRun(
            String name, String summary, ChainStart start, PresetGenerator generator) {
        return new Preset(
                name,
                summary,
                LIFE_CYCLE,
                SMALL,
                "sngan32",
                generator,
                new PresetPrior("sngan32", 1e-4),
                LearnerConfig.LIFE_CYCLE,
                start,
                10_000,
                Schedule.constant(100),
                Schedule.constant(0),
                0,
                new BurnInConfig(1_000, Schedule.constant(100), 750),
                new LangevinConfig(1e-2, 1e-4, 0.15, 0),
                2e-2,
                OptimizerKind.ADAM,
                0,
                Schedule.parse(LONG_RUN),
                0,
                128,
                MID_RUN_UPDATES);
    }

    private static Preset defense() {
        double eps = 1e-2;
        double temperature = eps * eps / 2;
        return new Preset(
                "defense",
                "purification against attacks: chains that never restart, Adam, then SGD",
                DEFENSE + "; a bank of one chain for each training image there",
                SMALL,
                "light32",
                null,
                null,
                LearnerConfig.LIFE_CYCLE,
                ChainStart.PERSISTENT,
                50_000,
                Schedule.constant(100),
                Schedule.constant(0),
                0,
                null,
                LangevinConfig.of(eps, temperature),
                2e-2,
                OptimizerKind.ADAM,
                125_000,
                // the paper's loss has no 1/T: its rate of SGD is T times as large here
                Schedule.parse("1e-4@0, " + 5e-5 * temperature + "@125000"),
                EMA,
                100,
                250_000);
    }

    private static Preset hat(HatPreset row, String summary, PresetGenerator generator) {
        return new Preset(
                row.label(),
                summary,
                HAT,
                SMALL,
                "sngan32",
                generator,
                null,
                row.rule(),
                ChainStart.COOP,
                HatPreset.PAIRS,
                Schedule.constant(row.steps()),
                Schedule.constant(0),
                0,
                null,
                new LangevinConfig(row.stepSize(), row.temperature(), 0, HatDynamics.MAX_NORM),
                row.dataNoise(),
                OptimizerKind.ADAM,
                0,
                Schedule.constant(row.learningRate()),
                EMA,
                128,
                0);
    }

    private static Preset shortRunCelebA() {
        return variant(
                "shortrun-celeba64",
                "short-run synthesis of faces",
                new ImageShape(3, 64, 64),
                "sngan64",
                75,
                new LangevinConfig(3e-3, 1e-6, 0, 0));
    }

    private static Preset shortRunImageNet() {
        return variant(
                "shortrun-imagenet128",
                "short-run synthesis of many kinds of images, clipped",
                new ImageShape(3, 128, 128),
                "sngan128",
                50,
                new LangevinConfig(3e-3, 1e-7, 0, 2.5));
    }

    /** Short-run learning on other images. */
    private static Preset variant(
            String name,
            String summary,
            ImageShape image,
            String energy,
            int steps,
            LangevinConfig langevin) {
        Preset row = shortRun();
        return new Preset(
                name,
                summary,
                LIFE_CYCLE + "; what it leaves open as in shortrun, data noise 2 eps, clipping 2.5",
                image,
                energy,
                PresetGenerator.learning(energy + "-generator", 1, 1e-4),
                null,
                row.chains(),
                row.start(),
                row.bank(),
                Schedule.constant(steps),
                row.rejuvenation(),
                row.maxChainUpdates(),
                null,
                langevin,
                2 * langevin.stepSize(),
                row.optimizer(),
                0,
                row.learningRate(),
                row.emaDecay(),
                row.batch(),
                0);
    }
}
