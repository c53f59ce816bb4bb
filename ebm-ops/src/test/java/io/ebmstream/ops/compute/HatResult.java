package io.ebmstream.ops.compute;

import static io.ebmstream.ops.compute.TestArrays.values;
import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;

/** All that a hat energy gives; its gradient by r alone must be that of both at once. */
record HatResult(float[] energies, float[] byLatents, float[] byResidual, float[] byWeights) {
    static HatResult of(HatEnergy hat, INDArray z, INDArray r) {
        int n = (int) z.size(0);
        float[] energies = new float[n];
        float[] again = new float[n];
        int weights = hat.energy().network().parameterCount();
        try (INDArray byLatents = TestArrays.blank(hat.generator().network(), n);
                INDArray byResidual = TestArrays.blank(hat.energy().network(), n);
                INDArray alone = TestArrays.blank(hat.energy().network(), n);
                INDArray sum = TestArrays.vector(new float[weights])) {
            hat.energies(z, r, energies);
            hat.gradient(z, r, byLatents, byResidual);
            hat.gradient(z, r, null, alone);
            assertThat(values(alone)).isEqualTo(values(byResidual));
            hat.parameterGradient(z, r, 0.5f, sum, again);
            assertThat(again).isEqualTo(energies);
            return new HatResult(energies, values(byLatents), values(byResidual), values(sum));
        }
    }
}
