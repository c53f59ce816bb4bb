package io.ebmstream.ops.density;

import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.tdigest.TDigestDouble;

/**
 * The distribution of energies of one stream under one model version (ALGORITHMS section 6): ranks
 * by a t-digest, mean and spread by Welford's method.
 *
 * <p>A t-digest (Dunning 2021, "The t-digest: efficient estimates of distributions") rather than a
 * KLL sketch: the library's KLL compacts by coin flips from a generator that cannot be seeded, so
 * that the same stream would give other ranks each time; this one is a function of its input, and
 * it is most exact in the tails, where odd images are. Under 3 KiB of state.
 *
 * <p>Not thread-safe.
 */
public final class EnergyMonitor {
    /** Compression of the digest: about twice as many centroids at most. */
    public static final short COMPRESSION = 100;

    /** Energies that mean and spread need before they say anything. */
    public static final int MIN_COUNT = 30;

    private final TDigestDouble digest;
    private long count;
    private double mean;
    private double squares;

    /** An empty window. */
    public EnergyMonitor() {
        this(new TDigestDouble(COMPRESSION));
    }

    private EnergyMonitor(TDigestDouble digest) {
        this.digest = digest;
    }

    /**
     * @throws IllegalArgumentException if the bytes are damaged
     */
    public static EnergyMonitor fromBytes(byte[] state) {
        StateReader reader = new StateReader(StateKind.ENERGY_MONITOR, state);
        long count = reader.nextLong();
        double mean = reader.nextDouble();
        double squares = reader.nextDouble();
        byte[] sketch = reader.nextBytes(reader.nextInt());
        reader.end();
        EnergyMonitor monitor = new EnergyMonitor(TDigestDouble.heapify(Memory.wrap(sketch)));
        monitor.count = count;
        monitor.mean = mean;
        monitor.squares = squares;
        return monitor;
    }

    /** The whole state. */
    public byte[] toBytes() {
        byte[] sketch = digest.toByteArray();
        return new StateWriter(StateKind.ENERGY_MONITOR, sketch.length + 128)
                .putLong(count)
                .putDouble(mean)
                .putDouble(squares)
                .putInt(sketch.length)
                .putBytes(sketch, sketch.length)
                .toBytes();
    }

    /**
     * Takes an energy in and says where it lies.
     *
     * @param energy U(x)/T
     * @throws IllegalArgumentException if it is not finite
     */
    public EnergyReading observe(double energy) {
        if (!Double.isFinite(energy)) {
            throw new IllegalArgumentException("expected a finite energy, found " + energy);
        }
        double deviation = standardDeviation();
        double z = count < MIN_COUNT || deviation == 0 ? 0 : (energy - mean) / deviation;
        digest.update(energy);
        count++;
        double delta = energy - mean;
        mean += delta / count;
        squares += delta * (energy - mean);
        // Asking after each update also keeps the digest compressed: saving it changes nothing.
        return new EnergyReading(energy, digest.getRank(energy), z, count);
    }

    /** Energies taken in. */
    public long count() {
        return count;
    }

    /** Mean energy, 0 for an empty window. */
    public double mean() {
        return mean;
    }

    /** Standard deviation of the energies, 0 while there are fewer than 2. */
    public double standardDeviation() {
        return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
    }
}
