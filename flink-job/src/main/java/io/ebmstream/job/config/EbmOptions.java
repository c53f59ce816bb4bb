package io.ebmstream.job.config;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.defense.EarlyStop;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.energy.NetworkRole;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.gate.GateConfig;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.onnx.OnnxInput;
import io.ebmstream.ops.preset.Presets;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * All options of the job under the prefix {@code ebm.}: key, type, default, allowed values,
 * description with unit. The only place where a default stands; the reference in {@code CONFIG.md}
 * is generated from here.
 */
public final class EbmOptions {
    /** What every key here begins with. */
    public static final String PREFIX = "ebm.";

    private static final String NAME = "[A-Za-z0-9._-]{1,128}";

    /** Where a network or preset is left out. */
    static final String NONE = "none";

    /** Where an energy is the model's own chains'. */
    static final String CHAINS = "chains";

    private static final String A_RATE =
            "a number above 0 and at most 1, alone or as value@update pairs with the first at 0";

    private static final String A_COUNT =
            "a whole number from 1 to 1000000, alone or as value@update pairs with the first at 0";

    private static final String A_NAME = "1 to 128 letters, digits, dots, dashes or underscores";
    private static final String A_TOPIC = "a topic name that Kafka allows, used once";
    private static final TopicNames TOPICS = TopicNames.defaults();

    // ---- job

    public static final Setting<String> JOB_NAME =
            name("ebm.job.name", "ebm-stream", "Name of the job in Flink.");

    public static final Setting<Integer> JOB_PARALLELISM =
            integer(
                    "ebm.job.parallelism",
                    1,
                    1,
                    32768,
                    "Parallel subtasks of every operator. Results do not depend on it.");

    public static final Setting<Integer> JOB_MAX_PARALLELISM =
            integer(
                    "ebm.job.max-parallelism",
                    128,
                    1,
                    32768,
                    "Key groups of keyed state: the upper bound of the parallelism. Must never"
                            + " change while a savepoint is to be used again.");

    public static final Setting<Long> JOB_SEED =
            new Setting<>(
                    key("ebm.job.seed")
                            .longType()
                            .defaultValue(1L)
                            .withDescription(
                                    "Seed of all randomness: initial weights, chains, batches,"
                                            + " purification."),
                    "any 64-bit integer",
                    v -> true);

    public static final Setting<Duration> CHECKPOINT_INTERVAL =
            duration(
                    "ebm.checkpoint.interval",
                    Duration.ofSeconds(10),
                    Duration.ofMillis(100),
                    Duration.ofHours(1),
                    "Time between checkpoints. Outputs become visible to read_committed readers"
                            + " with each.");

    public static final Setting<String> CHECKPOINT_DIR =
            string(
                    "ebm.checkpoint.dir",
                    "",
                    "Where checkpoints go: a URI of a file system that Flink knows, reachable from"
                            + " all machines. Empty: Flink's own execution.checkpointing.dir, and"
                            + " memory of the job manager without that.",
                    "a URI such as s3://bucket/checkpoints or file:///var/checkpoints, or empty",
                    EbmOptions::emptyOrUri);

    // ---- Kafka

    public static final Setting<String> KAFKA_BOOTSTRAP =
            string(
                    "ebm.kafka.bootstrap",
                    "localhost:9092",
                    "Kafka brokers to begin with: host:port, several with commas.",
                    "host:port[,host:port ...]",
                    v -> v.matches("\\s*[^\\s,:]+:\\d{1,5}(\\s*,\\s*[^\\s,:]+:\\d{1,5})*\\s*"));

    public static final Setting<String> KAFKA_GROUP =
            name(
                    "ebm.kafka.group",
                    "ebm-stream",
                    "Consumer group that offsets are committed under.");

    public static final Setting<StartOffsets> KAFKA_START =
            new Setting<>(
                    key("ebm.kafka.start")
                            .enumType(StartOffsets.class)
                            .defaultValue(StartOffsets.COMMITTED)
                            .withDescription(
                                    "Where to begin to read when there is no checkpoint:"
                                            + " 'committed' is the group's offsets, the earliest"
                                            + " record where it has none."),
                    "committed, earliest or latest",
                    v -> true);

    public static final Setting<DeliveryGuarantee> KAFKA_GUARANTEE =
            new Setting<>(
                    key("ebm.kafka.guarantee")
                            .enumType(DeliveryGuarantee.class)
                            .defaultValue(DeliveryGuarantee.EXACTLY_ONCE)
                            .withDescription(
                                    "Guarantee of every output. Under exactly-once readers must use"
                                            + " isolation.level=read_committed."),
                    "exactly-once, at-least-once or none",
                    v -> true);

    public static final Setting<String> KAFKA_TRANSACTION_PREFIX =
            name(
                    "ebm.kafka.transaction.prefix",
                    "ebm-stream",
                    "Begin of all transactional ids; must differ between jobs on one cluster.");

    public static final Setting<Duration> KAFKA_TRANSACTION_TIMEOUT =
            duration(
                    "ebm.kafka.transaction.timeout",
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(10),
                    Duration.ofDays(1),
                    "How long a transaction may stay open; must exceed the longest outage to get"
                            + " over and must not exceed the broker's transaction.max.timeout.ms (15"
                            + " min by default).");

    // ---- topics

    public static final Setting<String> TOPIC_IMAGES =
            topic("ebm.topic.images", TOPICS.images(), "Images in.");

    public static final Setting<String> TOPIC_PURIFIED =
            topic("ebm.topic.purified", TOPICS.purified(), "Purified images out.");

    public static final Setting<String> TOPIC_DENSITY =
            topic("ebm.topic.density", TOPICS.density(), "Density readings out.");

    public static final Setting<String> TOPIC_ALARMS =
            topic("ebm.topic.alarms", TOPICS.alarms(), "Drift alarms out.");

    public static final Setting<String> TOPIC_SNAPSHOTS =
            topic("ebm.topic.snapshots", TOPICS.snapshots(), "Snapshot manifests out, compacted.");

    public static final Setting<String> TOPIC_SNAPSHOT_CHUNKS =
            topic(
                    "ebm.topic.snapshot-chunks",
                    TOPICS.snapshotChunks(),
                    "Snapshot chunks out, at most 900 KiB each.");

    public static final Setting<String> TOPIC_DIAGNOSTICS =
            topic(
                    "ebm.topic.diagnostics",
                    TOPICS.diagnostics(),
                    "One record for each update of a learner out.");

    public static final Setting<String> TOPIC_DEAD_LETTERS =
            topic(
                    "ebm.topic.dead-letters",
                    TOPICS.deadLetters(),
                    "Inputs that could not be read, bytes untouched, out.");

    public static final Setting<String> TOPIC_CONTROL =
            topic(
                    "ebm.topic.control",
                    TOPICS.control(),
                    "Commands in, read where ebm.control.enabled is true.");

    public static final Setting<String> TOPIC_EVENTS =
            topic(
                    "ebm.topic.events",
                    TOPICS.events(),
                    "Answers to commands, and decisions about versions, out.");

    // ---- images

    public static final Setting<Integer> IMAGE_CHANNELS =
            integer("ebm.image.channels", 3, 1, 4, "Channels of an image: 1 gray, 3 colour.");

    public static final Setting<Integer> IMAGE_HEIGHT =
            integer("ebm.image.height", 32, 1, 4096, "Rows of an image, pixels.");

    public static final Setting<Integer> IMAGE_WIDTH =
            integer("ebm.image.width", 32, 1, 4096, "Columns of an image, pixels.");

    public static final Setting<Integer> IMAGE_MAX_BYTES =
            integer(
                    "ebm.image.max-bytes",
                    1_000_000,
                    1,
                    1 << 30,
                    "Largest image record, bytes; a larger one is a dead letter.");

    public static final Setting<Integer> IMAGE_MAX_PIXELS =
            integer(
                    "ebm.image.max-pixels",
                    16_777_216,
                    1,
                    1 << 30,
                    "Largest height times width of an encoded image, pixels, checked before it is"
                            + " decoded.");

    // ---- model and compute

    public static final Setting<String> MODEL_NAME =
            name("ebm.model.name", "default", "Name of the model in snapshots and records.");

    public static final Setting<String> MODEL_NETWORK =
            choice(
                    "ebm.model.network",
                    "light32",
                    "Energy network; ./ebm describe says what each is and costs.",
                    Networks.names(NetworkRole.ENERGY).toArray(String[]::new));

    public static final Setting<Integer> MODEL_WIDTH =
            integer(
                    "ebm.model.width",
                    0,
                    0,
                    1024,
                    "Channels of the network's first layer; 0 is the papers' (light32 32, sngan32"
                            + " 256, sngan64 and sngan128 64). 16 is enough for small gray images in"
                            + " light32.");

    public static final Setting<String> MODEL_INITIAL_SNAPSHOT =
            string(
                    "ebm.model.initial-snapshot",
                    "",
                    "Model file or folder (./ebm train, ./ebm weights) that a new job begins with"
                            + " instead of random weights, all of its networks that the job has: a"
                            + " path that every task manager can read."
                            + " A job that is restored goes on from its own state.",
                    "a path, or nothing",
                    v -> true);

    public static final Setting<String> COMPUTE_EXECUTOR =
            choice(
                    "ebm.compute.executor",
                    "auto",
                    "What runs the network; auto is the fastest that works here.",
                    "auto",
                    "onednn",
                    "nd4j",
                    "reference",
                    "cuda");

    public static final Setting<String> COMPUTE_PRECISION =
            choice(
                    "ebm.compute.precision",
                    "auto",
                    "Number format of Langevin runs and weight gradients; auto is the executor's"
                            + " fastest here, tf32 is for executor cuda. Reported energies are"
                            + " float32 always.",
                    "auto",
                    "float32",
                    "tf32",
                    "bf16");

    public static final Setting<String> COMPUTE_GPU_RESOURCE =
            name(
                    "ebm.compute.gpu-resource",
                    "gpu",
                    "Name of Flink's external resource (external-resource.NAME.amount, with"
                            + " Flink's GPUDriverFactory) whose GPUs the operators' subtasks share"
                            + " out. A GPU is used where the job was built for it: by executor cuda"
                            + " with the Maven profile cuda13, by nd4j with cuda. Without such a"
                            + " resource they take the first GPU, others compute on the CPU.");

    public static final Setting<MemorySize> COMPUTE_GPU_MEMORY =
            new Setting<>(
                    key("ebm.compute.gpu-memory")
                            .memoryType()
                            .defaultValue(MemorySize.ZERO)
                            .withDescription(
                                    "Most memory of a GPU that executor cuda gives to tensors of"
                                            + " this process, 0 for all there is; its context and"
                                            + " libraries take some 500 MB more. Where it is too"
                                            + " little micro-batches become smaller, which is"
                                            + " logged."),
                    "a size with its unit (mb, gb), or 0",
                    v -> true);

    public static final Setting<Duration> COMPUTE_SLICE =
            duration(
                    "ebm.compute.slice",
                    Duration.ofMillis(25),
                    Duration.ofMillis(1),
                    Duration.ofSeconds(10),
                    "Compute between two looks at barriers, timers and records. Shorter: faster"
                            + " checkpoints; longer: less overhead.");

    // ---- learner

    public static final Setting<String> LEARNER_PRESET =
            choice(
                    "ebm.learner.preset",
                    NONE,
                    "The papers' settings by name (./ebm presets): gives ebm.model.network, the options"
                            + " of ebm.learner below and the purifier's step size, temperature, tau"
                            + " and limit their values wherever they are not set themselves. Data"
                            + " are the replay buffer.",
                    orNone(Presets.names()));

    public static final Setting<ChainStart> LEARNER_START =
            new Setting<>(
                    key("ebm.learner.start")
                            .enumType(ChainStart.class)
                            .defaultValue(LearnerConfig.DEFAULT_START)
                            .withDescription(
                                    "Where negative chains start: uniform noise, data, a generator"
                                            + " (coop), or a bank of chains that goes on,"
                                            + " rejuvenated from noise (persistent), data"
                                            + " (data_persistent) or a generator"
                                            + " (coop_persistent)."),
                    "noise, data, persistent, data_persistent, coop or coop_persistent",
                    v -> true);

    public static final Setting<Integer> LEARNER_BATCH =
            integer(
                    "ebm.learner.batch",
                    LearnerConfig.DEFAULT_BATCH,
                    1,
                    4096,
                    "Data images and as many chains in one update.");

    public static final Setting<Integer> LEARNER_IMAGES_PER_UPDATE =
            integer(
                    "ebm.learner.images-per-update",
                    LearnerConfig.DEFAULT_IMAGES_PER_UPDATE,
                    1,
                    1 << 20,
                    "New images between two updates; the rest of a batch comes from the replay"
                            + " buffer.");

    public static final Setting<Integer> LEARNER_WARMUP =
            integer(
                    "ebm.learner.warmup",
                    LearnerConfig.DEFAULT_WARMUP_IMAGES,
                    1,
                    1 << 24,
                    "Images in the replay buffer before the first update.");

    public static final Setting<Integer> LEARNER_REPLAY =
            integer(
                    "ebm.learner.replay",
                    LearnerConfig.DEFAULT_REPLAY_CAPACITY,
                    1,
                    1 << 24,
                    "Images in the replay buffer; one takes its channels x height x width bytes.");

    public static final Setting<Integer> LEARNER_BANK =
            integer(
                    "ebm.learner.bank",
                    LearnerConfig.DEFAULT_BANK_SIZE,
                    1,
                    1 << 24,
                    "Persistent chains; one takes 4 bytes for each value. For short runs 1,000 to"
                            + " 3,000.");

    public static final Setting<String> LEARNER_STEPS =
            string(
                    "ebm.learner.steps",
                    String.valueOf(LearnerConfig.DEFAULT_STEPS),
                    "Langevin steps K of a chain in one update: one number, or number@update pairs"
                            + " that each hold from their update on.",
                    A_COUNT,
                    EbmOptions::isCount);

    public static final Setting<String> LEARNER_REJUVENATION =
            string(
                    "ebm.learner.rejuvenation",
                    ConfigReference.number(LearnerConfig.DEFAULT_REJUVENATION),
                    "Probability that a chain of the batch restarts in an update: one number, or"
                            + " number@update pairs.",
                    "a number from 0 to 1, alone or as value@update pairs with the first at 0",
                    v -> isSchedule(v, p -> p >= 0 && p <= 1));

    public static final Setting<Integer> LEARNER_MAX_CHAIN_UPDATES =
            integer(
                    "ebm.learner.max-chain-updates",
                    LearnerConfig.DEFAULT_MAX_CHAIN_UPDATES,
                    0,
                    Integer.MAX_VALUE,
                    "Updates after which a chain restarts always; 0 is never.");

    public static final Setting<Integer> LEARNER_BURN_IN_BANK =
            integer(
                    "ebm.learner.burn-in.bank",
                    0,
                    0,
                    1 << 24,
                    "Chains of a second bank that burn in before they are promoted to the first:"
                            + " long-run learning. 0 is no such bank.");

    public static final Setting<String> LEARNER_BURN_IN_STEPS =
            string(
                    "ebm.learner.burn-in.steps",
                    "100",
                    "Langevin steps of a chain that burns in, in one update.",
                    A_COUNT,
                    EbmOptions::isCount);

    public static final Setting<Integer> LEARNER_BURN_IN_UPDATES =
            integer(
                    "ebm.learner.burn-in.updates",
                    750,
                    1,
                    Integer.MAX_VALUE,
                    "Updates that a chain burns in for.");

    public static final Setting<String> LEARNER_GENERATOR =
            choice(
                    "ebm.learner.generator.network",
                    NONE,
                    "Generator that coop starts and hat presets take images from.",
                    orNone(Networks.names(NetworkRole.GENERATOR)));

    public static final Setting<Integer> LEARNER_GENERATOR_WIDTH =
            integer(
                    "ebm.learner.generator.width",
                    0,
                    0,
                    8192,
                    "Channels that its layers are multiples of; 0 is the papers'.");

    public static final Setting<Boolean> LEARNER_GENERATOR_LEARNS =
            new Setting<>(
                    key("ebm.learner.generator.learns")
                            .booleanType()
                            .defaultValue(false)
                            .withDescription(
                                    "Whether it learns from the chains; if not, its weights come"
                                            + " from a file."),
                    "true or false",
                    v -> true);

    public static final Setting<String> LEARNER_GENERATOR_RATE =
            string(
                    "ebm.learner.generator.learning-rate",
                    ConfigReference.number(GeneratorConfig.DEFAULT_LEARNING_RATE),
                    "Rate of its Adam, like ebm.learner.learning-rate.",
                    A_RATE,
                    EbmOptions::isRate);

    public static final Setting<String> LEARNER_GENERATOR_FILE =
            string(
                    "ebm.learner.generator.file",
                    "",
                    "Model with a generator, or autoencoder, whose weights it begins with: a path"
                            + " that the learner's task manager can read. Needed where it does not"
                            + " learn, unless ebm.model.initial-snapshot has one.",
                    "a path, or nothing",
                    v -> true);

    public static final Setting<String> LEARNER_PRIOR =
            choice(
                    "ebm.learner.prior.network",
                    NONE,
                    "Energy network of fixed weights that chains follow beside the one that learns.",
                    orNone(Networks.names(NetworkRole.ENERGY)));

    public static final Setting<Integer> LEARNER_PRIOR_WIDTH =
            integer(
                    "ebm.learner.prior.width",
                    0,
                    0,
                    1024,
                    "Channels that its layers are multiples of; 0 is the papers'.");

    public static final Setting<Double> LEARNER_PRIOR_TEMPERATURE =
            positive("ebm.learner.prior.temperature", 1e-4, "Temperature T0 of the prior, U0/T0.");

    public static final Setting<String> LEARNER_PRIOR_FILE =
            string(
                    "ebm.learner.prior.file",
                    "",
                    "Model whose energy it is: a path that the learner's task manager can read. Not"
                            + " needed where ebm.model.initial-snapshot has a prior.",
                    "a path, or nothing",
                    v -> true);

    public static final Setting<Double> LEARNER_STEP_SIZE =
            positive(
                    "ebm.learner.step-size",
                    LearnerConfig.DEFAULT_STEP_SIZE,
                    "Langevin step size eps in x - (eps^2/2) grad[U/T] + eps xi, pixel units of"
                            + " [-1, 1].");

    public static final Setting<Double> LEARNER_TEMPERATURE =
            positive(
                    "ebm.learner.temperature",
                    LearnerConfig.DEFAULT_TEMPERATURE,
                    "Temperature T of the energy U/T.");

    public static final Setting<Double> LEARNER_TAU =
            notNegative(
                    "ebm.learner.tau",
                    0.0,
                    "Standard deviation of the Gaussian term |x|^2/(2 tau^2), pixel units; 0 leaves"
                            + " it out.");

    public static final Setting<Double> LEARNER_MAX_LANGEVIN_NORM =
            notNegative(
                    "ebm.learner.max-langevin-norm",
                    0.0,
                    "Largest L2 norm of one displacement (eps^2/2) grad, pixel units; 0 is no"
                            + " limit.");

    public static final Setting<Double> LEARNER_DATA_NOISE =
            notNegative(
                    "ebm.learner.data-noise",
                    LearnerConfig.DEFAULT_DATA_NOISE,
                    "Standard deviation of the noise on data images, pixel units; at least eps,"
                            + " better 2 eps.");

    public static final Setting<OptimizerKind> LEARNER_OPTIMIZER =
            new Setting<>(
                    key("ebm.learner.optimizer")
                            .enumType(OptimizerKind.class)
                            .defaultValue(LearnerConfig.DEFAULT_OPTIMIZER)
                            .withDescription(
                                    "Rule of the weight update: Adam first, plain SGD for convergent"
                                            + " learning."),
                    "adam or sgd",
                    v -> true);

    public static final Setting<Long> LEARNER_SGD_FROM =
            new Setting<>(
                    key("ebm.learner.sgd-from")
                            .longType()
                            .defaultValue(0L)
                            .withDescription(
                                    "Updates after which the rule is SGD; 0 is never. The learning"
                                            + " rate has to change with it."),
                    "a whole number of at least 0",
                    v -> v >= 0);

    public static final Setting<String> LEARNER_LEARNING_RATE =
            string(
                    "ebm.learner.learning-rate",
                    ConfigReference.number(LearnerConfig.DEFAULT_LEARNING_RATE),
                    "Rate of the optimizer: one number, or value@update pairs such as"
                            + " 1e-4@0,1e-5@50000 that each hold from their update on.",
                    A_RATE,
                    EbmOptions::isRate);

    public static final Setting<Double> LEARNER_EMA =
            new Setting<>(
                    key("ebm.learner.ema")
                            .doubleType()
                            .defaultValue(LearnerConfig.DEFAULT_EMA_DECAY)
                            .withDescription(
                                    "Decay of the moving average of the weights, which is what is"
                                            + " published; warms up as (1+t)/(10+t). 0 publishes the"
                                            + " weights themselves."),
                    "a number from 0 to below 1",
                    v -> v >= 0 && v < 1);

    public static final Setting<Integer> LEARNER_PART =
            integer(
                    "ebm.learner.part",
                    LearnerConfig.DEFAULT_PART,
                    1,
                    4096,
                    "Images in one call of the executor. It shapes the order of sums: results depend"
                            + " on it in the last digits.");

    public static final Setting<Integer> LEARNER_PUBLISH_EVERY =
            integer(
                    "ebm.learner.publish-every",
                    25,
                    1,
                    1 << 30,
                    "Updates between two published versions.");

    public static final Setting<Long> LEARNER_MAX_UPDATES =
            new Setting<>(
                    key("ebm.learner.max-updates")
                            .longType()
                            .defaultValue(0L)
                            .withDescription(
                                    "Updates after which learning stops and only purification goes"
                                            + " on; 0 is no limit. The last update is published"
                                            + " always."),
                    "a whole number of at least 0",
                    v -> v >= 0);

    public static final Setting<Integer> LEARNER_QUEUE =
            integer(
                    "ebm.learner.queue",
                    512,
                    1,
                    1 << 20,
                    "Images that may wait for the learner before it slows the source down.");

    public static final Setting<Double> LEARNER_ADMISSION =
            notNegative(
                    "ebm.learner.admission",
                    0.0,
                    "Keep an image out of what is learned from, if its energy lies more than so many"
                            + " spreads from the median of the replay buffer's (spread: 1.4826"
                            + " times the median absolute deviation). Such images are purified and"
                            + " flagged by the header __ebm.outlier. Guards against poisoned feeds;"
                            + " it also keeps a model from learning a world that has changed at"
                            + " once. 0 lets all in; 8 is a good value.");

    public static final Setting<Integer> LEARNER_SHARDS =
            integer(
                    "ebm.learner.shards",
                    1,
                    1,
                    1024,
                    "Learners of the model, each with chains, replay buffer and random numbers of"
                            + " its own; their weights and moments are averaged from time to time."
                            + " Partition p of the images is learned from by shard p mod the"
                            + " number of shards, so that each needs a partition. Part of the"
                            + " result, unlike ebm.job.parallelism, and fixed for a job's state."
                            + " More than 1 wants exactly-once outputs.");

    public static final Setting<Integer> LEARNER_AVERAGE_EVERY =
            integer(
                    "ebm.learner.average-every",
                    100,
                    1,
                    1 << 30,
                    "Where there are several shards: updates of each between two averages. Every"
                            + " average is a version and is published;"
                            + " ebm.learner.publish-every does not matter then. It comes back to"
                            + " the shards when a checkpoint has committed it: choose no fewer"
                            + " updates than a shard does in several checkpoint intervals.");

    public static final Setting<String> TOPIC_AVERAGES =
            topic(
                    "ebm.topic.averages",
                    "ebm.averages",
                    "The way of averages back to the shards of a learner, of one partition; used"
                            + " where ebm.learner.shards is above 1. May be kept as short as the"
                            + " job needs to read it.");

    public static final Setting<Integer> SNAPSHOTS_KEEP =
            integer(
                    "ebm.snapshots.keep",
                    0,
                    0,
                    100_000,
                    "Versions of the model that stay in Kafka, the last ones that were published;"
                            + " older ones get tombstones, of those that were published since this"
                            + " was set. 0 keeps all.");

    // ---- orders to the running job

    public static final Setting<Boolean> CONTROL_ENABLED =
            new Setting<>(
                    key("ebm.control.enabled")
                            .booleanType()
                            .defaultValue(false)
                            .withDescription(
                                    "Whether the control topic is read and its orders are carried"
                                            + " out; see docs/CONTROL.md. Whoever may write to that"
                                            + " topic steers the job, so it is off until somebody"
                                            + " has said who may. Not in lockstep."),
                    "true or false",
                    v -> true);

    public static final Setting<Integer> CONTROL_KEEP =
            integer(
                    "ebm.control.keep",
                    4,
                    1,
                    100,
                    "Versions, the last ones published, that can be pinned or rolled back to. Each"
                            + " is kept in the learner's memory and state, as much as the weights.");

    public static final Setting<Integer> CONTROL_LEAST_STEPS =
            integer(
                    "ebm.control.least-steps",
                    0,
                    0,
                    1_000_000,
                    "Least steps of a purification that an order may set.");

    public static final Setting<Integer> CONTROL_MOST_STEPS =
            integer(
                    "ebm.control.most-steps",
                    2_000,
                    0,
                    1_000_000,
                    "Most steps of a purification that an order may set.");

    // ---- guard rails

    public static final Setting<Boolean> GUARD_ENABLED =
            new Setting<>(
                    key("ebm.guard.enabled")
                            .booleanType()
                            .defaultValue(true)
                            .withDescription(
                                    "Whether guard rails watch learning and act: from a warning to a"
                                            + " roll-back. An update with something not finite is"
                                            + " dropped in any case."),
                    "true or false",
                    v -> true);

    public static final Setting<Integer> GUARD_WINDOW =
            integer(
                    "ebm.guard.window",
                    GuardConfig.DEFAULT_WINDOW,
                    20,
                    1 << 20,
                    "Updates in the trailing window that spreads of d are taken over.");

    public static final Setting<Integer> GUARD_WARMUP =
            integer(
                    "ebm.guard.warmup",
                    GuardConfig.DEFAULT_WARMUP,
                    20,
                    1 << 20,
                    "Updates before the rails are armed, except that for what is not finite. Starts"
                            + " from noise or a generator take their bounds from this phase where"
                            + " they are wider.");

    public static final Setting<Double> GUARD_DEVIATIONS =
            positive(
                    "ebm.guard.deviations",
                    GuardConfig.DEFAULT_DEVIATIONS,
                    "Size of d, in median absolute deviations, that is far from 0; with one sign for"
                            + " 50 updates it eases learning for 200.");

    public static final Setting<Double> GUARD_RHO_HIGH =
            positive(
                    "ebm.guard.rho-high",
                    GuardConfig.DEFAULT_RHO_HIGH,
                    "rho above which 100 updates in a row are warned of.");

    public static final Setting<Double> GUARD_RHO_LOST =
            positive(
                    "ebm.guard.rho-lost",
                    GuardConfig.DEFAULT_RHO_LOST,
                    "rho above which 10 updates in a row roll back; above ebm.guard.rho-high.");

    public static final Setting<Double> GUARD_LOST_SHARE =
            new Setting<>(
                    key("ebm.guard.lost-share")
                            .doubleType()
                            .defaultValue(GuardConfig.DEFAULT_LOST_SHARE)
                            .withDescription(
                                    "Share of chains out of range (more than 2 % of their pixels"
                                            + " beyond 1.5) above which 10 updates in a row roll"
                                            + " back; above 0.02 they restart."),
                    "a number above 0.02 and at most 1",
                    v -> v > 0.02 && v <= 1);

    public static final Setting<Integer> GUARD_POINT_EVERY =
            integer(
                    "ebm.guard.point-every",
                    GuardConfig.DEFAULT_POINT_EVERY,
                    1,
                    1 << 30,
                    "Updates between two good states that are kept to roll back to. Each is written"
                            + " to a checkpoint once: as much as weights, moments and bank.");

    public static final Setting<Integer> GUARD_POINTS =
            integer(
                    "ebm.guard.points",
                    GuardConfig.DEFAULT_POINTS,
                    1,
                    16,
                    "Good states kept; each takes as much memory as weights, moments and bank. A"
                            + " roll-back soon after another goes back to an older one.");

    public static final Setting<Integer> GUARD_MAX_ROLL_BACKS =
            integer(
                    "ebm.guard.max-roll-backs",
                    GuardConfig.DEFAULT_MAX_ROLL_BACKS,
                    1,
                    1 << 20,
                    "Roll-backs after which learning freezes and only serving goes on. A frozen"
                            + " model learns on when it is started from its savepoint with more.");

    // ---- promotion gate

    public static final Setting<Boolean> GATE_ENABLED =
            new Setting<>(
                    key("ebm.gate.enabled")
                            .booleanType()
                            .defaultValue(false)
                            .withDescription(
                                    "Whether a version is examined before it is published. One that"
                                            + " fails is not published, and an event says why; the"
                                            + " last good one goes on serving. Not of several"
                                            + " shards. See docs/CONTROL.md."),
                    "true or false",
                    v -> true);

    public static final Setting<Integer> GATE_WARMUP =
            integer(
                    "ebm.gate.warmup",
                    GateConfig.DEFAULT_WARMUP,
                    0,
                    1 << 20,
                    "Updates before a version is examined for more than being finite.");

    public static final Setting<Double> GATE_SPREAD =
            above(
                    "ebm.gate.spread",
                    GateConfig.DEFAULT_SPREAD,
                    1,
                    "Factor by which the spread of the anchors' energies may differ from that of the"
                            + " version published last.");

    public static final Setting<Double> GATE_SEPARATION =
            positive(
                    "ebm.gate.separation",
                    GateConfig.DEFAULT_SEPARATION,
                    "Most that the mean energies of chains and anchors may be apart, in spreads of"
                            + " the anchors' energies.");

    public static final Setting<Double> GATE_MOTION =
            above(
                    "ebm.gate.motion",
                    GateConfig.DEFAULT_MOTION,
                    1,
                    "Most that 5 steps of the learner's dynamics may move anchors, against the"
                            + " distance that their noise alone moves them.");

    public static final Setting<Integer> GATE_REFUSALS =
            integer(
                    "ebm.gate.refusals",
                    3,
                    0,
                    1 << 20,
                    "Versions refused in a row after which learning goes back to the one published"
                            + " last, in a new epoch; 0 for never.");

    // ---- purifier

    public static final Setting<Integer> PURIFIER_STEPS =
            integer(
                    "ebm.purifier.steps",
                    50,
                    0,
                    1_000_000,
                    "Langevin steps K of a purification. What counts is about K eps^2.");

    public static final Setting<Double> PURIFIER_STEP_SIZE =
            positive("ebm.purifier.step-size", 2e-2, "Langevin step size eps, pixel units.");

    public static final Setting<Double> PURIFIER_TEMPERATURE =
            positive("ebm.purifier.temperature", 1e-4, "Temperature T of the energy U/T.");

    public static final Setting<Double> PURIFIER_TAU =
            notNegative(
                    "ebm.purifier.tau",
                    0.0,
                    "Standard deviation of the Gaussian term, pixel units; 0 leaves it out.");

    public static final Setting<Double> PURIFIER_MAX_LANGEVIN_NORM =
            notNegative(
                    "ebm.purifier.max-langevin-norm",
                    0.0,
                    "Largest L2 norm of one displacement (eps^2/2) grad, pixel units; 0 is no"
                            + " limit.");

    public static final Setting<Integer> PURIFIER_BATCH =
            integer("ebm.purifier.batch", 32, 1, 4096, "Most images in one micro-batch.");

    public static final Setting<Duration> PURIFIER_MAX_DELAY =
            duration(
                    "ebm.purifier.max-delay",
                    Duration.ofMillis(200),
                    Duration.ZERO,
                    Duration.ofMinutes(10),
                    "How long the first image of a micro-batch waits for more.");

    public static final Setting<Integer> PURIFIER_QUEUE =
            integer(
                    "ebm.purifier.queue",
                    256,
                    1,
                    1 << 20,
                    "Images that may wait for the purifier before it slows the source down.");

    public static final Setting<Boolean> PURIFIER_EARLY_STOP =
            new Setting<>(
                    key("ebm.purifier.early-stop.enabled")
                            .booleanType()
                            .defaultValue(false)
                            .withDescription(
                                    "End an image's run at the first look where its energy U/T has"
                                            + " come down to that of the model's own chains. Saves"
                                            + " steps; records say how many ran and at which"
                                            + " energy they could end."),
                    "true or false",
                    v -> true);

    public static final Setting<Integer> PURIFIER_EARLY_STOP_FIRST =
            integer(
                    "ebm.purifier.early-stop.first",
                    EarlyStop.DEFAULT_FIRST,
                    1,
                    1_000_000,
                    "Steps before the first look.");

    public static final Setting<Integer> PURIFIER_EARLY_STOP_EVERY =
            integer(
                    "ebm.purifier.early-stop.every",
                    EarlyStop.DEFAULT_EVERY,
                    1,
                    1_000_000,
                    "Steps between looks; a look costs about half a step.");

    public static final Setting<Double> PURIFIER_EARLY_STOP_QUANTILE =
            new Setting<>(
                    key("ebm.purifier.early-stop.quantile")
                            .doubleType()
                            .defaultValue(0.5)
                            .withDescription(
                                    "The energy that ends a run: this quantile of the energies of"
                                            + " the version's own persistent chains. The higher,"
                                            + " the earlier runs end."),
                    "a number from 0 to 1",
                    v -> v >= 0 && v <= 1);

    public static final Setting<String> PURIFIER_EARLY_STOP_ENERGY =
            string(
                    "ebm.purifier.early-stop.energy",
                    CHAINS,
                    "The energy U/T that ends a run under any version, in place of the quantile;"
                            + " good for one model that is served and no longer learned.",
                    CHAINS + " for the quantile, or a finite number",
                    EbmOptions::isEnergy);

    public static final Setting<Boolean> PURIFIER_ADAPTIVE =
            new Setting<>(
                    key("ebm.purifier.adaptive-steps.enabled")
                            .booleanType()
                            .defaultValue(false)
                            .withDescription(
                                    "Give images fewer steps while they back up: in proportion to"
                                            + " the queue beyond a micro-batch, the least where it"
                                            + " is full. Records say how many ran. Not in"
                                            + " lockstep."),
                    "true or false",
                    v -> true);

    public static final Setting<Integer> PURIFIER_ADAPTIVE_LEAST =
            integer(
                    "ebm.purifier.adaptive-steps.least",
                    10,
                    0,
                    1_000_000,
                    "Steps of a purification where the queue is full.");

    public static final Setting<Consistency> PURIFIER_CONSISTENCY =
            new Setting<>(
                    key("ebm.purifier.consistency")
                            .enumType(Consistency.class)
                            .defaultValue(Consistency.LATEST)
                            .withDescription(
                                    "Which version of the model purifies an image: the one that"
                                            + " arrived last, or in lockstep one that is a function"
                                            + " of the image's place in the input, so that two runs"
                                            + " give the same bytes. Lockstep goes at the pace of"
                                            + " the slowest partition; see docs/CONSISTENCY.md."),
                    "latest or lockstep",
                    v -> true);

    public static final Setting<Integer> PURIFIER_LOCKSTEP_AHEAD =
            integer(
                    "ebm.purifier.lockstep-ahead",
                    2_000,
                    100,
                    1_000_000,
                    "In lockstep, records that a partition may be read ahead of the slowest one."
                            + " They are held as state; five times as many a second is the most"
                            + " that is read of a partition.");

    // ---- refinement of images with latents (hat EBM)

    public static final Setting<String> HAT_GENERATOR =
            string(
                    "ebm.hat.generator",
                    "",
                    "Model with a generator, or autoencoder: images that come with its latents are"
                            + " refined instead of purified, and not learned from. A path that can"
                            + " be read where the job is submitted and on all task managers. Empty:"
                            + " latents are ignored; with the presets hat-refine and hat-retrofit"
                            + " it is ebm.learner.generator.file, or ebm.model.initial-snapshot"
                            + " without that.",
                    "a path, or nothing",
                    v -> true);

    public static final Setting<Integer> HAT_STEPS =
            integer(
                    "ebm.hat.steps",
                    HatPreset.REFINE.steps(),
                    0,
                    1_000_000,
                    "Joint Langevin steps K of a refinement.");

    public static final Setting<Double> HAT_STEP_SIZE =
            positive(
                    "ebm.hat.step-size",
                    HatPreset.REFINE.stepSize(),
                    "eps of the residual r in x = G(z) + r, pixel units of [-1, 1].");

    public static final Setting<Double> HAT_LATENT_STEP_SIZE =
            notNegative(
                    "ebm.hat.latent-step-size",
                    HatPreset.REFINE.latentStepSize(),
                    "eps_z of the latents z; 0 leaves them where they are.");

    public static final Setting<Double> HAT_TAU_RES =
            notNegative(
                    "ebm.hat.tau-res",
                    HatPreset.REFINE.tauRes(),
                    "Factor of |r|^2 in the hat energy; 0 leaves the term out.");

    public static final Setting<Double> HAT_TEMPERATURE =
            notNegative(
                    "ebm.hat.temperature",
                    0.0,
                    "Temperature T of refinements; 0 is the learner's.");

    // ---- classification behind the purifier

    public static final Setting<String> CLASSIFY_FILE =
            string(
                    "ebm.classify.file",
                    "",
                    "Classifier of purified images: what ./ebm train-classifier wrote, or a model of"
                            + " your own that ends in .onnx; a path on the task managers. Empty:"
                            + " images are not classified.",
                    "a path, or empty",
                    v -> true);

    public static final Setting<Integer> CLASSIFY_REPLICATES =
            integer(
                    "ebm.classify.replicates",
                    16,
                    1,
                    4096,
                    "Further purifications R of each image, whose logits are averaged (EOT); the"
                            + " papers take 128 and 150. Each costs as much as the purification.");

    public static final Setting<EotMean> CLASSIFY_MEAN =
            new Setting<>(
                    key("ebm.classify.mean")
                            .enumType(EotMean.class)
                            .defaultValue(EotMean.LOGITS)
                            .withDescription(
                                    "What is averaged over purifications: the logits, their softmax"
                                            + " or their log-softmax."),
                    "logits, softmax or log_softmax",
                    v -> true);

    public static final Setting<Integer> CLASSIFY_STOP_ROUND =
            integer(
                    "ebm.classify.early-stop.round",
                    0,
                    0,
                    4096,
                    "Replicates of a round: after each an image's vote may end, and"
                            + " records say how many voted. 0: all R vote.");

    public static final Setting<Double> CLASSIFY_STOP_MARGIN =
            new Setting<>(
                    key("ebm.classify.early-stop.margin")
                            .doubleType()
                            .defaultValue(0.0)
                            .withDescription(
                                    "Margin of votes that ends a vote, and with it at times the"
                                            + " label. 0: it ends only where the replicates left"
                                            + " cannot change the label, which ebm.classify.mean"
                                            + " softmax tells."),
                    "a number from 0 to 1",
                    v -> v >= 0 && v <= 1);

    public static final Setting<String> CLASSIFY_LABELS =
            string(
                    "ebm.classify.labels",
                    "",
                    "Names of the classes, in their order.",
                    "names with commas between them, or empty",
                    v -> true);

    public static final Setting<String> CLASSIFY_ONNX_LAYOUT =
            choice(
                    "ebm.classify.onnx.layout",
                    OnnxInput.LAYOUTS.get(0),
                    "Order in which an ONNX model takes images.",
                    OnnxInput.LAYOUTS.toArray(String[]::new));

    public static final Setting<String> CLASSIFY_ONNX_RANGE =
            choice(
                    "ebm.classify.onnx.range",
                    OnnxInput.RANGES.get(0),
                    "Pixels that an ONNX model takes, before mean and deviation: symmetric is"
                            + " [-1, 1], unit is [0, 1].",
                    OnnxInput.RANGES.toArray(String[]::new));

    public static final Setting<String> CLASSIFY_ONNX_MEAN =
            numbers(
                    "ebm.classify.onnx.mean",
                    "Mean that an ONNX model wants subtracted from pixels: one number, or one for"
                            + " each channel. Empty: 0.");

    public static final Setting<String> CLASSIFY_ONNX_DEVIATION =
            numbers(
                    "ebm.classify.onnx.deviation",
                    "Standard deviation that an ONNX model wants pixels divided by, after the mean:"
                            + " one number, or one for each channel. Empty: 1.");

    // ---- density

    public static final Setting<Integer> DENSITY_REFERENCE =
            integer(
                    "ebm.density.drift.reference",
                    DriftConfig.DEFAULT.reference(),
                    30,
                    1 << 20,
                    "Readings of a stream that a change is measured from at first; where frames are"
                            + " correlated it takes more by itself.");

    public static final Setting<Double> DENSITY_SLACK =
            notNegative(
                    "ebm.density.drift.slack",
                    DriftConfig.DEFAULT.slack(),
                    "Change that is tolerated, in standard deviations of a stream's readings; a"
                            + " lasting shift by twice as much is found fastest. New model versions"
                            + " shift calibrated energies by about a sixth, young ones by up to a"
                            + " half.");

    public static final Setting<Double> DENSITY_RUN_LENGTH =
            above(
                    "ebm.density.drift.run-length",
                    DriftConfig.DEFAULT.runLength(),
                    DriftConfig.LEAST_RUN_LENGTH,
                    "Readings of a stream that does not change that are expected between two false"
                            + " alarms.");

    public static final Setting<Integer> DENSITY_COOL_DOWN =
            integer(
                    "ebm.density.drift.cool-down",
                    DriftConfig.DEFAULT.coolDown(),
                    0,
                    1 << 20,
                    "Readings after an alarm in which there is no other.");

    private static final List<Setting<?>> ALL = collect();

    private EbmOptions() {}

    /** All options in the order of this file. */
    public static List<Setting<?>> all() {
        return ALL;
    }

    private static List<Setting<?>> collect() {
        return Arrays.stream(EbmOptions.class.getDeclaredFields())
                .filter(f -> Modifier.isPublic(f.getModifiers()) && f.getType() == Setting.class)
                .<Setting<?>>map(
                        f -> {
                            try {
                                return (Setting<?>) f.get(null);
                            } catch (IllegalAccessException e) {
                                throw new IllegalStateException("option " + f.getName(), e);
                            }
                        })
                .toList();
    }

    private static Setting<String> string(
            String key, String value, String doc, String expected, Predicate<String> valid) {
        return new Setting<>(
                key(key).stringType().defaultValue(value).withDescription(doc), expected, valid);
    }

    private static Setting<String> numbers(String key, String doc) {
        String number = "\\s*-?\\d*\\.?\\d+\\s*";
        return string(
                key,
                "",
                doc,
                "numbers with commas between them, or empty",
                v -> v.isEmpty() || v.matches(number + "(," + number + ")*"));
    }

    private static Setting<String> name(String key, String value, String doc) {
        return string(key, value, doc, A_NAME, v -> v.matches(NAME));
    }

    private static Setting<String> topic(String key, String value, String doc) {
        return string(
                key,
                value,
                doc,
                A_TOPIC,
                v -> v.matches("[A-Za-z0-9._-]{1,249}") && !v.equals(".") && !v.equals(".."));
    }

    private static Setting<String> choice(String key, String value, String doc, String... of) {
        List<String> allowed = List.of(of);
        return string(key, value, doc, "one of " + String.join(", ", allowed), allowed::contains);
    }

    private static Setting<Integer> integer(
            String key, int value, int least, int most, String doc) {
        ConfigOption<Integer> option = key(key).intType().defaultValue(value).withDescription(doc);
        String expected =
                most == Integer.MAX_VALUE
                        ? "a whole number of at least " + least
                        : "a whole number from " + least + " to " + most;
        return new Setting<>(option, expected, v -> v >= least && v <= most);
    }

    private static Setting<Double> positive(String key, double value, String doc) {
        return new Setting<>(
                key(key).doubleType().defaultValue(value).withDescription(doc),
                "a number above 0",
                v -> v > 0 && Double.isFinite(v));
    }

    private static Setting<Double> above(String key, double value, double least, String doc) {
        return new Setting<>(
                key(key).doubleType().defaultValue(value).withDescription(doc),
                "a number above " + (long) least,
                v -> v > least && Double.isFinite(v));
    }

    private static Setting<Double> notNegative(String key, double value, String doc) {
        return new Setting<>(
                key(key).doubleType().defaultValue(value).withDescription(doc),
                "a number of at least 0",
                v -> v >= 0 && Double.isFinite(v));
    }

    private static Setting<Duration> duration(
            String key, Duration value, Duration least, Duration most, String doc) {
        return new Setting<>(
                key(key).durationType().defaultValue(value).withDescription(doc),
                "a duration with its unit (ms, s, min, h) from "
                        + Durations.text(least)
                        + " to "
                        + Durations.text(most),
                v -> v.compareTo(least) >= 0 && v.compareTo(most) <= 0);
    }

    private static boolean isEnergy(String value) {
        try {
            return value.equals(CHAINS) || Double.isFinite(Double.parseDouble(value));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isRate(String value) {
        return isSchedule(value, v -> v > 0 && v <= 1);
    }

    private static boolean isCount(String value) {
        return isSchedule(value, v -> v >= 1 && v <= 1_000_000 && v == Math.rint(v));
    }

    private static boolean isSchedule(String value, DoublePredicate valid) {
        try {
            return Schedule.parse(value).steps().values().stream().allMatch(v -> valid.test(v));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String[] orNone(List<String> names) {
        return Stream.concat(Stream.of(NONE), names.stream()).toArray(String[]::new);
    }

    private static boolean emptyOrUri(String value) {
        return value.isEmpty() || value.matches("[A-Za-z][A-Za-z0-9+.-]*:.+");
    }
}
