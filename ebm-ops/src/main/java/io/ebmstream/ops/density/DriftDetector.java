package io.ebmstream.ops.density;

import io.ebmstream.ops.diagnostics.EffectiveSampleSize;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.tdigest.TDigestDouble;

/**
 * Finds a lasting change in a stream's energies, up or down, with a stated rate of false alarms,
 * whatever the energies' distribution and though neighbouring frames are alike:
 *
 * <pre>
 * u  = (rank of v among the n - 1 before it + 1/2) / n         sequential rank
 * s  = Phi^-1(u)                                               its normal score
 * y  = mean of B scores                                        block
 * q  = Phi^-1( F_t( (y - m) / (d sqrt(1 + 1/b)) ) ) / c        m, d of the b blocks before
 * S+ <- max(0, S+ + q - k)        S- <- max(0, S- - q - k)     alarm above h
 * </pre>
 *
 * <ul>
 *   <li>Sequential ranks of exchangeable readings are independent and uniform (McDonald 1990, "A
 *       cusum procedure based on sequential ranks"), so neither the distribution of energies nor a
 *       few odd images matter.
 *   <li>Frames of a camera are correlated. From a first stretch of scores comes their correlation
 *       time tau (Geyer's sum); it grows until it is {@value #TIMES_IN_REFERENCE} tau long. A block
 *       has {@value #TIMES_IN_BLOCK} tau readings, and c^2 = 1 + (tau - 1) / (2 B) makes up for
 *       what correlation of neighbouring blocks is left.
 *   <li>A block is compared with those before it by Student's t, which counts what is not known of
 *       their mean and spread (Hawkins 1987, "Self-starting cusum charts"). A block further out
 *       than {@value #FAR_OUT} deviations is learned as one at that distance.
 *   <li>k is the slack in deviations of a block, at least {@value #LEAST_ALLOWANCE}; h gives the
 *       expected run length ({@link CusumRunLength}).
 * </ul>
 *
 * <p>After an alarm and a cool-down the reference is learned anew, so that a change that lasts
 * becomes the norm and is reported once. A change that comes right after that, or is small, may be
 * learned as part of the reference before it is found. A function of the readings' order only. Not
 * thread-safe.
 */
public final class DriftDetector {
    /** Least readings in a block. */
    public static final int LEAST_BLOCK = 16;

    private static final int TIMES_IN_BLOCK = 10;
    private static final int TIMES_IN_REFERENCE = 60;
    private static final int FAR_OUT = 3;
    private static final double LEAST_ALLOWANCE = 0.5;

    /** Longest first stretch: bounds the state. */
    private static final int MOST_REFERENCE = 4096;

    /** Blocks that mean and spread come from at least. */
    private static final int LEAST_BLOCKS = 6;

    /** Deviations that a block can be apart at most: beyond it chances round to 0. */
    private static final double MOST_DEVIATIONS = 8;

    /**
     * Least spread of blocks, a tenth of what it is where readings differ at all: equal readings
     * have ranks that are equal up to the digest's error only.
     */
    private static final double LEAST_SPREAD = 0.03;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private final DriftConfig config;

    private TDigestDouble digest = new TDigestDouble(EnergyMonitor.COMPRESSION);
    private long count;
    private long wait;

    /** Scores of the first stretch; none once blocks are made. */
    private float[] first = new float[0];

    private int wanted;

    /** Readings in a block; 0 in the first stretch. */
    private int block;

    private double tau;
    private double allowance;
    private double threshold;

    private int filled;
    private double sum;
    private long blockStart;

    private long blocks;
    private double mean;
    private double squares;

    private final Side up = new Side();
    private final Side down = new Side();

    /** One of the two sums. */
    private static final class Side {
        private double sum;
        private long length;
        private long start;

        void add(double excess, long blockStart) {
            if (sum == 0) {
                start = blockStart;
                length = 0;
            }
            sum = Math.max(0, sum + excess);
            length++;
        }

        void clear() {
            sum = 0;
            length = 0;
            start = 0;
        }

        void write(StateWriter writer) {
            writer.putDouble(sum).putLong(length).putLong(start);
        }

        void read(StateReader reader) {
            sum = reader.nextDouble();
            length = reader.nextLong();
            start = reader.nextLong();
        }
    }

    public DriftDetector(DriftConfig config) {
        this.config = config;
        this.wanted = config.reference();
    }

    /**
     * A detector that goes on. Under another slack or run length than it was written with, those of
     * now hold from here on. The state of a detector of the first release, which compared single
     * readings, is checked; then detection begins anew.
     *
     * @throws IllegalArgumentException if the bytes are damaged
     */
    public static DriftDetector fromBytes(DriftConfig config, byte[] state) {
        DriftDetector detector = new DriftDetector(config);
        if (StateReader.holds(StateKind.DRIFT_DETECTOR, state)) {
            checkFirstRelease(state);
            return detector;
        }
        StateReader reader = new StateReader(StateKind.CHANGE_DETECTOR, state);
        double slack = reader.nextDouble();
        double runLength = reader.nextDouble();
        detector.count = reader.nextLong();
        detector.wait = reader.nextLong();
        if (detector.count > 0) {
            byte[] sketch = reader.nextByteRow();
            detector.digest = TDigestDouble.heapify(Memory.wrap(sketch));
        }
        detector.first = reader.nextFloats(reader.nextInt());
        detector.wanted = reader.nextInt();
        detector.block = reader.nextInt();
        detector.tau = reader.nextDouble();
        detector.allowance = reader.nextDouble();
        detector.threshold = reader.nextDouble();
        detector.filled = reader.nextInt();
        detector.sum = reader.nextDouble();
        detector.blockStart = reader.nextLong();
        detector.blocks = reader.nextLong();
        detector.mean = reader.nextDouble();
        detector.squares = reader.nextDouble();
        detector.up.read(reader);
        detector.down.read(reader);
        reader.end();
        if (detector.block > 0 && (slack != config.slack() || runLength != config.runLength())) {
            detector.limits();
        }
        return detector;
    }

    private static void checkFirstRelease(byte[] state) {
        StateReader reader = new StateReader(StateKind.DRIFT_DETECTOR, state);
        reader.nextLong();
        for (int i = 0; i < 4; i++) {
            reader.nextDouble();
        }
        for (int i = 0; i < 3; i++) {
            reader.nextLong();
        }
        reader.end();
    }

    /** The whole state. */
    public byte[] toBytes() {
        StateWriter writer =
                new StateWriter(StateKind.CHANGE_DETECTOR, 4096 + 4 * first.length)
                        .putDouble(config.slack())
                        .putDouble(config.runLength())
                        .putLong(count)
                        .putLong(wait);
        if (count > 0) {
            byte[] sketch = digest.toByteArray();
            writer.putBytes(sketch, sketch.length);
        }
        writer.putInt(first.length)
                .putFloats(first, first.length)
                .putInt(wanted)
                .putInt(block)
                .putDouble(tau)
                .putDouble(allowance)
                .putDouble(threshold)
                .putInt(filled)
                .putDouble(sum)
                .putLong(blockStart)
                .putLong(blocks)
                .putDouble(mean)
                .putDouble(squares);
        up.write(writer);
        down.write(writer);
        return writer.toBytes();
    }

    /**
     * Takes in a reading.
     *
     * @param value an energy that is calibrated across model versions, or a z-score
     * @param time when it was made, for the alarm's window
     * @return an alarm if this reading raised one
     * @throws IllegalArgumentException if the value is not finite
     */
    public Optional<DriftAlarm> observe(double value, long time) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("expected a finite reading, found " + value);
        }
        if (wait > 0) {
            wait--;
            return Optional.empty();
        }
        double score = score(value);
        if (block == 0) {
            refer(score);
            return Optional.empty();
        }
        if (filled == 0) {
            blockStart = time;
        }
        sum += score;
        filled++;
        if (filled < block) {
            return Optional.empty();
        }
        double y = sum / block;
        filled = 0;
        sum = 0;
        return blocks < LEAST_BLOCKS ? learn(y) : compare(y);
    }

    /** Readings in a block; 0 while the first stretch is not over. */
    public int block() {
        return block;
    }

    /** Correlation time of the readings, at least 1; 0 while it is not known. */
    public double correlationTime() {
        return tau;
    }

    private double score(double value) {
        double below = count == 0 ? 0 : digest.getRank(value) * count;
        digest.update(value);
        count++;
        // asking also keeps the digest compressed: saving it changes nothing
        return NORMAL.inverseCumulativeProbability((below + 0.5) / count);
    }

    private void refer(double score) {
        first = Arrays.copyOf(first, first.length + 1);
        first[first.length - 1] = (float) score;
        if (first.length < wanted) {
            return;
        }
        double[] scores = new double[first.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = first[i];
        }
        double ess = EffectiveSampleSize.of(new double[][] {scores});
        double found = Double.isNaN(ess) ? 1 : Math.max(1, scores.length / ess);
        wanted =
                Math.max(
                        wanted,
                        (int) Math.min(MOST_REFERENCE, Math.ceil(TIMES_IN_REFERENCE * found)));
        if (first.length < wanted) {
            return;
        }
        tau = found;
        block = Math.max(LEAST_BLOCK, (int) Math.ceil(TIMES_IN_BLOCK * tau));
        limits();
        first = new float[0];
        for (int from = 0; from + block <= scores.length; from += block) {
            double y = 0;
            for (int i = from; i < from + block; i++) {
                y += scores[i] / block;
            }
            learn(y);
        }
    }

    private void limits() {
        allowance = Math.max(LEAST_ALLOWANCE, config.slack() * Math.sqrt(block / tau));
        threshold = CusumRunLength.threshold(allowance, Math.max(1, config.runLength() / block));
    }

    private Optional<DriftAlarm> learn(double y) {
        blocks++;
        double delta = y - mean;
        mean += delta / blocks;
        squares += delta * (y - mean);
        return Optional.empty();
    }

    private Optional<DriftAlarm> compare(double y) {
        double spread =
                Math.max(LEAST_SPREAD, Math.sqrt(squares / (blocks - 1) * (1 + 1.0 / blocks)));
        TDistribution student = TDistribution.of(blocks - 1);
        double t = Math.abs(y - mean) / spread;
        double sign = y < mean ? -1 : 1;
        double q =
                Math.min(
                        MOST_DEVIATIONS,
                        NORMAL.inverseSurvivalProbability(student.survivalProbability(t)));
        if (q > FAR_OUT) {
            t = student.inverseSurvivalProbability(NORMAL.survivalProbability(FAR_OUT));
        }
        learn(mean + sign * t * spread);
        double excess = sign * q / Math.sqrt(1 + (tau - 1) / (2 * block));
        up.add(excess - allowance, blockStart);
        down.add(-excess - allowance, blockStart);
        Side higher = up.sum > down.sum ? up : down;
        if (higher.sum <= threshold) {
            return Optional.empty();
        }
        double steps = CusumRunLength.expected(allowance, higher.sum);
        DriftAlarm alarm =
                new DriftAlarm(
                        higher == up,
                        higher.start,
                        higher.length * block,
                        higher.sum,
                        threshold,
                        -Math.expm1(-higher.length / steps));
        restart();
        return Optional.of(alarm);
    }

    /** Forgets everything but that there was an alarm. */
    private void restart() {
        digest = new TDigestDouble(EnergyMonitor.COMPRESSION);
        count = 0;
        wait = config.coolDown();
        wanted = config.reference();
        block = 0;
        tau = 0;
        blocks = 0;
        mean = 0;
        squares = 0;
        up.clear();
        down.clear();
    }
}
