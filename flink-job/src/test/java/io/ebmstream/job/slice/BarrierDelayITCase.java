package io.ebmstream.job.slice;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.job.purify.ToTarget;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;
import org.apache.flink.streaming.api.transformations.PartitionTransformation;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.Test;

/**
 * How long checkpoint barriers wait at a two-input operator whose queue is full all the time.
 *
 * <p>Measured on two busy cores with WORK of 1 s and a parallelism of 2: a median of 52 ms as it is
 * here, 3,900 ms with the models broadcast straight to the operator (all its inputs then lose
 * unaligned checkpoints), and up to 700 ms where a full queue yields with the operator's own
 * priority. With WORK of 3 s as below: median 25 ms, 9 in 10 under 85 ms.
 */
class BarrierDelayITCase {
    /** Time that the queue takes to make room once it is full. */
    private static final Duration WORK = Duration.ofSeconds(3);

    private static final Duration SLICE = Duration.ofMillis(25);
    private static final int QUEUE = 64;
    private static final ConcurrentLinkedQueue<Long> DELAYS = new ConcurrentLinkedQueue<>();

    @Test
    void aBarrierWaitsForAboutASliceThoughTheQueueIsFull() throws Exception {
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        flink.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        flink.set(RestOptions.BIND_PORT, "0");
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, flink);
        build(env);
        JobClient job = env.executeAsync("barrier-delay");
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (DELAYS.size() < 20 && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
        job.cancel().get(20, TimeUnit.SECONDS);
        List<Long> delays = DELAYS.stream().sorted().toList();
        assertThat(delays).hasSizeGreaterThanOrEqualTo(20);
        // far above a slice, for busy machines; far below WORK, which it is about
        assertThat(delays.get(delays.size() / 2)).isLessThan(WORK.toMillis() / 6);
        assertThat(delays.get(delays.size() * 9 / 10)).isLessThan(WORK.toMillis() / 3);
    }

    private static void build(StreamExecutionEnvironment env) {
        DataStream<byte[]> images =
                env.fromSource(
                        new DataGeneratorSource<>(
                                i -> new byte[3072],
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(2_000),
                                TypeInformation.of(byte[].class)),
                        WatermarkStrategy.noWatermarks(),
                        "images");
        DataStream<Long> models =
                env.fromSource(
                        new DataGeneratorSource<>(
                                i -> i,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(2),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "models");
        DataStream<ModelDelivery> addressed =
                models.broadcast()
                        .map(new Address())
                        .returns(TypeInformation.of(ModelDelivery.class));
        TwoInputTransformation<byte[], ModelDelivery, Long> busy =
                new TwoInputTransformation<>(
                        images.rebalance().getTransformation(),
                        new PartitionTransformation<>(
                                addressed.getTransformation(), new ToTarget()),
                        "busy",
                        new BusyFactory(),
                        Types.LONG,
                        1);
        env.addOperator(busy);
        new DataStream<>(env, busy).sinkTo(new DiscardingSink<>());
    }

    private static final class Address extends RichMapFunction<Long, ModelDelivery> {
        private static final long serialVersionUID = 1L;

        @Override
        public ModelDelivery map(Long counter) {
            return new ModelDelivery(
                    getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                    new ModelVersion(0, counter),
                    new byte[8],
                    null,
                    null,
                    null,
                    null);
        }
    }

    private static final class BusyFactory extends AbstractStreamOperatorFactory<Long>
            implements TwoInputStreamOperatorFactory<byte[], ModelDelivery, Long> {
        private static final long serialVersionUID = 1L;

        BusyFactory() {
            setChainingStrategy(ChainingStrategy.HEAD);
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends StreamOperator<Long>> T createStreamOperator(
                StreamOperatorParameters<Long> parameters) {
            return (T) new Busy(parameters);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
            return Busy.class;
        }
    }

    /** Queues records and throws half of them away after WORK. */
    private static final class Busy extends AbstractStreamOperator<Long>
            implements TwoInputStreamOperator<byte[], ModelDelivery, Long> {
        private static final long serialVersionUID = 1L;

        private final transient SliceScheduler slices;
        private int queue;
        private long worked;

        Busy(StreamOperatorParameters<Long> parameters) {
            super(parameters);
            slices =
                    new SliceScheduler(
                            parameters.getContainingTask(),
                            "busy",
                            this::slice,
                            SLICE,
                            new DescriptiveStatisticsHistogram(10));
        }

        private boolean slice(long budgetNanos) {
            long end = System.nanoTime() + budgetNanos;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            worked += budgetNanos;
            if (worked >= WORK.toNanos()) {
                worked = 0;
                queue /= 2;
            }
            return queue > 0;
        }

        @Override
        public void processElement1(StreamRecord<byte[]> element) throws Exception {
            queue++;
            slices.wake();
            slices.runUntil(() -> queue < QUEUE);
        }

        @Override
        public void processElement2(StreamRecord<ModelDelivery> element) {
            output.collect(new StreamRecord<>(element.getValue().version().counter()));
        }

        @Override
        public void snapshotState(StateSnapshotContext context) throws Exception {
            super.snapshotState(context);
            if (queue >= QUEUE / 2) {
                DELAYS.add(System.currentTimeMillis() - context.getCheckpointTimestamp());
            }
        }
    }
}
