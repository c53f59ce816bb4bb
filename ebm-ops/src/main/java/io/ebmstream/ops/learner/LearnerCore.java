package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a learner learns and counts: weights, optimizer's moments, moving average, counters and the
 * anchors, as one piece of state. Not thread-safe. Close it to free its arrays.
 */
final class LearnerCore extends OnePiece implements AutoCloseable {
    static final String PIECE = "core";

    private final LearnerConfig config;
    private final ReplayBuffer replay;
    private final INDArray parameters;
    private final Optimizer optimizer;
    private final ExponentialMovingAverage average;
    private final int imageBytes;
    private byte[] anchors;

    private long updates;
    private long dropped;
    private long seenAtUpdate;
    private long seen;

    LearnerCore(LearnerConfig config, float[] weights, ReplayBuffer replay) {
        super(PIECE);
        this.config = config;
        this.replay = replay;
        this.imageBytes = config.network().input().size();
        parameters = Nd4j.zeros(DataType.FLOAT, 1, weights.length);
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
        optimizer = new Optimizer(config.optimizer(), weights.length);
        average = new ExponentialMovingAverage(config.emaDecay(), parameters);
        anchors = new byte[MaximumLikelihoodLearner.ANCHORS * imageBytes];
    }

    INDArray parameters() {
        return parameters;
    }

    INDArray average() {
        return average.array();
    }

    byte[] anchors() {
        return anchors;
    }

    long updates() {
        return updates;
    }

    long dropped() {
        return dropped;
    }

    /** Images seen when the last update ended. */
    long seenAtUpdate() {
        return seenAtUpdate;
    }

    /** An image went into the replay buffer. */
    void offered(byte[] pixels) {
        seen = replay.seen();
        if (seen <= MaximumLikelihoodLearner.ANCHORS) {
            System.arraycopy(pixels, 0, anchors, (int) (seen - 1) * imageBytes, imageBytes);
        }
        changed();
    }

    /** Takes an optimizer step; the gradient is overwritten. */
    void apply(INDArray gradient, double rate) {
        boolean sgd = config.sgdFrom() > 0 && updates >= config.sgdFrom();
        OptimizerKind rule = sgd ? OptimizerKind.SGD : config.optimizer();
        optimizer.step(rule, parameters, gradient, rate, updates);
        updates++;
        average.update(parameters, updates);
        seenAtUpdate = seen;
        changed();
    }

    /** Counts an update that changes nothing else. */
    void drop() {
        dropped++;
        seenAtUpdate = seen;
        changed();
    }

    /** A copy of what is learned. */
    LearnedState learned() {
        return new LearnedState(
                FloatArrays.toHeap(parameters), average.toHeap(), optimizer.state(), updates);
    }

    /**
     * Goes on from what several have learned; images seen and anchors stay.
     *
     * @throws IllegalArgumentException if it is another network's or optimizer's
     */
    void adopt(LearnedState value) {
        int count = config.network().parameterCount();
        int state = Optimizer.stateSize(config.optimizer(), count);
        if (value.weights().length != count || value.moments().length != state) {
            throw new IllegalArgumentException(
                    "expected "
                            + count
                            + " weights and "
                            + state
                            + " moments, found "
                            + value.weights().length
                            + " and "
                            + value.moments().length);
        }
        FloatArrays.write(value.weights(), 0, parameters, 0, count);
        average.restore(value.average());
        optimizer.restore(value.moments());
        updates = value.updates();
        changed();
    }

    /** Takes other weights, for the average too; moments, counters and images stay. */
    void start(float[] weights) {
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
        average.restore(weights);
        changed();
    }

    /** Tells the replay buffer how many images it has seen, once all its pieces are restored. */
    void takeOverSeen() {
        replay.restoreSeen(seen);
    }

    /** Restores state, but keeps what is known of images. */
    void keepingImages(Runnable restore) {
        long keptSeen = seen;
        long keptSeenAtUpdate = seenAtUpdate;
        byte[] keptAnchors = anchors;
        restore.run();
        seen = keptSeen;
        seenAtUpdate = keptSeenAtUpdate;
        anchors = keptAnchors;
    }

    @Override
    public byte[] piece(String piece) {
        float[] weights = FloatArrays.toHeap(parameters);
        float[] averaged = average.toHeap();
        float[] moments = optimizer.state();
        return new StateWriter(
                        StateKind.LEARNER_CORE,
                        4 * (weights.length + averaged.length + moments.length)
                                + anchors.length
                                + 128)
                .putLong(updates)
                .putLong(dropped)
                .putLong(seen)
                .putLong(seenAtUpdate)
                .putFloats(weights, weights.length)
                .putFloats(averaged, averaged.length)
                .putFloats(moments, moments.length)
                .putBytes(anchors, MaximumLikelihoodLearner.ANCHORS, imageBytes)
                .toBytes();
    }

    @Override
    public void restore(String piece, byte[] state) {
        int count = config.network().parameterCount();
        StateReader reader = new StateReader(StateKind.LEARNER_CORE, state);
        long foundUpdates = reader.nextLong();
        long foundDropped = reader.nextLong();
        long foundSeen = reader.nextLong();
        long foundSeenAtUpdate = reader.nextLong();
        float[] weights = reader.nextFloats(count);
        float[] averaged = reader.nextFloats(count);
        float[] moments = reader.nextFloats(Optimizer.stateSize(config.optimizer(), count));
        byte[] foundAnchors = reader.nextBytes(MaximumLikelihoodLearner.ANCHORS, imageBytes);
        reader.end();
        updates = foundUpdates;
        dropped = foundDropped;
        seen = foundSeen;
        seenAtUpdate = foundSeenAtUpdate;
        FloatArrays.write(weights, 0, parameters, 0, count);
        average.restore(averaged);
        optimizer.restore(moments);
        anchors = foundAnchors;
        changed();
    }

    @Override
    public void close() {
        optimizer.close();
        average.close();
        if (parameters.closeable()) {
            parameters.close();
        }
    }
}
