package io.ebmstream.ops.energy;

import java.util.ArrayList;
import java.util.List;

/** What several layers say about their inputs and weights. */
final class Shapes {
    private Shapes() {}

    /** The only input of a layer that takes one. */
    static ImageShape single(Layer layer, List<ImageShape> inputs) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "expected one input for " + layer + ", found " + inputs.size());
        }
        return inputs.get(0);
    }

    /**
     * Checks the images of a network that takes squares.
     *
     * @param multiple what their side must be a multiple of
     * @throws IllegalArgumentException if they are none
     */
    static void checkSquare(String network, ImageShape image, int multiple) {
        if (image.height() != image.width() || image.height() % multiple != 0) {
            throw new IllegalArgumentException(
                    "expected a square image of a multiple of "
                            + multiple
                            + " pixels for "
                            + network
                            + ", found "
                            + image
                            + "; pad or scale the images");
        }
    }

    /**
     * Weights, and a bias unless it has no values.
     *
     * @param biases number of biases, or 0
     */
    static List<Layer.Tensor> weightAndBias(List<Integer> shape, int fanIn, int biases) {
        List<Layer.Tensor> tensors = new ArrayList<>();
        ParameterKind weight = ParameterKind.WEIGHT;
        tensors.add(new Layer.Tensor(weight.label(), shape, fanIn, weight));
        if (biases > 0) {
            ParameterKind bias = ParameterKind.BIAS;
            tensors.add(new Layer.Tensor(bias.label(), List.of(biases), fanIn, bias));
        }
        return tensors;
    }
}
