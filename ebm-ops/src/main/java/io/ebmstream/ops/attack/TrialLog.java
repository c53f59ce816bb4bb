package io.ebmstream.ops.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Verdicts in a file, a line each, added as they come, so that an evaluation goes on where it was
 * ended: {@code trial,image,right,broken_at,survived,margin,steps,replicates} after one line of
 * settings. A last line that was cut off is dropped; the last column may be missing, as in files of
 * earlier releases. Not thread-safe.
 */
public final class TrialLog {
    private static final String HEADER =
            "trial,image,right,broken_at,survived,margin,steps,replicates";

    private final Path file;
    private final Map<String, Map<Integer, Verdict>> verdicts = new TreeMap<>();

    /**
     * Opens a log, or begins it.
     *
     * @param settings what shapes verdicts, one line
     * @throws IllegalArgumentException if the file is of other settings
     */
    public TrialLog(Path file, String settings) throws IOException {
        this.file = file;
        if (!Files.exists(file)) {
            Files.writeString(file, "# " + settings + "\n" + HEADER + "\n");
            return;
        }
        String text = Files.readString(file);
        text = text.substring(0, text.lastIndexOf('\n') + 1);
        List<String> lines = text.lines().toList();
        if (lines.size() < 2 || !lines.get(0).equals("# " + settings)) {
            throw new IllegalArgumentException(
                    "expected verdicts of\n  # "
                            + settings
                            + "\nin "
                            + file
                            + ", found\n  "
                            + (lines.isEmpty() ? "nothing" : lines.get(0))
                            + "\nuse the same options, or another folder");
        }
        Files.writeString(file, text);
        for (String line : lines.subList(2, lines.size())) {
            String[] fields = line.split(",");
            put(
                    fields[0],
                    new Verdict(
                            Integer.parseInt(fields[1]),
                            fields[2].equals("1"),
                            Integer.parseInt(fields[3]),
                            Integer.parseInt(fields[4]),
                            Double.parseDouble(fields[5]),
                            Double.parseDouble(fields[6]),
                            fields.length > 7 ? Integer.parseInt(fields[7]) : 0));
        }
    }

    private void put(String trial, Verdict verdict) {
        verdicts.computeIfAbsent(trial, name -> new TreeMap<>()).put(verdict.image(), verdict);
    }

    /** Whether all images first .. first + count - 1 have a verdict. */
    public boolean has(String trial, int first, int count) {
        Map<Integer, Verdict> found = verdicts.getOrDefault(trial, Map.of());
        for (int i = first; i < first + count; i++) {
            if (!found.containsKey(i)) {
                return false;
            }
        }
        return true;
    }

    /** Adds verdicts, in the file too. */
    public void add(String trial, List<Verdict> more) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Verdict verdict : more) {
            put(trial, verdict);
            lines.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%d,%d,%d,%d,%.4f,%.2f,%d%n",
                            trial,
                            verdict.image(),
                            verdict.right() ? 1 : 0,
                            verdict.brokenAt(),
                            verdict.survived(),
                            verdict.margin(),
                            verdict.steps(),
                            verdict.replicates()));
        }
        Files.writeString(file, lines, StandardOpenOption.APPEND);
    }

    /** All verdicts of a trial on the images first .. first + count - 1 that there are. */
    public List<Verdict> verdicts(String trial, int first, int count) {
        List<Verdict> found = new ArrayList<>();
        verdicts.getOrDefault(trial, Map.of())
                .forEach(
                        (image, verdict) -> {
                            if (image >= first && image < first + count) {
                                found.add(verdict);
                            }
                        });
        return found;
    }
}
