package io.ebmstream.ops.density;

import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Optional;

/**
 * Two-sided CUSUM (Page 1954) of a stream's calibrated energies v against the mean m and standard
 * deviation s of a reference window, both fixed once the window is full:
 *
 * <pre>
 * S+ <- max(0, S+ + (v - m)/s - k)        S- <- max(0, S- - (v - m)/s - k)
 * </pre>
 *
 * <p>An alarm is raised when one exceeds h. After a cool-down the reference is learned anew, so
 * that a change that lasts becomes the norm and is reported once. A function of the readings' order
 * only. Not thread-safe.
 */
public final class DriftDetector {
    private final DriftConfig config;
    private long references;
    private double mean;
    private double squares;
    private double up;
    private double down;
    private long upLength;
    private long downLength;
    private long wait;

    public DriftDetector(DriftConfig config) {
        this.config = config;
    }

    /**
     * @throws IllegalArgumentException if the bytes are damaged
     */
    public static DriftDetector fromBytes(DriftConfig config, byte[] state) {
        StateReader reader = new StateReader(StateKind.DRIFT_DETECTOR, state);
        DriftDetector detector = new DriftDetector(config);
        detector.references = reader.nextLong();
        detector.mean = reader.nextDouble();
        detector.squares = reader.nextDouble();
        detector.up = reader.nextDouble();
        detector.down = reader.nextDouble();
        detector.upLength = reader.nextLong();
        detector.downLength = reader.nextLong();
        detector.wait = reader.nextLong();
        reader.end();
        return detector;
    }

    /** The whole state, without the configuration. */
    public byte[] toBytes() {
        return new StateWriter(StateKind.DRIFT_DETECTOR, 128)
                .putLong(references)
                .putDouble(mean)
                .putDouble(squares)
                .putDouble(up)
                .putDouble(down)
                .putLong(upLength)
                .putLong(downLength)
                .putLong(wait)
                .toBytes();
    }

    /**
     * Takes in a reading.
     *
     * @param value an energy that is calibrated across model versions, or a z-score
     * @return an alarm if this reading raised one
     * @throws IllegalArgumentException if the value is not finite
     */
    public Optional<DriftAlarm> observe(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("expected a finite reading, found " + value);
        }
        if (wait > 0) {
            wait--;
            return Optional.empty();
        }
        if (references < config.reference()) {
            references++;
            double delta = value - mean;
            mean += delta / references;
            squares += delta * (value - mean);
            return Optional.empty();
        }
        double deviation = Math.sqrt(squares / (references - 1));
        if (deviation == 0) {
            // A reference without spread has no scale: any other value is a change.
            deviation = Math.max(Math.abs(mean) * 1e-9, Double.MIN_NORMAL);
        }
        double z = (value - mean) / deviation;
        up = Math.max(0, up + z - config.slack());
        down = Math.max(0, down - z - config.slack());
        upLength = up > 0 ? upLength + 1 : 0;
        downLength = down > 0 ? downLength + 1 : 0;
        if (Math.max(up, down) <= config.threshold()) {
            return Optional.empty();
        }
        boolean rose = up > down;
        DriftAlarm alarm = new DriftAlarm(rose, Math.max(up, down), rose ? upLength : downLength);
        restart();
        return Optional.of(alarm);
    }

    private void restart() {
        references = 0;
        mean = 0;
        squares = 0;
        up = 0;
        down = 0;
        upLength = 0;
        downLength = 0;
        wait = config.coolDown();
    }
}
