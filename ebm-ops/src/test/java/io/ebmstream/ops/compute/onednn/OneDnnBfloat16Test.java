package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract in bf16. The format rounds to 2^-9 = 0.2 % in every weight and activation:
 *
 * <ul>
 *   <li>energies: errors of that size add up like a random walk over weights and layers: found 0.3
 *       to 0.7 %, allowed 1.5 %;
 *   <li>input gradients: where rounding turns the sign of an activation near 0 its derivative jumps
 *       from 1 to the slope. About 0.3 % of the units do so in each of four layers, which makes
 *       sqrt(4 x 0.003) = 11 % of the gradient's norm: found 9 to 14 % (most in the narrowest
 *       network), allowed 20 %, which still is a cosine of 0.98;
 *   <li>parameter gradients: the same flips, averaged over images and pixels.
 * </ul>
 *
 * <p>The residual networks and random graphs are one to five channels wide and up to 16 layers
 * deep: more flips, and fewer values to average them. Normalisation over a few values divides by
 * small deviations, and where tanh is near 1 its derivative 1 - y^2 is all rounding. Found 2 to 3.5
 * %, 23 % and 27 %; allowed 5 %, 30 % and 30 %.
 */
class OneDnnBfloat16Test extends ExecutorContractTest {

    @BeforeAll
    static void needsBfloat16() {
        Assumptions.assumeTrue(
                new OneDnnExecutor().precisions().contains(Precision.BFLOAT16),
                "skipped: oneDNN has no bf16 on this processor");
    }

    @Override
    protected Executor executor() {
        return new OneDnnExecutor();
    }

    @Override
    protected Precision precision() {
        return Precision.BFLOAT16;
    }

    @Override
    protected double outputTolerance(Network network) {
        return isPlain(network) ? 1.5e-2 : 5e-2;
    }

    @Override
    protected double inputGradientTolerance(Network network) {
        return isPlain(network) ? 0.2 : 0.3;
    }

    @Override
    protected double parameterGradientTolerance(Network network) {
        return isPlain(network) ? 0.1 : 0.3;
    }

    /** A chain of convolutions, as light32 is. */
    private static boolean isPlain(Network network) {
        return network.nodes().stream()
                .allMatch(
                        node ->
                                node.layer() instanceof Layer.Conv2d
                                        || node.layer() instanceof Layer.LeakyRelu);
    }
}
