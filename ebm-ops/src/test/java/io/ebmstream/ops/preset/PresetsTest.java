package io.ebmstream.ops.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.hat.HatRule;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.learner.BurnInConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
    private static final int UPDATES = 20;
    private static final Executor EXECUTOR = new OneDnnExecutor();

    static List<Preset> presets() {
        return Presets.all();
    }

    @Test
    void namesAreThoseOfThePapersRows() {
        assertThat(Presets.names())
                .doesNotHaveDuplicates()
                .contains(
                        "shortrun",
                        "midrun",
                        "midrun-data",
                        "midrun-224",
                        "prior",
                        "longrun",
                        "defense",
                        "hat-synth",
                        "hat-refine",
                        "hat-retrofit");
        assertThatThrownBy(() -> Presets.named("midran"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shortrun, midrun")
                .hasMessageEndingWith("found midran");
    }

    @Test
    void rowsHaveTheirValues() {
        LearnerConfig shortRun = full("shortrun");
        assertThat(shortRun.maxChainUpdates()).isEqualTo(2);
        assertThat(shortRun.rejuvenation().at(0)).isEqualTo(0.5);
        assertThat(shortRun.generator().learns()).isTrue();
        assertThat(shortRun.langevin().stepSize()).isEqualTo(5e-3);
        LearnerConfig midRun = full("midrun");
        assertThat(midRun.bankSize()).isEqualTo(25_000);
        assertThat(midRun.generator().learns()).isFalse();
        assertThat(midRun.learningRate().at(80_000)).isEqualTo(1e-6);
        assertThat(midRun.dataNoise()).isEqualTo(2.5e-2);
        LearnerConfig longRun = full("longrun");
        assertThat(longRun.burnIn())
                .isEqualTo(new BurnInConfig(1_000, Schedule.constant(100), 750));
        assertThat(longRun.emaDecay()).isZero();
        assertThat(longRun.prior().temperature()).isEqualTo(1e-4);
        assertThat(longRun.langevin().tau()).isEqualTo(0.15);
        assertThat(full("longrun-data").start()).isEqualTo(ChainStart.DATA_PERSISTENT);
        LearnerConfig defense = full("defense");
        assertThat(defense.langevin().temperature()).isEqualTo(5e-5);
        assertThat(defense.optimizer()).isEqualTo(OptimizerKind.ADAM);
        assertThat(defense.sgdFrom()).isEqualTo(125_000);
        assertThat(defense.learningRate().at(125_000)).isEqualTo(2.5e-9);
        assertThat(defense.batch()).isEqualTo(100);
    }

    @Test
    void hatRowsHaveTheirValues() {
        LearnerConfig synth = full("hat-synth");
        assertThat(synth.chains()).isEqualTo(HatRule.learning(1000));
        assertThat(synth.bankSize()).isEqualTo(10_000);
        assertThat(synth.langevin()).isEqualTo(new LangevinConfig(5e-4, 1e-8, 0, 2.5));
        assertThat(synth.generator().learns()).isTrue();
        assertThat(Presets.named("hat-synth").generator().width()).isEqualTo(512);
        LearnerConfig refine = full("hat-refine");
        assertThat(refine.chains()).isEqualTo(HatRule.fixed(5e-3, 0));
        assertThat(refine.steps().at(0)).isEqualTo(250);
        assertThat(refine.learningRate().at(0)).isEqualTo(1e-5);
        LearnerConfig retrofit = full("hat-retrofit");
        assertThat(((HatRule) retrofit.chains()).tauRes()).isCloseTo(50, within(1e-9));
        assertThat(retrofit.generator().network().input()).isEqualTo(new ImageShape(1, 16, 16));
        assertThat(retrofit.dataNoise()).isEqualTo(1e-2);
    }

    private static LearnerConfig full(String name) {
        Preset preset = Presets.named(name);
        return preset.builder(preset.image(), PresetScale.FULL).build();
    }

    /** As small as a preset gets: narrow networks, few chains, the papers' image sizes but 224. */
    static LearnerConfig small(Preset preset) {
        ImageShape image = preset.image();
        ImageShape less = image.height() > 64 ? new ImageShape(image.channels(), 32, 32) : image;
        LearnerConfigBuilder builder =
                preset.builder(less, new PresetScale(2, 16, 2, 4, 12, 8, 2))
                        .part(3)
                        .replayCapacity(30)
                        .warmupImages(10)
                        .imagesPerUpdate(1);
        if (preset.burnIn() != null) {
            builder.burnIn(new BurnInConfig(8, Schedule.constant(2), 3));
        }
        if (preset.sgdFrom() > 0) {
            // so that the switch falls into the run
            builder.sgdFrom(12).learningRate(Schedule.parse("1e-4@0, 2.5e-9@12"));
        }
        return builder.build();
    }

    private static LearnerWeights weights(LearnerConfig config) {
        LearnerWeights weights = LearnerWeights.random(config);
        return new LearnerWeights(
                weights.energy(),
                config.generator() == null
                        ? null
                        : Initializer.weights(config.generator().network(), 31),
                config.prior() == null ? null : Initializer.weights(config.prior().network(), 32));
    }

    private static void feed(MaximumLikelihoodLearner learner, int from, int to, long slice) {
        ShapesDataset images = new ShapesDataset(learner.config().network().input(), 5, 64);
        for (int i = from; i < to; i++) {
            if (learner.offer(images.image(i).pixels())) {
                while (!learner.advance(slice)) {
                    continue;
                }
                assertThat(learner.lastUpdate().applied()).isTrue();
            }
        }
    }

    private static Map<String, Integer> digest(Map<String, byte[]> state) {
        Map<String, Integer> digest = new TreeMap<>();
        state.forEach((piece, bytes) -> digest.put(piece, Arrays.hashCode(bytes)));
        return digest;
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetLearnsAndGoesOnBitForBit(Preset preset) {
        LearnerConfig config = small(preset);
        int last = 10 + UPDATES - 1;
        try (MaximumLikelihoodLearner whole =
                new MaximumLikelihoodLearner(
                        config, EXECUTOR, Precision.FLOAT32, weights(config))) {
            feed(whole, 0, 18, 1_000_000);
            Map<String, byte[]> saved = whole.copyState();
            feed(whole, 18, last, Long.MAX_VALUE);
            assertThat(whole.updates()).isEqualTo(UPDATES);
            try (MaximumLikelihoodLearner second =
                    MaximumLikelihoodLearner.restore(config, EXECUTOR, Precision.FLOAT32, saved)) {
                feed(second, 18, last, 1_000_000);
                assertThat(digest(second.copyState())).isEqualTo(digest(whole.copyState()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("presets")
    void fullSizesFitTogetherAndEveryValueHasAName(Preset preset) {
        LearnerConfig config = preset.builder(preset.image(), PresetScale.FULL).build();
        assertThat(config.network().input()).isEqualTo(preset.image());
        assertThat(preset.values())
                .containsKeys("name", "network", "steps", "step_size", "temperature", "batch")
                .doesNotContainValue(null);
        assertThat(preset.needsGenerator())
                .isEqualTo(config.generator() != null && !config.generator().learns());
        assertThat(preset.needsPrior()).isEqualTo(config.prior() != null);
    }

    @Test
    void schedulesAreMadeForOtherLengths() {
        Preset defense = Presets.named("defense").lasting(2_000);
        assertThat(defense.sgdFrom()).isEqualTo(1_000);
        assertThat(defense.learningRate().at(999)).isEqualTo(1e-4);
        assertThat(defense.learningRate().at(1_000)).isEqualTo(2.5e-9);
        Preset midRun = Presets.named("midrun").lasting(1_500);
        assertThat(midRun.learningRate().at(1_249)).isEqualTo(1e-7);
        assertThat(midRun.learningRate().at(1_250)).isEqualTo(1e-8);
        assertThat(midRun.lasting(150_000)).isEqualTo(Presets.named("midrun"));
        assertThat(Presets.named("shortrun").lasting(7)).isEqualTo(Presets.named("shortrun"));
        assertThatThrownBy(() -> midRun.lasting(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> new PresetScale(-1, 0, 0, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("width -1");
        Preset longRun = Presets.named("longrun");
        PresetScale scale = new PresetScale(2, 2, 2, 64, 100, 60, 0);
        assertThatThrownBy(() -> longRun.builder(longRun.image(), scale).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("burn-in bank of at least the batch, 64 chains, found 60");
        assertThatThrownBy(
                        () ->
                                Presets.named("midrun")
                                        .builder(new ImageShape(3, 64, 64), PresetScale.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32x32");
    }
}
