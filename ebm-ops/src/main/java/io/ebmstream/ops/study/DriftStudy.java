package io.ebmstream.ops.study;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.density.DriftConfig;
import io.ebmstream.ops.density.DriftDetector;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.Threefry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How soon changes of a feed are found, and how often an unchanged one is taken for changed: the
 * drift detector on energies against the same detector on other numbers of an image (mean and
 * variance of its pixels, the residual of a PCA), and against other detectors on energies (ADWIN,
 * Page-Hinkley). A run is a stream of images drawn with replacement, with a change in its middle.
 * Not thread-safe.
 */
public final class DriftStudy {
    /** Images before the change. */
    static final int BEFORE = 2_000;

    /** Images after it; a change that is not found among them is missed. */
    static final int AFTER = 2_000;

    /** Images of an unchanged run. */
    static final int UNCHANGED = 20_000;

    /** Readings by whose mean and deviation other detectors' series are scaled. */
    private static final int SCALE = 200;

    private static final int COMPONENTS = 32;
    private static final int BATCH = 32;
    private static final long STREAM = 0x7374726dL;

    private final CompiledNetwork energy;
    private final double temperature;
    private final PrincipalResidual residual;
    private final int runs;
    private final long seed;
    private final Map<String, double[]> usual;

    /**
     * @param method detector and what it watches
     * @param change what changed
     * @param median images from the change to the alarm, in the median run that has one; NaN for
     *     none
     * @param p90 the same, 90th percentile
     * @param missed runs without an alarm within {@value #AFTER} images
     * @param early runs with an alarm before the change, which do not count for the others
     * @param runs number of runs
     */
    public record Row(
            String method,
            String change,
            double median,
            double p90,
            int missed,
            int early,
            int runs) {}

    /**
     * @param method detector and what it watches
     * @param alarms false alarms
     * @param images unchanged images watched
     */
    public record FalseAlarms(String method, long alarms, long images) {}

    /**
     * @param energy U, compiled for inference in float32, with its weights; stays the caller's
     * @param temperature T
     * @param reference known images that the PCA is made of
     * @param unchanged images of the feed before it changes
     * @param runs streams for each change, at least 1
     * @param seed of the streams
     */
    public DriftStudy(
            CompiledNetwork energy,
            double temperature,
            List<Image> reference,
            List<Image> unchanged,
            int runs,
            long seed) {
        this.energy = energy;
        this.temperature = temperature;
        this.runs = runs;
        this.seed = seed;
        float[][] rows = reference.stream().map(DriftStudy::pixels).toArray(float[][]::new);
        this.residual = new PrincipalResidual(rows, COMPONENTS, seed);
        this.usual = numbers(unchanged);
    }

    private static float[] pixels(Image image) {
        float[] row = new float[image.pixels().length];
        Pixels.toFloat(image.pixels(), 0, row, 0, row.length);
        return row;
    }

    /** What each method watches, for every image. */
    private Map<String, double[]> numbers(List<Image> images) {
        int n = images.size();
        double[] energies = new double[n];
        double[] means = new double[n];
        double[] variances = new double[n];
        double[] residuals = new double[n];
        ImageShape shape = energy.network().input();
        float[] part = new float[BATCH];
        for (int from = 0; from < n; from += BATCH) {
            int count = Math.min(BATCH, n - from);
            float[] rows = new float[count * shape.size()];
            for (int i = 0; i < count; i++) {
                float[] row = pixels(images.get(from + i));
                System.arraycopy(row, 0, rows, i * row.length, row.length);
                double mean = 0;
                double squares = 0;
                for (float pixel : row) {
                    mean += (double) pixel / row.length;
                    squares += (double) pixel * pixel / row.length;
                }
                means[from + i] = mean;
                variances[from + i] = squares - mean * mean;
                residuals[from + i] = residual.of(row);
            }
            try (INDArray batch =
                    Nd4j.createFromArray(rows)
                            .reshape(count, shape.channels(), shape.height(), shape.width())) {
                energy.energies(batch, part);
            }
            for (int i = 0; i < count; i++) {
                energies[from + i] = part[i] / temperature;
            }
        }
        Map<String, double[]> all = new LinkedHashMap<>();
        all.put("energy", energies);
        all.put("pixel mean", means);
        all.put("pixel variance", variances);
        all.put("PCA residual", residuals);
        return all;
    }

    /** A detector and the number that it watches. */
    private record Method(String name, String number, Supplier<ChangeDetector> detector) {}

    private static List<Method> methods() {
        List<Method> methods = new ArrayList<>();
        for (String number : List.of("energy", "pixel mean", "pixel variance", "PCA residual")) {
            methods.add(new Method("ebm-stream on " + number, number, DriftStudy::ours));
        }
        methods.add(new Method("ADWIN on energy", "energy", () -> scaled(new Adwin(Adwin.DELTA))));
        methods.add(
                new Method(
                        "Page-Hinkley on energy",
                        "energy",
                        () -> scaled(new PageHinkley(PageHinkley.DELTA, PageHinkley.LAMBDA))));
        return methods;
    }

    private static ChangeDetector ours() {
        DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
        return value -> detector.observe(value, 0).isPresent();
    }

    /** On readings in deviations from the mean of the first ones, which it does not see. */
    private static ChangeDetector scaled(ChangeDetector detector) {
        double[] first = new double[SCALE];
        double[] scale = new double[3];
        return value -> {
            if (scale[0] < SCALE) {
                first[(int) scale[0]++] = value;
                if (scale[0] == SCALE) {
                    scale[1] = Arrays.stream(first).average().orElseThrow();
                    double squares =
                            Arrays.stream(first).map(v -> (v - scale[1]) * (v - scale[1])).sum();
                    scale[2] = Math.sqrt(squares / (SCALE - 1));
                }
                return false;
            }
            return detector.observe((value - scale[1]) / scale[2]);
        };
    }

    /** The number at a place of a run's stream: of an image that is drawn. */
    private double draw(double[] from, long run, long place) {
        long key = Threefry.derive(Threefry.derive(seed, STREAM), run);
        return from[(int) Long.remainderUnsigned(Threefry.block(key, place), from.length)];
    }

    /**
     * How soon a change is found.
     *
     * @param change its name
     * @param changed images of the feed after it
     */
    public List<Row> delays(String change, List<Image> changed) {
        Map<String, double[]> numbers = numbers(changed);
        List<Row> rows = new ArrayList<>();
        for (Method method : methods()) {
            double[] before = usual.get(method.number());
            double[] after = numbers.get(method.number());
            List<Integer> delays = new ArrayList<>();
            int early = 0;
            int missed = 0;
            for (int run = 0; run < runs; run++) {
                ChangeDetector detector = method.detector().get();
                int alarm = -1;
                for (int i = 0; i < BEFORE + AFTER && alarm < 0; i++) {
                    boolean raised = detector.observe(draw(i < BEFORE ? before : after, run, i));
                    alarm = raised ? i : -1;
                }
                if (alarm < 0) {
                    missed++;
                } else if (alarm < BEFORE) {
                    early++;
                } else {
                    delays.add(alarm + 1 - BEFORE);
                }
            }
            delays.sort(null);
            rows.add(
                    new Row(
                            method.name(),
                            change,
                            quantile(delays, 0.5),
                            quantile(delays, 0.9),
                            missed,
                            early,
                            runs));
        }
        return rows;
    }

    private static double quantile(List<Integer> sorted, double q) {
        return sorted.isEmpty()
                ? Double.NaN
                : sorted.get(Math.max(0, (int) Math.ceil(q * sorted.size()) - 1));
    }

    /**
     * How often an unchanged feed is taken for changed.
     *
     * @param runs streams, at least 1
     */
    public List<FalseAlarms> falseAlarms(int runs) {
        List<FalseAlarms> rows = new ArrayList<>();
        for (Method method : methods()) {
            double[] numbers = usual.get(method.number());
            long alarms = 0;
            for (int run = 0; run < runs; run++) {
                ChangeDetector detector = method.detector().get();
                for (int i = 0; i < UNCHANGED; i++) {
                    // streams of their own
                    alarms += detector.observe(draw(numbers, -1 - run, i)) ? 1 : 0;
                }
            }
            rows.add(new FalseAlarms(method.name(), alarms, (long) runs * UNCHANGED));
        }
        return rows;
    }
}
