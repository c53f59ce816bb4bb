package io.ebmstream.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebmstream.ops.defense.StopRule;
import io.ebmstream.ops.defense.VoteStop;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Sngan;
import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.preset.Preset;
import io.ebmstream.ops.preset.PresetScale;
import io.ebmstream.ops.preset.Presets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobConfigTest {
    @TempDir Path dir;

    @Test
    void everyDefaultIsAllowed() {
        JobConfig config = JobConfig.defaults();
        assertThat(config.model().shape()).isEqualTo(new ImageShape(3, 32, 32));
        assertThat(config.kafka().guarantee()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
        assertThat(config.topics()).isEqualTo(TopicNames.defaults());
        assertThat(config.learner().steps()).isEqualTo("20");
    }

    @Test
    void defaultsInTheReferenceReadBackAsTheDefaults() {
        assertThat(JobConfig.of(JobConfig.effective(Map.of()))).isEqualTo(JobConfig.defaults());
    }

    @Test
    void nestedAndDottedKeysMeanTheSameAndOverridesWin() throws Exception {
        Path file =
                write(
                        """
                        ebm:
                          learner: {batch: 32, learning-rate: "1e-4@0,1e-5@500"}
                          purifier.max-delay: 50 ms
                          kafka:
                            guarantee: at-least-once
                        ebm.model.width: 8
                        kafka.security.protocol: SSL
                        execution.checkpointing.timeout: 5 min
                        """);
        JobConfig config = JobConfig.load(file, Map.of("ebm.model.width", "4"));
        assertThat(config.learner().batch()).isEqualTo(32);
        assertThat(rate(config).at(499)).isEqualTo(1e-4);
        assertThat(rate(config).at(500)).isEqualTo(1e-5);
        assertThat(config.purifier().maxDelay()).isEqualTo(Duration.ofMillis(50));
        assertThat(config.kafka().guarantee()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
        assertThat(config.model().n()).isEqualTo(4);
        assertThat(config.kafka().properties())
                .containsEntry("security.protocol", "SSL")
                .containsEntry("bootstrap.servers", "localhost:9092");
        assertThat(config.runtime().flink())
                .containsExactly(Map.entry("execution.checkpointing.timeout", "5 min"));
    }

    @Test
    void allErrorsAreSaidAtOnce() {
        ConfigException e =
                catchThrowableOfType(
                        ConfigException.class,
                        () ->
                                JobConfig.of(
                                        Map.of(
                                                "ebm.learner.bach", "64",
                                                "ebm.purifier.steps", "many",
                                                "ebm.model.width", "-1",
                                                "ebm.learner.temperature", "NaN",
                                                "ebm.learner.learning-rate", "1e-4@0,1e-5@0",
                                                "ebm.kafka.start", "now",
                                                "ebm.purifier.max-delay", "-3 ms",
                                                "ebm.topic.purified", "ebm.images",
                                                "exekution.foo", "1")));
        assertThat(e.violations())
                .hasSize(9)
                .anySatisfy(v -> assertThat(v).contains("did you mean ebm.learner.batch?"))
                .contains(
                        "ebm.purifier.steps: expected a whole number from 0 to 1000000, found"
                                + " \"many\"",
                        "ebm.model.width: expected a whole number from 0 to 1024, found \"-1\"",
                        "ebm.learner.temperature: expected a number above 0, found \"NaN\"",
                        "ebm.kafka.start: expected committed, earliest or latest, found \"now\"")
                .anySatisfy(v -> assertThat(v).startsWith("ebm.learner.learning-rate: expected a"))
                .anySatisfy(v -> assertThat(v).startsWith("ebm.purifier.max-delay: expected a dur"))
                .anySatisfy(v -> assertThat(v).startsWith("ebm.topic.*: expected a name of its"))
                .anySatisfy(v -> assertThat(v).startsWith("exekution.foo: expected a key"));
    }

    @Test
    void anyEnergyNetworkByItsNameWithThePapersWidthOrAnother() {
        JobConfig config = JobConfig.of(Map.of("ebm.model.network", "sngan32"));
        assertThat(config.model().build()).isEqualTo(Sngan.of32(new ImageShape(3, 32, 32), 256));
        JobConfig narrow =
                JobConfig.of(Map.of("ebm.model.network", "sngan32", "ebm.model.width", "8"));
        assertThat(narrow.model().build()).isEqualTo(Sngan.of32(new ImageShape(3, 32, 32), 8));
        assertThat(JobConfig.defaults().model().build())
                .isEqualTo(Light32.of(new ImageShape(3, 32, 32), 32));
        assertThat(violations("ebm.model.network", "sngan32-generator"))
                .contains("one of light32, sngan32, sngan64, sngan128")
                .contains("found \"sngan32-generator\"");
    }

    @Test
    void aPresetGivesWhatIsNotSet() {
        Map<String, String> values =
                Map.of("ebm.learner.preset", "shortrun", "ebm.learner.batch", "64");
        JobConfig config = JobConfig.of(values);
        LearnerConfig learning = config.learner().toConfig(config.model().build(), 1);
        Preset preset = Presets.named("shortrun");
        assertThat(learning)
                .isEqualTo(
                        preset.builder(preset.image(), PresetScale.FULL).batch(64).seed(1).build());
        assertThat(JobConfig.of(JobConfig.effective(values))).isEqualTo(config);
        assertThat(config.learner().weights(learning).generator())
                .hasSize(learning.generator().network().parameterCount());
        assertThat(violations("ebm.learner.preset", "shortrum"))
                .contains("none, shortrun, midrun")
                .contains("found \"shortrum\"");
    }

    @Test
    void everyPresetReadsBackAsItsConfiguration() {
        for (Preset preset : Presets.all()) {
            Map<String, String> values = new HashMap<>();
            values.put("ebm.learner.preset", preset.name());
            values.put("ebm.image.height", "" + preset.image().height());
            values.put("ebm.image.width", "" + preset.image().width());
            values.put("ebm.learner.generator.file", "generator.safetensors");
            values.put("ebm.learner.prior.file", "prior.safetensors");
            JobConfig config = JobConfig.of(values);
            assertThat(config.learner().toConfig(config.model().build(), 7))
                    .as(preset.name())
                    .isEqualTo(preset.builder(preset.image(), PresetScale.FULL).seed(7).build());
            assertThat(config.purifier().langevin()).as(preset.name()).isEqualTo(preset.langevin());
        }
    }

    @Test
    void trainedNetworksOfAPresetMustBeGiven() {
        assertThat(violations("ebm.learner.preset", "midrun"))
                .startsWith("ebm.learner.generator.file: expected a trained generator");
        JobConfig config =
                JobConfig.of(
                        Map.of(
                                "ebm.learner.preset",
                                "midrun",
                                "ebm.learner.generator.file",
                                dir.resolve("none").toString()));
        LearnerConfig learning = config.learner().toConfig(config.model().build(), 1);
        assertThatThrownBy(() -> config.learner().weights(learning))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected a generator's file");
    }

    @Test
    void whatDoesNotFitTogetherIsAnError() {
        assertThat(violations("ebm.image.width", "30")).contains("expected a square image");
        ConfigException sizes =
                catchThrowableOfType(
                        ConfigException.class,
                        () ->
                                JobConfig.of(
                                        Map.of(
                                                "ebm.model.network", "sngan64",
                                                "ebm.image.height", "48",
                                                "ebm.image.width", "48")));
        assertThat(sizes.violations()).singleElement().asString().contains("multiple of 32");
        assertThat(violations("ebm.learner.bank", "8")).contains("at least ebm.learner.batch, 64");
        assertThat(violations("ebm.purifier.queue", "8")).contains("ebm.purifier.batch, 32");
        assertThat(violations("ebm.learner.warmup", "8")).contains("at least ebm.learner.batch");
        assertThat(violations("ebm.learner.warmup", "20000")).contains("ebm.learner.replay");
        assertThat(violations("ebm.job.parallelism", "256")).contains("max-parallelism, 128");
    }

    @Test
    void severalShardsNeedWhatKeepsThemTogether() {
        assertThat(JobConfig.defaults().learner().shards().several()).isFalse();
        Map<String, String> values = new HashMap<>();
        values.put("ebm.learner.shards", "4");
        assertThat(JobConfig.of(values).learner().shards())
                .isEqualTo(new ShardSettings(4, 100, "ebm.averages"));
        Map<String, String> wrong =
                Map.of(
                        "ebm.job.max-parallelism", "2",
                        "ebm.job.parallelism", "1",
                        "ebm.kafka.guarantee", "at-least-once",
                        "ebm.topic.averages", "ebm.images",
                        "ebm.learner.generator.network", "sngan32-generator",
                        "ebm.learner.generator.learns", "true",
                        "execution.checkpointing.unaligned.enabled", "false");
        JobConfig.of(wrong);
        values.putAll(wrong);
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> JobConfig.of(values));
        assertThat(e.violations())
                .hasSize(5)
                .anySatisfy(v -> assertThat(v).contains("at most ebm.job.max-parallelism, 2"))
                .anySatisfy(v -> assertThat(v).contains("ebm.kafka.guarantee: expected exactly"))
                .anySatisfy(v -> assertThat(v).contains("expected a topic of its own"))
                .anySatisfy(v -> assertThat(v).contains("1 where a generator learns"))
                .anySatisfy(v -> assertThat(v).contains("1 without unaligned checkpoints"));
    }

    @Test
    void brokenFilesAreErrorsThatNameThePlace() throws Exception {
        assertThatThrownBy(() -> JobConfig.load(dir.resolve("none.yaml"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml");
        Path broken = write("ebm:\n  learner: [1\n");
        assertThatThrownBy(() -> JobConfig.load(broken, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("expected YAML");
        Path twice = write("ebm.model.width: 4\nebm: {model: {width: 5}}\n");
        assertThatThrownBy(() -> JobConfig.load(twice, Map.of()))
                .hasMessageContaining("ebm.model.width: expected once");
        Path list = write("- ebm\n");
        assertThatThrownBy(() -> JobConfig.load(list, Map.of()))
                .hasMessageContaining("expected keys and values");
        assertThat(JobConfig.load(write(""), Map.of())).isEqualTo(JobConfig.defaults());
    }

    @Test
    void travelsWithTheOperators() throws Exception {
        JobConfig config = JobConfig.of(Map.of("ebm.learner.learning-rate", "1e-4@0,1e-5@1000"));
        JobConfig copy =
                InstantiationUtil.deserializeObject(
                        InstantiationUtil.serializeObject(config), getClass().getClassLoader());
        assertThat(copy).isEqualTo(config);
    }

    @Test
    void theWrittenReferenceIsTheCodes() throws Exception {
        assertThat(Path.of("CONFIG.md"))
                .as("run ./ebm config > flink-job/CONFIG.md")
                .hasContent(ConfigReference.markdown());
        assertThat(EbmOptions.all()).hasSizeGreaterThan(50);
    }

    private static Schedule rate(JobConfig config) {
        return config.learner().toConfig(config.model().build(), 1).learningRate();
    }

    private String violations(String key, String value) {
        List<String> all =
                catchThrowableOfType(ConfigException.class, () -> JobConfig.of(Map.of(key, value)))
                        .violations();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private Path write(String text) throws Exception {
        return Files.writeString(Files.createTempFile(dir, "job", ".yaml"), text);
    }

    @Test
    void runsEndEarlyAtTheChainsEnergiesOrAtANumber() {
        assertThat(JobConfig.defaults().purifier().earlyStop().toRule()).isNull();
        String enabled = "ebm.purifier.early-stop.enabled";
        assertThat(JobConfig.of(Map.of(enabled, "true")).purifier().earlyStop().toRule())
                .isEqualTo(new StopRule(Double.NaN, 0.5, 20, 10));
        String energy = "ebm.purifier.early-stop.energy";
        Map<String, String> fixed = Map.of(enabled, "true", energy, "-12.5");
        assertThat(JobConfig.of(fixed).purifier().earlyStop().toRule().level()).isEqualTo(-12.5);
        assertThat(violations(energy, "low")).contains("chains for the quantile, or a finite");
        for (Map.Entry<String, String> none :
                Map.of("ebm.learner.start", "noise", "ebm.learner.preset", "hat-synth")
                        .entrySet()) {
            assertThatThrownBy(
                            () ->
                                    JobConfig.of(
                                            Map.of(
                                                    enabled,
                                                    "true",
                                                    none.getKey(),
                                                    none.getValue())))
                    .hasMessageContaining("ebm.purifier.early-stop.energy: expected a number");
        }
    }

    @Test
    void votesEndEarlyWhereThatIsSoundOrAsked() {
        Map<String, String> values = new HashMap<>();
        values.put("ebm.classify.file", "c.safetensors");
        assertThat(JobConfig.of(values).classify().toSetup().stop()).isNull();
        values.put("ebm.classify.early-stop.round", "4");
        assertThatThrownBy(() -> JobConfig.of(values))
                .hasMessageContaining("ebm.classify.*: expected a margin of votes above 0");
        values.put("ebm.classify.mean", "softmax");
        assertThat(JobConfig.of(values).classify().toSetup().stop()).isEqualTo(new VoteStop(4, 0));
    }

    @Test
    void hatPresetsRefineWithTheLearnersGenerator() {
        HatSettings none = JobConfig.defaults().hat();
        assertThat(none.refines()).isFalse();
        assertThat(none.steps()).isEqualTo(250);
        assertThat(none.toConfig(1, 1e-4).dynamics())
                .as("the learner's temperature")
                .isEqualTo(HatPreset.REFINE.dynamics(1e-4));
        JobConfig retrofit =
                JobConfig.of(
                        Map.of(
                                "ebm.learner.preset", "hat-retrofit",
                                "ebm.learner.generator.file", "ae",
                                "ebm.hat.steps", "7"));
        assertThat(retrofit.hat().generator()).isEqualTo("ae");
        assertThat(retrofit.hat().steps()).isEqualTo(7);
        assertThat(retrofit.hat().toConfig(1, 1e-3).dynamics())
                .isEqualTo(HatPreset.RETROFIT.dynamics(1e-3));
        JobConfig synth = JobConfig.of(Map.of("ebm.learner.preset", "hat-synth"));
        assertThat(synth.hat().refines()).as("its generator learns").isFalse();
        assertThatThrownBy(() -> JobConfig.of(Map.of("ebm.hat.tau-res", "-1")))
                .hasMessageContaining("ebm.hat.tau-res: expected a number of at least 0");
    }
}
