package io.ebmstream.job.config;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * The whole configuration of a job, read, validated and immutable. Keys that begin with {@code
 * ebm.} are this product's ({@link EbmOptions}), {@code kafka.} goes to the Kafka clients, Flink's
 * own keys go to Flink.
 *
 * @param runtime how Flink runs the job
 * @param kafka how it talks to Kafka
 * @param topics names of the topics
 * @param model which network on which images
 * @param limits what is checked before an image is decoded
 * @param compute what computes
 * @param learner learning
 * @param snapshots what stays of published versions
 * @param control orders to the running job
 * @param guard rails around learning
 * @param gate what a version must show before it is published
 * @param purifier purification
 * @param hat refinement of images with latents
 * @param classify classification behind it
 * @param density density monitoring
 */
public record JobConfig(
        RuntimeSettings runtime,
        KafkaSettings kafka,
        TopicNames topics,
        ModelSettings model,
        ImageLimits limits,
        ComputeSettings compute,
        LearnerSettings learner,
        SnapshotSettings snapshots,
        ControlSettings control,
        GuardSettings guard,
        GateSettings gate,
        PurifierSettings purifier,
        HatSettings hat,
        ClassifySettings classify,
        DensitySettings density)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The configuration without file and overrides. */
    public static JobConfig defaults() {
        return of(Map.of());
    }

    /**
     * Reads a YAML file, then lays overrides over it.
     *
     * @param file YAML, nested or dotted keys
     * @param overrides keys and values that win over the file's
     * @throws ConfigException with all errors at once
     */
    public static JobConfig load(Path file, Map<String, String> overrides) {
        Map<String, String> all = new LinkedHashMap<>(ConfigFiles.read(file));
        all.putAll(overrides);
        return of(all);
    }

    /**
     * Validates keys and values; what is missing takes its default.
     *
     * @throws ConfigException with all errors at once: key, expected, found
     */
    public static JobConfig of(Map<String, String> values) {
        SettingsReader r = new SettingsReader(PresetOptions.under(values));
        RuntimeSettings runtime =
                new RuntimeSettings(
                        r.get(EbmOptions.JOB_NAME),
                        r.get(EbmOptions.JOB_PARALLELISM),
                        r.get(EbmOptions.JOB_MAX_PARALLELISM),
                        r.get(EbmOptions.CHECKPOINT_INTERVAL),
                        r.get(EbmOptions.CHECKPOINT_DIR),
                        r.flink());
        KafkaSettings kafka =
                new KafkaSettings(
                        r.get(EbmOptions.KAFKA_BOOTSTRAP).replaceAll("\\s", ""),
                        r.get(EbmOptions.KAFKA_GROUP),
                        r.get(EbmOptions.KAFKA_START),
                        r.get(EbmOptions.KAFKA_GUARANTEE),
                        r.get(EbmOptions.KAFKA_TRANSACTION_PREFIX),
                        r.get(EbmOptions.KAFKA_TRANSACTION_TIMEOUT),
                        r.kafka());
        ModelSettings model =
                new ModelSettings(
                        r.get(EbmOptions.MODEL_NAME),
                        r.get(EbmOptions.MODEL_NETWORK),
                        r.get(EbmOptions.MODEL_WIDTH),
                        r.get(EbmOptions.IMAGE_CHANNELS),
                        r.get(EbmOptions.IMAGE_HEIGHT),
                        r.get(EbmOptions.IMAGE_WIDTH),
                        r.get(EbmOptions.MODEL_INITIAL_SNAPSHOT));
        ImageLimits limits =
                new ImageLimits(
                        r.get(EbmOptions.IMAGE_MAX_BYTES), r.get(EbmOptions.IMAGE_MAX_PIXELS));
        ComputeSettings compute =
                new ComputeSettings(
                        r.get(EbmOptions.COMPUTE_EXECUTOR),
                        r.get(EbmOptions.COMPUTE_PRECISION),
                        r.get(EbmOptions.COMPUTE_GPU_RESOURCE),
                        r.get(EbmOptions.COMPUTE_GPU_MEMORY).getBytes(),
                        r.get(EbmOptions.COMPUTE_SLICE),
                        r.get(EbmOptions.JOB_SEED));
        LearnerSettings learner = learner(r);
        SnapshotSettings snapshots = new SnapshotSettings(r.get(EbmOptions.SNAPSHOTS_KEEP));
        ControlSettings control =
                new ControlSettings(
                        r.get(EbmOptions.CONTROL_ENABLED),
                        r.get(EbmOptions.CONTROL_KEEP),
                        r.get(EbmOptions.CONTROL_LEAST_STEPS),
                        r.get(EbmOptions.CONTROL_MOST_STEPS));
        GuardSettings guard = guard(r);
        GateSettings gate =
                new GateSettings(
                        r.get(EbmOptions.GATE_ENABLED),
                        r.get(EbmOptions.GATE_WARMUP),
                        r.get(EbmOptions.GATE_SPREAD),
                        r.get(EbmOptions.GATE_SEPARATION),
                        r.get(EbmOptions.GATE_MOTION),
                        r.get(EbmOptions.GATE_REFUSALS));
        PurifierSettings purifier =
                new PurifierSettings(
                        r.get(EbmOptions.PURIFIER_STEPS),
                        r.get(EbmOptions.PURIFIER_STEP_SIZE),
                        r.get(EbmOptions.PURIFIER_TEMPERATURE),
                        r.get(EbmOptions.PURIFIER_TAU),
                        r.get(EbmOptions.PURIFIER_MAX_LANGEVIN_NORM),
                        r.get(EbmOptions.PURIFIER_BATCH),
                        r.get(EbmOptions.PURIFIER_MAX_DELAY),
                        r.get(EbmOptions.PURIFIER_QUEUE),
                        new PurifierSettings.EarlyStopping(
                                r.get(EbmOptions.PURIFIER_EARLY_STOP),
                                r.get(EbmOptions.PURIFIER_EARLY_STOP_FIRST),
                                r.get(EbmOptions.PURIFIER_EARLY_STOP_EVERY),
                                r.get(EbmOptions.PURIFIER_EARLY_STOP_QUANTILE),
                                r.get(EbmOptions.PURIFIER_EARLY_STOP_ENERGY)),
                        new PurifierSettings.Adaptive(
                                r.get(EbmOptions.PURIFIER_ADAPTIVE),
                                r.get(EbmOptions.PURIFIER_ADAPTIVE_LEAST)),
                        r.get(EbmOptions.PURIFIER_CONSISTENCY),
                        r.get(EbmOptions.PURIFIER_LOCKSTEP_AHEAD));
        HatSettings hat =
                new HatSettings(
                        r.get(EbmOptions.HAT_GENERATOR),
                        r.get(EbmOptions.HAT_STEPS),
                        r.get(EbmOptions.HAT_STEP_SIZE),
                        r.get(EbmOptions.HAT_LATENT_STEP_SIZE),
                        r.get(EbmOptions.HAT_TAU_RES),
                        r.get(EbmOptions.HAT_TEMPERATURE));
        ClassifySettings classify = classify(r);
        DensitySettings density =
                new DensitySettings(
                        r.get(EbmOptions.DENSITY_REFERENCE),
                        r.get(EbmOptions.DENSITY_SLACK),
                        r.get(EbmOptions.DENSITY_RUN_LENGTH),
                        r.get(EbmOptions.DENSITY_COOL_DOWN));
        TopicNames topics = topics(r);
        List<String> violations = new ArrayList<>(r.violations());
        if (violations.isEmpty()) {
            together(runtime, model, learner, purifier, violations);
            together(control, purifier, violations);
        }
        if (violations.isEmpty() && learner.shards().several()) {
            shards(runtime, kafka, topics, learner, control, gate, violations);
        }
        if (violations.isEmpty()) {
            whole(model, learner, guard, compute.seed(), violations);
        }
        if (!violations.isEmpty()) {
            throw new ConfigException(violations);
        }
        return new JobConfig(
                runtime, kafka, topics, model, limits, compute, learner, snapshots, control, guard,
                gate, purifier, hat, classify, density);
    }

    /** Every option with its value in this configuration's source, sorted, for provenance. */
    public static Map<String, String> effective(Map<String, String> values) {
        Map<String, String> all = new TreeMap<>(PresetOptions.under(values));
        EbmOptions.all().forEach(s -> all.putIfAbsent(s.key(), ConfigReference.defaultText(s)));
        return all;
    }

    private static LearnerSettings learner(SettingsReader r) {
        return new LearnerSettings(
                r.get(EbmOptions.LEARNER_PRESET),
                r.get(EbmOptions.LEARNER_START),
                r.get(EbmOptions.LEARNER_BATCH),
                r.get(EbmOptions.LEARNER_IMAGES_PER_UPDATE),
                r.get(EbmOptions.LEARNER_WARMUP),
                r.get(EbmOptions.LEARNER_REPLAY),
                r.get(EbmOptions.LEARNER_BANK),
                r.get(EbmOptions.LEARNER_STEPS),
                r.get(EbmOptions.LEARNER_REJUVENATION),
                r.get(EbmOptions.LEARNER_MAX_CHAIN_UPDATES),
                new LearnerSettings.BurnIn(
                        r.get(EbmOptions.LEARNER_BURN_IN_BANK),
                        r.get(EbmOptions.LEARNER_BURN_IN_STEPS),
                        r.get(EbmOptions.LEARNER_BURN_IN_UPDATES)),
                new LearnerSettings.Generator(
                        r.get(EbmOptions.LEARNER_GENERATOR),
                        r.get(EbmOptions.LEARNER_GENERATOR_WIDTH),
                        r.get(EbmOptions.LEARNER_GENERATOR_LEARNS),
                        r.get(EbmOptions.LEARNER_GENERATOR_RATE),
                        r.get(EbmOptions.LEARNER_GENERATOR_FILE)),
                new LearnerSettings.Prior(
                        r.get(EbmOptions.LEARNER_PRIOR),
                        r.get(EbmOptions.LEARNER_PRIOR_WIDTH),
                        r.get(EbmOptions.LEARNER_PRIOR_TEMPERATURE),
                        r.get(EbmOptions.LEARNER_PRIOR_FILE)),
                r.get(EbmOptions.LEARNER_STEP_SIZE),
                r.get(EbmOptions.LEARNER_TEMPERATURE),
                r.get(EbmOptions.LEARNER_TAU),
                r.get(EbmOptions.LEARNER_MAX_LANGEVIN_NORM),
                r.get(EbmOptions.LEARNER_DATA_NOISE),
                r.get(EbmOptions.LEARNER_OPTIMIZER),
                r.get(EbmOptions.LEARNER_SGD_FROM),
                r.get(EbmOptions.LEARNER_LEARNING_RATE),
                r.get(EbmOptions.LEARNER_EMA),
                r.get(EbmOptions.LEARNER_PART),
                r.get(EbmOptions.LEARNER_PUBLISH_EVERY),
                r.get(EbmOptions.LEARNER_MAX_UPDATES),
                r.get(EbmOptions.LEARNER_QUEUE),
                r.get(EbmOptions.LEARNER_ADMISSION),
                new ShardSettings(
                        r.get(EbmOptions.LEARNER_SHARDS),
                        r.get(EbmOptions.LEARNER_AVERAGE_EVERY),
                        r.get(EbmOptions.TOPIC_AVERAGES)));
    }

    private static GuardSettings guard(SettingsReader r) {
        return new GuardSettings(
                r.get(EbmOptions.GUARD_ENABLED),
                r.get(EbmOptions.GUARD_WINDOW),
                r.get(EbmOptions.GUARD_WARMUP),
                r.get(EbmOptions.GUARD_DEVIATIONS),
                r.get(EbmOptions.GUARD_RHO_HIGH),
                r.get(EbmOptions.GUARD_RHO_LOST),
                r.get(EbmOptions.GUARD_LOST_SHARE),
                r.get(EbmOptions.GUARD_POINT_EVERY),
                r.get(EbmOptions.GUARD_POINTS),
                r.get(EbmOptions.GUARD_MAX_ROLL_BACKS));
    }

    private static ClassifySettings classify(SettingsReader r) {
        ClassifySettings settings =
                new ClassifySettings(
                        r.get(EbmOptions.CLASSIFY_FILE),
                        r.get(EbmOptions.CLASSIFY_REPLICATES),
                        r.get(EbmOptions.CLASSIFY_MEAN),
                        r.get(EbmOptions.CLASSIFY_LABELS),
                        r.get(EbmOptions.CLASSIFY_ONNX_LAYOUT),
                        r.get(EbmOptions.CLASSIFY_ONNX_RANGE),
                        r.get(EbmOptions.CLASSIFY_ONNX_MEAN),
                        r.get(EbmOptions.CLASSIFY_ONNX_DEVIATION),
                        r.get(EbmOptions.CLASSIFY_STOP_ROUND),
                        r.get(EbmOptions.CLASSIFY_STOP_MARGIN));
        try {
            settings.toSetup();
        } catch (IllegalArgumentException e) {
            r.violation("ebm.classify.*: " + e.getMessage());
        }
        return settings;
    }

    private static TopicNames topics(SettingsReader r) {
        String[] names = {
            r.get(EbmOptions.TOPIC_IMAGES),
            r.get(EbmOptions.TOPIC_PURIFIED),
            r.get(EbmOptions.TOPIC_DENSITY),
            r.get(EbmOptions.TOPIC_ALARMS),
            r.get(EbmOptions.TOPIC_SNAPSHOTS),
            r.get(EbmOptions.TOPIC_SNAPSHOT_CHUNKS),
            r.get(EbmOptions.TOPIC_DIAGNOSTICS),
            r.get(EbmOptions.TOPIC_DEAD_LETTERS),
            r.get(EbmOptions.TOPIC_CONTROL),
            r.get(EbmOptions.TOPIC_EVENTS)
        };
        try {
            return new TopicNames(
                    names[0], names[1], names[2], names[3], names[4], names[5], names[6], names[7],
                    names[8], names[9]);
        } catch (IllegalArgumentException e) {
            r.violation("ebm.topic.*: " + e.getMessage());
            return TopicNames.defaults();
        }
    }

    /** What must hold between options. */
    private static void together(
            RuntimeSettings runtime,
            ModelSettings model,
            LearnerSettings learner,
            PurifierSettings purifier,
            List<String> violations) {
        if (runtime.parallelism() > runtime.maxParallelism()) {
            violations.add(
                    between(
                            EbmOptions.JOB_PARALLELISM,
                            "at most ebm.job.max-parallelism, " + runtime.maxParallelism(),
                            runtime.parallelism()));
        }
        try {
            model.build();
        } catch (IllegalArgumentException e) {
            violations.add("ebm.image.*, ebm.model.*: " + e.getMessage());
        }
        if (learner.warmup() > learner.replay()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_WARMUP,
                            "at most ebm.learner.replay, " + learner.replay(),
                            learner.warmup()));
        }
        if (learner.warmup() < learner.batch()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_WARMUP,
                            "at least ebm.learner.batch, " + learner.batch(),
                            learner.warmup()));
        }
        if (learner.bank() < learner.batch() && learner.start().persistent()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_BANK,
                            "at least ebm.learner.batch, " + learner.batch(),
                            learner.bank()));
        }
        if (!learner.generator().network().equals(EbmOptions.NONE)
                && !learner.generator().learns()
                && learner.generator().file().isEmpty()
                && model.initialSnapshot().isEmpty()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_GENERATOR_FILE,
                            "a trained generator, since ebm.learner.generator.learns is false and"
                                    + " no ebm.model.initial-snapshot could have one",
                            "nothing"));
        }
        if (!learner.prior().network().equals(EbmOptions.NONE)
                && learner.prior().file().isEmpty()
                && model.initialSnapshot().isEmpty()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_PRIOR_FILE,
                            "a trained model for ebm.learner.prior.network, since no"
                                    + " ebm.model.initial-snapshot could have one",
                            "nothing"));
        }
        if (purifier.earlyStop().needsChains() && !learner.chainsLast()) {
            violations.add(
                    between(
                            EbmOptions.PURIFIER_EARLY_STOP_ENERGY,
                            "a number, since the learner keeps no chains whose energies could be"
                                    + " taken",
                            purifier.earlyStop().energy()));
        }
        if (purifier.adaptive().enabled() && purifier.lockstep()) {
            violations.add(
                    between(
                            EbmOptions.PURIFIER_ADAPTIVE,
                            "false in lockstep, where results must not depend on the load",
                            true));
        }
        if (purifier.adaptive().enabled() && purifier.adaptive().least() > purifier.steps()) {
            violations.add(
                    between(
                            EbmOptions.PURIFIER_ADAPTIVE_LEAST,
                            "at most ebm.purifier.steps, " + purifier.steps(),
                            purifier.adaptive().least()));
        }
        if (purifier.queue() < purifier.batch()) {
            violations.add(
                    between(
                            EbmOptions.PURIFIER_QUEUE,
                            "at least ebm.purifier.batch, " + purifier.batch(),
                            purifier.queue()));
        }
    }

    private static void together(
            ControlSettings control, PurifierSettings purifier, List<String> violations) {
        if (control.enabled() && purifier.lockstep()) {
            violations.add(
                    between(
                            EbmOptions.CONTROL_ENABLED,
                            "false in lockstep, where results must be a function of the images"
                                    + " alone and not of when an order comes",
                            true));
        }
        if (control.leastSteps() > control.mostSteps()) {
            violations.add(
                    between(
                            EbmOptions.CONTROL_LEAST_STEPS,
                            "at most ebm.control.most-steps, " + control.mostSteps(),
                            control.leastSteps()));
        }
    }

    /** What several shards need. */
    private static void shards(
            RuntimeSettings runtime,
            KafkaSettings kafka,
            TopicNames topics,
            LearnerSettings learner,
            ControlSettings control,
            GateSettings gate,
            List<String> violations) {
        if (learner.shards().count() > runtime.maxParallelism()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_SHARDS,
                            "at most ebm.job.max-parallelism, " + runtime.maxParallelism(),
                            learner.shards().count()));
        }
        if (kafka.guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
            violations.add(
                    between(
                            EbmOptions.KAFKA_GUARANTEE,
                            "exactly-once, since shards of ebm.learner.shards could go on from"
                                    + " different averages otherwise",
                            kafka.guarantee()));
        }
        if (topics.all().contains(learner.shards().topic())) {
            violations.add(
                    between(
                            EbmOptions.TOPIC_AVERAGES,
                            "a topic of its own",
                            learner.shards().topic()));
        }
        if (learner.generator().learns()
                && !learner.generator().network().equals(EbmOptions.NONE)) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_SHARDS,
                            "1 where a generator learns from the chains: its weights are not"
                                    + " averaged",
                            learner.shards().count()));
        }
        if (control.enabled() || gate.enabled()) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_SHARDS,
                            "1 with ebm.control.enabled or ebm.gate.enabled: one shard publishes,"
                                    + " and the others would not know of an order or a refusal",
                            learner.shards().count()));
        }
        if ("false".equals(runtime.flink().get("execution.checkpointing.unaligned.enabled"))) {
            violations.add(
                    between(
                            EbmOptions.LEARNER_SHARDS,
                            "1 without unaligned checkpoints: shards wait for an average until a"
                                    + " checkpoint commits it, and an aligned one would wait for"
                                    + " them",
                            learner.shards().count()));
        }
    }

    /** A rule of {@code ops} that is not told here key by key must still not pass. */
    private static void whole(
            ModelSettings model,
            LearnerSettings learner,
            GuardSettings guard,
            long seed,
            List<String> violations) {
        try {
            learner.toConfig(model.build(), seed);
        } catch (IllegalArgumentException e) {
            violations.add("ebm.learner.*: " + e.getMessage());
        }
        try {
            guard.toConfig(learner);
        } catch (IllegalArgumentException e) {
            violations.add("ebm.guard.*: " + e.getMessage());
        }
    }

    private static String between(Setting<?> setting, String expected, Object found) {
        return setting.key() + ": expected " + expected + ", found " + found;
    }
}
