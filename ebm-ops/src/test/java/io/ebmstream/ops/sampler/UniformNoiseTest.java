package io.ebmstream.ops.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

class UniformNoiseTest {
    private final UniformNoise noise = new UniformNoise();

    @Test
    void isUniform() {
        int n = 300_000;
        float[] out = new float[n];
        noise.fill(1, 2, 3, out, 0, n);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = out[i];
        }
        assertThat(Arrays.stream(values).max().getAsDouble()).isBetween(0.999, 1.0);
        assertThat(Arrays.stream(values).min().getAsDouble()).isBetween(-1.0, -0.999);
        double p =
                KolmogorovSmirnovTest.withDefaults()
                        .test(values, x -> Math.max(0, Math.min(1, (x + 1) / 2)))
                        .getPValue();
        assertThat(p).isGreaterThan(1e-4);
    }

    @Test
    void isIndependentOfTheNormalNoiseOfTheSameArguments() {
        int n = 200_000;
        float[] uniform = new float[n];
        float[] normal = new float[n];
        noise.fill(1, 2, 3, uniform, 0, n);
        new GaussianNoise().fill(1, 2, 3, normal, 0, n);
        double sum = 0;
        double absolute = 0;
        for (int i = 0; i < n; i++) {
            sum += uniform[i] * normal[i];
            absolute += (Math.abs(uniform[i]) - 0.5) * (Math.abs(normal[i]) - 0.7979);
        }
        assertThat(sum / n).isCloseTo(0, within(5 / Math.sqrt(3.0 * n)));
        assertThat(absolute / n).isCloseTo(0, within(5 * 0.289 * 0.603 / Math.sqrt(n)));
    }

    @Test
    void aShorterLengthGivesThePrefix() {
        float[] whole = new float[1024];
        noise.fill(9, 8, 7, whole, 0, 1024);
        for (int length : new int[] {1, 256, 300, 512, 700}) {
            float[] part = new float[length + 3];
            noise.fill(9, 8, 7, part, 3, length);
            assertThat(Arrays.copyOfRange(part, 3, length + 3))
                    .isEqualTo(Arrays.copyOf(whole, length));
        }
    }

    /** The start of every chain is part of the recorded runs: these bits must never change. */
    @Test
    void keepsItsBits() {
        float[] out = new float[3072];
        noise.fill(1, 2, 3, out, 0, out.length);
        assertThat(String.format("%08x", Arrays.hashCode(out))).isEqualTo("63bee9c9");
    }
}
