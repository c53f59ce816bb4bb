package io.ebmstream.ops.training;

import io.ebmstream.ops.learner.UpdateInfo;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How every update went, as rows of a CSV file and in memory for charts. A row is written at once.
 * Only the last column depends on a clock. Not thread-safe.
 */
final class Course implements AutoCloseable {
    static final String HEADER =
            "update,images_seen,applied,dropped,energy_difference,gradient_magnitude,rho,"
                    + "data_energy,chain_energy,learning_rate,rejuvenated,chains_out_of_range,"
                    + "millis";

    private static final int DIFFERENCE = 4;
    private static final int MAGNITUDE = 5;
    private static final int RHO = 6;

    private final BufferedWriter out;
    private final List<double[]> rows = new ArrayList<>();

    private Course(BufferedWriter out) {
        this.out = out;
    }

    /**
     * Opens a file with the rows of the first {@code rounds} updates; what comes after them is
     * dropped, because the updates after a checkpoint are done again.
     *
     * @throws IOException if the file has fewer rows
     */
    static Course open(Path file, long rounds) throws IOException {
        List<String> kept = new ArrayList<>(List.of(HEADER));
        if (rounds > 0) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() <= rounds || !lines.get(0).equals(HEADER)) {
                throw new IOException(
                        file
                                + ": expected the rows of "
                                + rounds
                                + " updates, found "
                                + (lines.size() - 1)
                                + "; was the file changed since the checkpoint?");
            }
            kept.addAll(lines.subList(1, (int) rounds + 1));
        }
        Path whole = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(whole, kept);
        Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        Course course = new Course(Files.newBufferedWriter(file, StandardOpenOption.APPEND));
        kept.stream().skip(1).forEach(course::remember);
        return course;
    }

    void add(UpdateInfo info) throws IOException {
        String row =
                String.join(
                        ",",
                        Long.toString(info.update()),
                        Long.toString(info.imagesSeen()),
                        Boolean.toString(info.applied()),
                        Long.toString(info.dropped()),
                        Double.toString(info.energyDifference()),
                        Double.toString(info.gradientMagnitude()),
                        Double.toString(info.rho()),
                        Double.toString(info.dataEnergy()),
                        Double.toString(info.chainEnergy()),
                        Double.toString(info.learningRate()),
                        Integer.toString(info.rejuvenated()),
                        Double.toString(info.chainsOutOfRange()),
                        String.format(Locale.ROOT, "%.1f", info.millis()));
        out.write(row);
        out.newLine();
        out.flush();
        remember(row);
    }

    private void remember(String row) {
        String[] cells = row.split(",", -1);
        rows.add(
                new double[] {
                    Double.parseDouble(cells[DIFFERENCE]),
                    Double.parseDouble(cells[MAGNITUDE]),
                    Double.parseDouble(cells[RHO])
                });
    }

    /** d of every update. */
    double[] energyDifferences() {
        return column(0);
    }

    /** r of every update. */
    double[] gradientMagnitudes() {
        return column(1);
    }

    /** rho of every update. */
    double[] rhos() {
        return column(2);
    }

    private double[] column(int index) {
        return rows.stream().mapToDouble(row -> row[index]).toArray();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
