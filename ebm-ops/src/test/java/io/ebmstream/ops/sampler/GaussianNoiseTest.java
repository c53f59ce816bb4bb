package io.ebmstream.ops.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statistical bounds are five standard errors, so that a true generator fails once in a million
 * seeds; seeds are fixed, so that a pass stays a pass.
 */
class GaussianNoiseTest {
    private static final int PIXELS = 3072;

    private final GaussianNoise noise = new GaussianNoise();

    /** Runs are reproduced by these bits: a change of them is a change of the product. */
    @Test
    void keepsItsBits() {
        float[] out = new float[PIXELS];
        noise.fill(3, 5, 7, out, 0, PIXELS);
        assertThat(Arrays.hashCode(out)).isEqualTo(0x7a9cc3e3);
        new UniformNoise().fill(3, 5, 7, out, 0, PIXELS);
        assertThat(Arrays.hashCode(out)).isEqualTo(0x34897413);
    }

    /** Lengths around those of blocks and of scratch. */
    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 511, 512, 513, 767, 769, 1023, 1024, 1025, 1537, 3071})
    void aShorterImageGetsTheSameNoise(int length) {
        float[] whole = new float[PIXELS];
        noise.fill(3, 5, 7, whole, 0, PIXELS);
        float[] some = new float[length + 4];
        noise.fill(3, 5, 7, some, 3, length);
        assertThat(Arrays.copyOfRange(some, 3, 3 + length)).isEqualTo(Arrays.copyOf(whole, length));
        assertThat(some[length + 3]).isZero();
    }

    @Test
    void hasTheMomentsOfAStandardNormal() {
        int chains = 1500;
        double n = (double) chains * PIXELS;
        double[] power = new double[5];
        float[] out = new float[PIXELS];
        for (int chain = 0; chain < chains; chain++) {
            noise.fill(1, chain, 3 * chain, out, 0, PIXELS);
            for (float z : out) {
                double p = 1;
                for (int k = 1; k <= 4; k++) {
                    p *= z;
                    power[k] += p;
                }
            }
        }
        // Standard errors of the raw moments: sqrt(E z^2k - (E z^k)^2) / sqrt(n).
        assertThat(power[1] / n).isCloseTo(0, within(5 / Math.sqrt(n)));
        assertThat(power[2] / n).isCloseTo(1, within(5 * Math.sqrt(2 / n)));
        assertThat(power[3] / n).isCloseTo(0, within(5 * Math.sqrt(15 / n)));
        assertThat(power[4] / n).isCloseTo(3, within(5 * Math.sqrt(96 / n)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 123456789, Long.MIN_VALUE})
    void passesKolmogorovAndSmirnov(long seed) {
        int n = 200_000;
        double[] values = draw(seed, 0, 0, n);
        Arrays.sort(values);
        double p =
                KolmogorovSmirnovTest.withDefaults()
                        .test(values, GaussianNoiseTest::normalCdf)
                        .getPValue();
        assertThat(p).isGreaterThan(1e-4);
    }

    @Test
    void hasTheTailsOfANormal() {
        int n = 8_000_000;
        long[] beyond = new long[6];
        float[] out = new float[PIXELS];
        for (int drawn = 0, chain = 0; drawn < n; drawn += PIXELS, chain++) {
            noise.fill(99, chain, 1L << 31, out, 0, PIXELS);
            for (float z : out) {
                for (int k = 1; k <= 5 && Math.abs(z) > k; k++) {
                    beyond[k]++;
                }
            }
        }
        for (int k = 1; k <= 4; k++) {
            double expected = n * 2 * normalCdf(-k);
            assertThat((double) beyond[k])
                    .as("draws beyond %d sigma", k)
                    .isCloseTo(expected, within(5 * Math.sqrt(expected)));
        }
        assertThat(beyond[5]).isBetween(1L, 20L);
    }

    /** Correlation of neighbours in every direction that a sampler could confuse. */
    @Test
    void isIndependentAlongPixelsPairsStepsChainsAndSeeds() {
        int n = 400_000;
        double[] base = draw(7, 5, 11, n);
        double bound = 5 / Math.sqrt(n - 1024);
        for (int lag : new int[] {1, 2, 3, 32, 256, 512, 1024}) {
            assertThat(correlation(base, shift(base, lag), n - lag))
                    .as("pixels at lag %d", lag)
                    .isCloseTo(0, within(bound));
        }
        assertThat(correlation(base, draw(7, 5, 12, n), n)).isCloseTo(0, within(bound));
        assertThat(correlation(base, draw(7, 6, 11, n), n)).isCloseTo(0, within(bound));
        assertThat(correlation(base, draw(8, 5, 11, n), n)).isCloseTo(0, within(bound));
        assertThat(correlation(base, draw(5, 7, 11, n), n)).isCloseTo(0, within(bound));
    }

    /**
     * Cosine and sine of a pair share a radius: their squares must be uncorrelated all the same.
     */
    @Test
    void squaresOfAPairAreUncorrelated() {
        int n = 400_384;
        double[] squares = draw(3, 1, 4, n);
        for (int i = 0; i < n; i++) {
            squares[i] = (squares[i] * squares[i] - 1) / Math.sqrt(2);
        }
        double sum = 0;
        int pairs = 0;
        for (int block = 0; block + 512 <= n; block += 512) {
            for (int j = 0; j < 256; j++, pairs++) {
                sum += squares[block + j] * squares[block + 256 + j];
            }
        }
        assertThat(sum / pairs).isCloseTo(0, within(5 / Math.sqrt(pairs)));
    }

    @Test
    void neverGivesNanOrInfinity() {
        float[] out = new float[1 << 16];
        for (int chain = 0; chain < 160; chain++) {
            noise.fill(-4, chain, chain, out, 0, out.length);
            for (float z : out) {
                if (!(Math.abs(z) < 6.7f)) {
                    assertThat(z).as("chain %d", chain).isBetween(-6.7f, 6.7f);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 255, 256, 257, 511, 512, 513, 784, 1024, 3071})
    void aShorterLengthGivesThePrefixAndTouchesNothingElse(int length) {
        float[] whole = new float[PIXELS];
        noise.fill(4, 2, 1, whole, 0, PIXELS);
        float[] part = new float[PIXELS + 10];
        Arrays.fill(part, 77f);
        new GaussianNoise().fill(4, 2, 1, part, 5, length);
        assertThat(Arrays.copyOfRange(part, 5, 5 + length)).isEqualTo(Arrays.copyOf(whole, length));
        assertThat(part[4]).isEqualTo(77f);
        assertThat(part[5 + length]).isEqualTo(77f);
    }

    /** The noise is part of every recorded run: these bits must never change. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 3dc25a60 bfc24dbe 3f9fcf1c 3e698d73 bfbce51f 3e7cf9a4 448a0836",
        "1, 2, 3, bf54db65 3ed0411e 3fb8081f c021539d 3f54b4df 3faae145 da6dabe5",
        "-1, 9223372036854775807, 4294967295, bf678ad1 bf465895 3e6bc178 3e93d9e4 bfc723d3 bf00f391 8245cb77",
        "20240607, 50000, 1500, bf444b6b 4004c8aa 3f0ba5b0 bf78d0c1 3ddc7ecd bd38f7f1 9fa258d4"
    })
    void keepsItsBits(long seed, long chain, long step, String expected) {
        float[] out = new float[PIXELS];
        noise.fill(seed, chain, step, out, 0, PIXELS);
        StringBuilder found = new StringBuilder();
        for (int pixel : new int[] {0, 1, 255, 256, 512, 3071}) {
            found.append(String.format("%08x", Float.floatToRawIntBits(out[pixel]))).append(' ');
        }
        found.append(String.format("%08x", Arrays.hashCode(out)));
        assertThat(found.toString()).isEqualTo(expected);
    }

    @Test
    void agreesWithBoxMullerInDoublePrecision() {
        float[] out = new float[512];
        for (int chain = 0; chain < 200; chain++) {
            noise.fill(6, chain, 8, out, 0, 512);
            long key = Threefry.derive(6, chain);
            for (int pair = 0; pair < 256; pair++) {
                long bits = Threefry.block(key, 8L | ((long) pair << 32));
                double u = ((bits & 0xFFFFFFFFL) | 1) / 4294967296.0;
                double angle = 2 * Math.PI * (int) (bits >>> 32) / 4294967296.0;
                double radius = Math.sqrt(-2 * Math.log(u));
                // Near u = 1 the logarithm loses digits: 1e-3 there, 3e-6 elsewhere.
                double tolerance = radius < 0.05 ? 1e-3 : 1e-5;
                assertThat((double) out[pair])
                        .isCloseTo(radius * Math.cos(angle), within(tolerance));
                assertThat((double) out[256 + pair])
                        .isCloseTo(radius * Math.sin(angle), within(tolerance));
            }
        }
    }

    @Test
    void refusesARangeOutsideTheArray() {
        assertThatThrownBy(() -> noise.fill(0, 0, 0, new float[10], 5, 6))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private double[] draw(long seed, long chain, long step, int n) {
        float[] out = new float[n];
        noise.fill(seed, chain, step, out, 0, n);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = out[i];
        }
        return values;
    }

    private static double[] shift(double[] values, int lag) {
        return Arrays.copyOfRange(values, lag, values.length);
    }

    private static double correlation(double[] a, double[] b, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += a[i] * b[i];
        }
        return sum / n;
    }

    /** Abramowitz and Stegun 7.1.26 gives 1.5e-7: enough beside a KS distance of 1e-3. */
    private static double normalCdf(double x) {
        double z = Math.abs(x) / Math.sqrt(2);
        double t = 1 / (1 + 0.3275911 * z);
        double tail =
                t
                        * (0.254829592
                                + t
                                        * (-0.284496736
                                                + t
                                                        * (1.421413741
                                                                + t
                                                                        * (-1.453152027
                                                                                + t
                                                                                        * 1.061405429))))
                        * Math.exp(-z * z)
                        / 2;
        return x < 0 ? tail : 1 - tail;
    }
}
