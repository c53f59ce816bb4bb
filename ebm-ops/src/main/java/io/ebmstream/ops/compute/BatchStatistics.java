package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.ParameterKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Means and variances that a network's batch normalisations found in the last training call, and
 * the running statistics' move toward them:
 *
 * <pre>
 * mean     <- (1 - momentum) mean     + momentum * batch mean
 * variance <- (1 - momentum) variance + momentum * batch variance * m / (m - 1)
 * </pre>
 *
 * with m the values of a channel in the batch, n h w, and the batch variance biased (divided by m).
 * The same for all executors. A normalisation on which the output does not depend need not run, and
 * its running statistics stay. Not thread-safe.
 */
public final class BatchStatistics {
    private final Network network;
    private final List<Normalization> normalizations = new ArrayList<>();
    private int images;

    /** What one batch normalisation found, and where its running statistics lie. */
    private record Normalization(
            int node,
            Layer.BatchNorm layer,
            ImageShape shape,
            int meanOffset,
            int varianceOffset,
            double[] mean,
            double[] variance,
            boolean used) {}

    /** Room for every batch normalisation of the network; it may have none. */
    public BatchStatistics(Network network) {
        this.network = network;
        BitSet used = used();
        for (int i = 0; i < network.nodes().size(); i++) {
            if (network.nodes().get(i).layer() instanceof Layer.BatchNorm layer) {
                normalizations.add(
                        new Normalization(
                                i,
                                layer,
                                network.shapes().get(i),
                                network.offset(i, ParameterKind.RUNNING_MEAN),
                                network.offset(i, ParameterKind.RUNNING_VARIANCE),
                                new double[layer.channels()],
                                new double[layer.channels()],
                                used.get(i)));
            }
        }
    }

    /** Nodes on which the output depends. */
    private BitSet used() {
        BitSet used = new BitSet();
        used.set(network.nodes().size() - 1);
        for (int i = network.nodes().size() - 1; i >= 0; i--) {
            for (int from : network.nodes().get(i).inputs()) {
                if (used.get(i) && from != Network.IMAGE) {
                    used.set(from);
                }
            }
        }
        return used;
    }

    /**
     * Checks that a batch has a variance.
     *
     * @param n inputs in the call
     * @throws IllegalArgumentException if a batch normalisation would see one value per channel
     */
    public void checkBatch(int n) {
        for (Normalization normalization : normalizations) {
            if (normalization.used() && values(normalization, n) < 2) {
                throw new IllegalArgumentException(
                        "expected at least 2 inputs in training, because node "
                                + network.nodes().get(normalization.node()).name()
                                + " of "
                                + network
                                + " normalises single values, found "
                                + n);
            }
        }
    }

    /**
     * The means that a node found, [channels], for the executor to fill.
     *
     * @param node index of a batch normalisation
     */
    public double[] mean(int node) {
        return of(node).mean();
    }

    /**
     * The biased variances that a node found, [channels], for the executor to fill.
     *
     * @param node index of a batch normalisation
     */
    public double[] variance(int node) {
        return of(node).variance();
    }

    /** Says that all means and variances are now those of a call on n inputs. */
    public void found(int n) {
        images = n;
    }

    /**
     * Moves the running statistics in a parameter vector.
     *
     * @param parameters float32 vector laid out by {@link Network#parameters()}, of which only
     *     running statistics change, in place
     * @throws IllegalStateException before the first {@link #found}
     */
    public void update(INDArray parameters) {
        if (images == 0) {
            throw new IllegalStateException(
                    "expected a call of forward or gradient before the running statistics of "
                            + network
                            + " are updated, found none");
        }
        FloatArrays.checkParameters("parameters", parameters, network);
        for (Normalization normalization : normalizations) {
            if (!normalization.used()) {
                continue;
            }
            double values = values(normalization, images);
            double momentum = normalization.layer().momentum();
            move(parameters, normalization.meanOffset(), normalization.mean(), momentum, 1);
            move(
                    parameters,
                    normalization.varianceOffset(),
                    normalization.variance(),
                    momentum,
                    values / (values - 1));
        }
    }

    private static void move(
            INDArray parameters, int offset, double[] batch, double momentum, double factor) {
        float[] running = new float[batch.length];
        FloatArrays.read(parameters, offset, running, 0, running.length);
        for (int c = 0; c < batch.length; c++) {
            running[c] = (float) ((1 - momentum) * running[c] + momentum * factor * batch[c]);
        }
        FloatArrays.write(running, 0, parameters, offset, running.length);
    }

    /** Values of one channel in a batch of n inputs. */
    private static long values(Normalization normalization, int n) {
        return (long) n * normalization.shape().height() * normalization.shape().width();
    }

    private Normalization of(int node) {
        for (Normalization normalization : normalizations) {
            if (normalization.node() == node) {
                return normalization;
            }
        }
        throw new IllegalArgumentException(
                "expected the index of a batch normalisation of " + network + ", found " + node);
    }
}
