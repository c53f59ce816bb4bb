package io.ebmstream.job.board;

import io.ebmstream.schemas.avro.LearnerDiagnostics;

/** Updates of a learner: means, and of what counts up the last. */
final class LearnerBucket extends Bucket {
    private long updates;
    private double difference;
    private double magnitude;
    private double rho;
    private double data;
    private double chains;
    private double imgSteps;
    private long update;

    LearnerBucket(long start) {
        super(start);
    }

    void add(LearnerDiagnostics d) {
        updates++;
        difference += d.getEnergyDifference();
        magnitude += d.getGradientMagnitude();
        rho += d.getRho();
        data += d.getEnergyData();
        chains += d.getEnergyChains();
        imgSteps += d.getImgStepsPerSecond();
        update = d.getUpdate();
    }

    /** d, r, rho, mean U/T of data and of chains, img-steps a second, number of the last update. */
    @Override
    double[] values() {
        return new double[] {
            difference / updates,
            magnitude / updates,
            rho / updates,
            data / updates,
            chains / updates,
            imgSteps / updates,
            update
        };
    }
}
