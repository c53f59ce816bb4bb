package io.ebmstream.job.topology;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.KafkaSettings;
import io.ebmstream.job.config.LearnerSettings;
import io.ebmstream.job.control.ControlDecoder;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.EventEncoder;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.DeadLetterEncoder;
import io.ebmstream.job.decode.DecodeFunction;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.density.DensityFunction;
import io.ebmstream.job.density.EnergyPoint;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.kafka.KafkaRecordDeserializer;
import io.ebmstream.job.kafka.KafkaSinks;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.LearnerOperator;
import io.ebmstream.job.learn.LearnerOperatorFactory;
import io.ebmstream.job.learn.LearnerSetup;
import io.ebmstream.job.learn.LearnerSharding;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.job.learn.ReportEncoder;
import io.ebmstream.job.learn.SteeredLearnerFactory;
import io.ebmstream.job.lockstep.MergeOperatorFactory;
import io.ebmstream.job.lockstep.NumberFunction;
import io.ebmstream.job.lockstep.Numbered;
import io.ebmstream.job.lockstep.RecordCounts;
import io.ebmstream.job.purify.ModelAddresser;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.job.purify.Purified;
import io.ebmstream.job.purify.PurifiedEncoder;
import io.ebmstream.job.purify.PurifierOperator;
import io.ebmstream.job.purify.PurifierOperatorFactory;
import io.ebmstream.job.purify.PurifierSetup;
import io.ebmstream.job.purify.ToTarget;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.AverageRecords;
import io.ebmstream.job.shards.AveragerOperatorFactory;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.shards.KafkaAverages;
import io.ebmstream.job.shards.RoundPlan;
import io.ebmstream.job.shards.ShardLayout;
import io.ebmstream.job.snapshot.SnapshotEncoder;
import io.ebmstream.job.snapshot.SnapshotSetup;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.PartitionTransformation;
import org.apache.flink.streaming.api.transformations.SideOutputTransformation;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The job's graph:
 *
 * <pre>
 * images -> decode -+-> learner (by model/shard) -+-> snapshots
 *             |     |                             +-> diagnostics
 *             |     |                             +-> addresser --+
 *             |     +-> purifier (by stream) <--------------------+
 *             |            +-> purified images
 *             |            +-> density monitor (by stream) -> readings, alarms
 *             +-> dead letters
 * </pre>
 *
 * <p>Where orders are taken (docs/CONTROL.md), the learner has the control topic as a second input;
 * what it answers goes to the events' topic, and what purifiers must know goes by the addresser.
 *
 * <p>In lockstep (docs/CONSISTENCY.md) the learner comes first and hands the images on:
 *
 * <pre>
 * images -> number -+-> merge -> learner -> purifier -> ..
 *                   +-> dead letters
 * </pre>
 *
 * <p>Several shards of the learner average what they learn; averages come back to them through a
 * topic, which is no edge of the graph:
 *
 * <pre>
 * learner (by model/shard) -> averager (by model) -> averages -> topic ..> learner
 * </pre>
 *
 * <p>Every operator has a uid, so that state finds its operator in later releases. Never change
 * one.
 */
public final class EbmTopology {
    private final StreamExecutionEnvironment env;
    private final JobConfig config;
    private final KafkaSinks sinks;
    private final int parallelism;

    private final ComputeChoice compute;
    private final ShardLayout layout;

    /** Values of the generator's latents; 0 without a generator. */
    private final int latentSize;

    private EbmTopology(StreamExecutionEnvironment env, JobConfig config, ComputeChoice compute) {
        this.env = env;
        this.config = config;
        this.compute = compute;
        this.parallelism = config.runtime().parallelism();
        this.layout =
                new ShardLayout(
                        config.model().name(),
                        config.learner().shards().count(),
                        config.runtime().maxParallelism());
        this.latentSize = config.hat().latentSize(config.model().shape());
        KafkaSettings kafka = config.kafka();
        this.sinks =
                new KafkaSinks(
                        kafka.bootstrap(),
                        kafka.guarantee(),
                        kafka.transactionPrefix(),
                        kafka.transactionTimeout(),
                        kafka.clients());
    }

    /**
     * Adds the job to an environment and sets what it needs there ({@link FlinkDefaults}).
     *
     * @throws IllegalArgumentException if the configuration asks for what the job cannot do
     */
    public static void build(StreamExecutionEnvironment env, JobConfig config) {
        build(
                env,
                config,
                ComputeChoice.of(
                        config.compute().executor(),
                        config.compute().precision(),
                        config.compute().gpuResource(),
                        config.compute().gpuMemory()));
    }

    /** With a say in what computes. */
    static void build(StreamExecutionEnvironment env, JobConfig config, ComputeChoice compute) {
        env.configure(FlinkDefaults.of(config));
        env.setParallelism(config.runtime().parallelism());
        env.setMaxParallelism(config.runtime().maxParallelism());
        // fails here, with a clear message, rather than in a task
        config.learner().toConfig(config.model().build(), config.compute().seed());
        new EbmTopology(env, config, compute).build();
    }

    private void build() {
        if (several()) {
            requirePartitions();
        }
        Streams streams = config.purifier().lockstep() ? lockstep() : latest();
        SingleOutputStreamOperator<PublishedModel> models = streams.models();
        sink(
                models.getSideOutput(LearnerOperator.REPORTS)
                        .map(new ReportEncoder(config.topics().diagnostics())),
                "diagnostics",
                1);
        sink(
                models.getSideOutput(LearnerOperator.EVENTS)
                        .map(new EventEncoder(config.topics().events())),
                "events",
                1);
        SnapshotSetup snapshots = SnapshotSetup.of(config);
        sink(models.flatMap(new SnapshotEncoder(snapshots)), "snapshots", 1);
        if (several()) {
            average(models.getSideOutput(LearnerOperator.CONTRIBUTIONS), snapshots.network());
        }
        TwoInputTransformation<ImageEvent, ModelDelivery, Purified> purifier =
                purify(streams.images(), models);
        DataStream<Purified> purified = new DataStream<>(env, purifier);
        DataStream<DeadLetter> lost =
                new DataStream<>(
                        env,
                        new SideOutputTransformation<>(purifier, PurifierOperator.DEAD_LETTERS));
        sink(
                streams.deadLetters()
                        .union(lost)
                        .map(new DeadLetterEncoder(config.topics().deadLetters())),
                "dead-letters",
                parallelism);
        sink(
                purified.map(
                        new PurifiedEncoder(config.model().name(), config.topics().purified())),
                "purified",
                parallelism);
        SingleOutputStreamOperator<OutgoingRecord> readings = monitor(purified);
        DataStream<OutgoingRecord> alarms = readings.getSideOutput(DensityFunction.ALARMS);
        readings.sinkTo(sinks.sink("density")).name("density-sink").uid("density-sink");
        alarms.sinkTo(sinks.sink("alarms"))
                .name("alarms-sink")
                .uid("alarms-sink")
                .setParallelism(1);
    }

    /**
     * What the rest of the graph is made of.
     *
     * @param images to be purified
     * @param deadLetters records that are no images
     * @param models published versions
     */
    private record Streams(
            DataStream<ImageEvent> images,
            DataStream<DeadLetter> deadLetters,
            SingleOutputStreamOperator<PublishedModel> models) {}

    /** Every shard learns from something, and averages stay in their order. */
    private void requirePartitions() {
        int images = TopicCheck.partitions(kafka(), config.topics().images());
        if (images < layout.shards()) {
            throw new IllegalArgumentException(
                    EbmOptions.LEARNER_SHARDS.key()
                            + ": expected at most one for each of the "
                            + images
                            + " partitions of "
                            + config.topics().images()
                            + ", found "
                            + layout.shards());
        }
        String topic = config.learner().shards().topic();
        int averages = TopicCheck.partitions(kafka(), topic);
        if (averages != 1) {
            throw new IllegalArgumentException(
                    EbmOptions.TOPIC_AVERAGES.key()
                            + ": expected a topic of 1 partition, found "
                            + averages
                            + " in "
                            + topic);
        }
    }

    private Properties kafka() {
        Properties kafka = config.kafka().properties();
        kafka.setProperty("bootstrap.servers", config.kafka().bootstrap());
        return kafka;
    }

    /** Learner and purifier side by side. */
    private Streams latest() {
        SingleOutputStreamOperator<ImageEvent> images =
                source(WatermarkStrategy.noWatermarks())
                        .process(decoder())
                        .returns(TypeInformation.of(ImageEvent.class))
                        .name("decode")
                        .uid("decode")
                        .setParallelism(parallelism);
        DataStream<DeadLetter> letters = images.getSideOutput(DecodeFunction.DEAD_LETTERS);
        SingleOutputStreamOperator<ControlOrder> orders =
                config.control().enabled() ? orders() : null;
        return new Streams(
                images,
                orders == null
                        ? letters
                        : letters.union(orders.getSideOutput(ControlDecoder.DEAD_LETTERS)),
                learn(data(images), orders));
    }

    /** In one line: the learner hands on images in an order of their own, with their version. */
    private Streams lockstep() {
        int partitions = TopicCheck.partitions(kafka(), config.topics().images());
        SingleOutputStreamOperator<Numbered> numbered =
                source(RecordCounts.strategy(config.purifier().lockstepAhead()))
                        .process(new NumberFunction(decoder(), partitions))
                        .returns(TypeInformation.of(Numbered.class))
                        .name("number")
                        .uid("number")
                        .setParallelism(parallelism);
        String order = config.model().name() + "/0";
        SingleOutputStreamOperator<ImageEvent> merged =
                numbered.keyBy(image -> order, Types.STRING)
                        .transform(
                                "merge",
                                TypeInformation.of(ImageEvent.class),
                                new MergeOperatorFactory(partitions, rounds(partitions)))
                        .uid("merge")
                        .setParallelism(1);
        SingleOutputStreamOperator<PublishedModel> models = learn(merged, null);
        return new Streams(
                models.getSideOutput(LearnerOperator.TAKEN),
                numbered.getSideOutput(DecodeFunction.DEAD_LETTERS),
                models);
    }

    private DataStream<KafkaRecord> source(WatermarkStrategy<KafkaRecord> watermarks) {
        KafkaSettings kafka = config.kafka();
        OffsetsInitializer start =
                switch (kafka.start()) {
                    case COMMITTED ->
                            OffsetsInitializer.committedOffsets(
                                    OffsetsInitializer.earliest().getAutoOffsetResetStrategy());
                    case EARLIEST -> OffsetsInitializer.earliest();
                    case LATEST -> OffsetsInitializer.latest();
                };
        KafkaSource<KafkaRecord> source =
                KafkaSource.<KafkaRecord>builder()
                        // before the user's, which win
                        .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                        .setProperties(kafka.properties())
                        .setGroupId(kafka.group())
                        .setTopics(config.topics().images())
                        .setStartingOffsets(start)
                        .setDeserializer(new KafkaRecordDeserializer())
                        .build();
        return env.fromSource(source, watermarks, "images")
                .uid("images")
                .setParallelism(parallelism);
    }

    private DecodeFunction decoder() {
        return new DecodeFunction(config.model().shape(), config.limits().toLimits(), latentSize);
    }

    /** Where rounds end; null where one shard learns alone. */
    private RoundPlan rounds(int partitions) {
        LearnerSettings learner = config.learner();
        return several()
                ? new RoundPlan(
                        layout.shards(),
                        partitions,
                        learner.warmup(),
                        learner.imagesPerUpdate(),
                        learner.shards().averageEvery())
                : null;
    }

    private boolean several() {
        return config.learner().shards().several();
    }

    /** An old order is none to a job that has never run: a new one begins at the topic's end. */
    private SingleOutputStreamOperator<ControlOrder> orders() {
        KafkaSource<KafkaRecord> source =
                KafkaSource.<KafkaRecord>builder()
                        .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                        .setProperties(config.kafka().properties())
                        .setGroupId(config.kafka().group())
                        .setTopics(config.topics().control())
                        .setStartingOffsets(
                                OffsetsInitializer.committedOffsets(
                                        OffsetsInitializer.latest().getAutoOffsetResetStrategy()))
                        .setDeserializer(new KafkaRecordDeserializer())
                        .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "control")
                .uid("control")
                .setParallelism(1)
                .process(new ControlDecoder())
                .returns(TypeInformation.of(ControlOrder.class))
                .name("control-decode")
                .uid("control-decode")
                .setParallelism(1);
    }

    /** Learns; null for no orders. */
    private SingleOutputStreamOperator<PublishedModel> learn(
            DataStream<ImageEvent> images, DataStream<ControlOrder> orders) {
        LearnerSharding sharding =
                several()
                        ? new LearnerSharding(
                                layout,
                                config.learner().shards().averageEvery(),
                                config.purifier().lockstep(),
                                config.runtime().checkpointInterval().multipliedBy(2),
                                KafkaAverages.of(
                                        config.kafka().properties(),
                                        config.learner().shards().topic()))
                        : null;
        ShardLayout shards = layout;
        String[] keys = layout.keys();
        KeyedStream<ImageEvent, String> keyed =
                images.keyBy(image -> keys[shards.shardOf(image.partition())], Types.STRING);
        LearnerSetup setup = LearnerSetup.of(config, compute);
        TypeInformation<PublishedModel> type = TypeInformation.of(PublishedModel.class);
        // orders are for a learner of one shard: the configuration sees to it
        return (orders == null
                        ? keyed.transform(
                                "learner", type, new LearnerOperatorFactory(setup, sharding))
                        : keyed.connect(orders.keyBy(order -> keys[0], Types.STRING))
                                .transform("learner", type, new SteeredLearnerFactory(setup)))
                .uid("learner")
                .setParallelism(Math.min(parallelism, layout.shards()));
    }

    /** The way of averages to the topic from which the shards take them back. */
    private void average(DataStream<Contribution> contributions, String network) {
        sink(
                contributions
                        .keyBy(Contribution::model, Types.STRING)
                        .transform(
                                "averager",
                                TypeInformation.of(Average.class),
                                new AveragerOperatorFactory(layout.shards()))
                        .uid("averager")
                        .setParallelism(1)
                        .flatMap(
                                new AverageRecords.Encoder(
                                        config.learner().shards().topic(), network)),
                "averages",
                1);
    }

    /** What a generator made is no data: images with latents are refined, not learned from. */
    private DataStream<ImageEvent> data(DataStream<ImageEvent> images) {
        return config.hat().refines()
                ? images.filter(image -> image.latent() == null)
                        .name("learner-data")
                        .uid("learner-data")
                        .setParallelism(parallelism)
                : images;
    }

    private TwoInputTransformation<ImageEvent, ModelDelivery, Purified> purify(
            DataStream<ImageEvent> images, SingleOutputStreamOperator<PublishedModel> models) {
        PurifierSetup setup = PurifierSetup.of(config, compute);
        DataStream<ModelDelivery> deliveries =
                models.map(ModelDelivery::of)
                        .returns(TypeInformation.of(ModelDelivery.class))
                        .name("model-energy")
                        .uid("model-energy")
                        .setParallelism(1);
        // also without orders: what was ordered before a restart may have to be lifted
        if (!config.purifier().lockstep()) {
            deliveries = deliveries.union(models.getSideOutput(LearnerOperator.DELIVERIES));
        }
        SingleOutputStreamOperator<ModelDelivery> addressed =
                deliveries
                        .broadcast()
                        .map(new ModelAddresser())
                        .name("model-addresser")
                        .uid("model-addresser")
                        .setParallelism(parallelism);
        KeyedStream<ImageEvent, String> byStream = images.keyBy(ImageEvent::streamId, Types.STRING);
        TwoInputTransformation<ImageEvent, ModelDelivery, Purified> transformation =
                new TwoInputTransformation<>(
                        byStream.getTransformation(),
                        new PartitionTransformation<>(
                                addressed.getTransformation(), new ToTarget()),
                        "purifier",
                        new PurifierOperatorFactory(setup, layout.shards()),
                        TypeInformation.of(Purified.class),
                        parallelism);
        transformation.setUid("purifier");
        transformation.setStateKeyType(Types.STRING);
        transformation.setStateKeySelectors(byStream.getKeySelector(), null);
        env.addOperator(transformation);
        return transformation;
    }

    private SingleOutputStreamOperator<OutgoingRecord> monitor(DataStream<Purified> purified) {
        return purified.map(EnergyPoint::of)
                .returns(TypeInformation.of(EnergyPoint.class))
                .name("energies")
                .uid("energies")
                .keyBy(EnergyPoint::streamId, Types.STRING)
                .process(
                        new DensityFunction(
                                config.model().name(),
                                config.density().drift(),
                                config.topics().density(),
                                config.topics().alarms()))
                .returns(TypeInformation.of(OutgoingRecord.class))
                .name("density-monitor")
                .uid("density-monitor")
                .setParallelism(parallelism);
    }

    private void sink(
            SingleOutputStreamOperator<OutgoingRecord> records, String name, int parallel) {
        records.returns(TypeInformation.of(OutgoingRecord.class))
                .name(name + "-encode")
                .uid(name + "-encode")
                .setParallelism(parallel)
                .sinkTo(sinks.sink(name))
                .name(name + "-sink")
                .uid(name + "-sink")
                .setParallelism(parallel);
    }
}
