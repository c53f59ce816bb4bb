package io.ebmstream.ops.training;

import io.ebmstream.ops.guard.GuardAction;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** What guard rails did, as rows of a CSV file that are written at once. Not thread-safe. */
final class TrainingEvents implements AutoCloseable {
    static final String HEADER = "attempt,update,remedy,sign,text";

    private final BufferedWriter out;

    private TrainingEvents(BufferedWriter out) {
        this.out = out;
    }

    /**
     * Opens a file with what happened up to an attempt; what comes after is dropped, because the
     * updates after a checkpoint are done again.
     *
     * @param attempts updates before the checkpoint, dropped ones and those taken back included
     */
    static TrainingEvents open(Path file, long attempts) throws IOException {
        List<String> kept = new ArrayList<>(List.of(HEADER));
        if (attempts > 0 && Files.exists(file)) {
            Files.readAllLines(file).stream()
                    .skip(1)
                    .filter(row -> Long.parseLong(row.substring(0, row.indexOf(','))) <= attempts)
                    .forEach(kept::add);
        }
        Path whole = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(whole, kept);
        Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return new TrainingEvents(Files.newBufferedWriter(file, StandardOpenOption.APPEND));
    }

    void add(long attempt, long update, GuardAction action) throws IOException {
        out.write(
                String.join(
                        ",",
                        Long.toString(attempt),
                        Long.toString(update),
                        action.remedy().label(),
                        action.sign().label(),
                        '"' + action.text().replace("\"", "\"\"") + '"'));
        out.newLine();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
