package io.ebmstream.ops.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a model wants images to look like. From a pixel p in [-1, 1] of channel c it gets
 *
 * <pre>(q - mean_c) / deviation_c      with q = p, or q = (p + 1) / 2 in [0, 1]</pre>
 *
 * @param channelsLast whether it takes [n, h, w, c] rather than [n, c, h, w]
 * @param unit whether pixels come in [0, 1] rather than in [-1, 1], before mean and deviation
 * @param mean one number for all channels or one for each; none for 0
 * @param deviation likewise, above 0; none for 1
 */
public record OnnxInput(
        boolean channelsLast, boolean unit, List<Double> mean, List<Double> deviation) {
    /** [n, c, h, w] in [-1, 1], as the rest of this product has images. */
    public static final OnnxInput DEFAULT = new OnnxInput(false, false, List.of(), List.of());

    /** Layouts and ranges by name. */
    public static final List<String> LAYOUTS = List.of("nchw", "nhwc");

    public static final List<String> RANGES = List.of("symmetric", "unit");

    /**
     * @throws IllegalArgumentException if a number is not finite, or a deviation not above 0
     */
    public OnnxInput {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (!mean.stream().allMatch(Double::isFinite)
                || !deviation.stream().allMatch(v -> Double.isFinite(v) && v > 0)) {
            throw new IllegalArgumentException(
                    "expected finite means and deviations above 0, found "
                            + mean
                            + " and "
                            + deviation);
        }
    }

    /**
     * Reads the values of options.
     *
     * @param layout one of {@link #LAYOUTS}
     * @param range one of {@link #RANGES}
     * @param mean numbers with commas between them, or empty
     * @param deviation likewise
     * @throws IllegalArgumentException if one cannot be read
     */
    public static OnnxInput parse(String layout, String range, String mean, String deviation) {
        return new OnnxInput(
                choice("layout", LAYOUTS, layout) == 1,
                choice("range", RANGES, range) == 1,
                numbers(mean),
                numbers(deviation));
    }

    private static int choice(String what, List<String> names, String value) {
        int index = names.indexOf(value.toLowerCase(Locale.ROOT));
        if (index < 0) {
            throw new IllegalArgumentException(
                    "expected the " + what + " " + String.join(" or ", names) + ", found " + value);
        }
        return index;
    }

    private static List<Double> numbers(String text) {
        try {
            return text.isBlank()
                    ? List.of()
                    : Arrays.stream(text.split(",", -1)).map(Double::valueOf).toList();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "expected numbers with commas between them, found " + text, e);
        }
    }

    /** Means of {@code channels} channels. */
    float[] means(int channels) {
        return each("means", mean, channels, 0);
    }

    /** Deviations of {@code channels} channels. */
    float[] deviations(int channels) {
        return each("deviations", deviation, channels, 1);
    }

    private static float[] each(String what, List<Double> values, int channels, float none) {
        if (values.size() > 1 && values.size() != channels) {
            throw new IllegalArgumentException(
                    "expected no " + what + ", 1 or " + channels + ", found " + values);
        }
        float[] each = new float[channels];
        for (int c = 0; c < channels; c++) {
            each[c] = values.isEmpty() ? none : values.get(c % values.size()).floatValue();
        }
        return each;
    }
}
