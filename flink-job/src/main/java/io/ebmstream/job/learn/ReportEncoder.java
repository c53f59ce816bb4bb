package io.ebmstream.job.learn;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.MapFunction;

/** An update's report for Kafka, keyed by the model's name. */
public final class ReportEncoder implements MapFunction<UpdateReport, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    private final String topic;

    /**
     * @param topic topic of diagnostics
     */
    public ReportEncoder(String topic) {
        this.topic = topic;
    }

    @Override
    public OutgoingRecord map(UpdateReport report) {
        LearnerDiagnostics record =
                LearnerDiagnostics.newBuilder()
                        .setModel(report.model())
                        .setShard(report.shard())
                        .setUpdate(report.update())
                        .setImagesSeen(report.imagesSeen())
                        .setEventTime(report.eventTime())
                        .setModelVersion(AvroVersions.of(report.published()))
                        .setEnergyDifference(report.energyDifference())
                        .setGradientMagnitude(report.gradientMagnitude())
                        .setRho(report.rho())
                        .setEnergyData(report.dataEnergy())
                        .setEnergyChains(report.chainEnergy())
                        .setLearningRate(report.learningRate())
                        .setDataNoise(report.dataNoise())
                        .setSteps(report.steps())
                        .setDataCount(report.batch())
                        .setChainCount(report.batch())
                        .setRejuvenated(report.rejuvenated())
                        .setReplayCount(report.replayCount())
                        .setAttempt(report.attempt())
                        .setExecutor(report.executor())
                        .setPrecision(report.precision())
                        .setImgStepsPerSecond(
                                report.millis() > 0
                                        ? 1e3 * report.steps() * report.batch() / report.millis()
                                        : 0)
                        .setUpdateMillis(report.millis())
                        .setEvent(report.event())
                        .setChainAge(report.chainAge())
                        .setOldestChain(report.oldestChain())
                        .build();
        return OutgoingRecord.of(
                topic,
                report.model().getBytes(StandardCharsets.UTF_8),
                WireFormat.DIAGNOSTICS.encode(record));
    }
}
