package io.ebmstream.job.board;

import org.apache.datasketches.kll.KllFloatsSketch;

/** Images purified, and how long after they were made. */
final class FlowBucket extends Bucket {
    private final long width;
    private final KllFloatsSketch latency = EnergyBucket.sketch();

    FlowBucket(long start, long width) {
        super(start);
        this.width = width;
    }

    /**
     * @param latencyMillis from the image's event time to its purified record
     */
    void add(long latencyMillis) {
        latency.update(latencyMillis);
    }

    /** Images a second; median latency, and the one that 99 % keep below, in seconds. */
    @Override
    double[] values() {
        return new double[] {
            latency.getN() * 1e3 / width,
            latency.getQuantile(0.5) / 1e3,
            latency.getQuantile(0.99) / 1e3
        };
    }
}
