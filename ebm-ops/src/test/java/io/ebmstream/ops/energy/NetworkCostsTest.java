package io.ebmstream.ops.energy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkCostsTest {

    /** conv 2 to 3 on 4x4 (48 values), relu (48), conv to 1 (16), the sum of both with it. */
    private static final Network RESIDUAL =
            new Network(
                    "residual",
                    new ImageShape(2, 4, 4),
                    List.of(
                            new Network.Node("a", new Layer.Conv2d(2, 3, 3, 1, 1), List.of(-1)),
                            new Network.Node("b", Layer.BatchNorm.of(3), List.of(0)),
                            new Network.Node("c", new Layer.Add(), List.of(0, 1)),
                            new Network.Node(
                                    "d", new Layer.Conv2d(3, 1, 2, 2, 0, false), List.of(2))));

    @Test
    void countsNodes() {
        NetworkCosts costs = NetworkCosts.of(RESIDUAL);
        assertThat(costs.nodes())
                .containsExactly(
                        new NetworkCosts.NodeCosts(
                                "a", "conv 3x3", new ImageShape(3, 4, 4), 57, 2 * 54 * 16),
                        new NetworkCosts.NodeCosts(
                                "b", "batch norm", new ImageShape(3, 4, 4), 12, 0),
                        new NetworkCosts.NodeCosts("c", "add", new ImageShape(3, 4, 4), 0, 0),
                        new NetworkCosts.NodeCosts(
                                "d", "conv 2x2 /2", new ImageShape(1, 2, 2), 12, 2 * 12 * 4));
        assertThat(costs.parameters()).isEqualTo(81).isEqualTo(RESIDUAL.parameterCount());
        assertThat(costs.trainable()).isEqualTo(75);
        assertThat(costs.forwardFlops()).isEqualTo(1728 + 96);
    }

    @Test
    void countsValuesAliveAtOnce() {
        NetworkCosts costs = NetworkCosts.of(RESIDUAL);
        // a, b and c while the sum is made; the input is gone by then.
        assertThat(costs.forwardValues()).isEqualTo(3 * 48);
        // Input 32, a, b, c, d; on the way back gradients of a, b and c.
        assertThat(costs.gradientValues()).isEqualTo(32 + 3 * 48 + 4 + 3 * 48);
    }

    @Test
    void whatNobodyReadsIsDroppedAndGetsNoGradient() {
        Network network =
                new Network(
                        "unread",
                        new ImageShape(1, 2, 2),
                        List.of(
                                new Network.Node("x", new Layer.Conv2d(1, 9, 1, 1, 0), List.of(-1)),
                                new Network.Node("y", new Layer.Tanh(), List.of(-1)),
                                new Network.Node("z", new Layer.Tanh(), List.of(1))));
        NetworkCosts costs = NetworkCosts.of(network);
        assertThat(costs.forwardValues()).isEqualTo(4 + 36);
        assertThat(costs.gradientValues()).isEqualTo(4 + 36 + 4 + 4 + 8);
    }
}
