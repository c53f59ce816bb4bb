package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands one after another in a JVM of its own, so that they see a folder as theirs. */
final class CommandRunner {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MINUTES = 3;

    private CommandRunner() {}

    /**
     * Runs commands in a folder.
     *
     * @param scratch where to keep what goes in and out
     */
    static List<Cli.Outcome> run(Path folder, Path scratch, List<List<String>> commands)
            throws Exception {
        Path in = Files.write(scratch.resolve("commands.json"), JSON.writeValueAsBytes(commands));
        Path out = scratch.resolve("outcomes.json");
        Path log = scratch.resolve("log.txt");
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-Djava.awt.headless=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                CommandRunner.class.getName(),
                                in.toAbsolutePath().toString(),
                                out.toAbsolutePath().toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("NO_COLOR", "EBM_LOG_FILE"));
        Process process = builder.start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new AssertionError("the commands did not end:\n" + Files.readString(log));
            }
        } finally {
            process.destroyForcibly();
        }
        return JSON.readValue(out.toFile(), new TypeReference<>() {});
    }

    /** In the other JVM. */
    public static void main(String[] args) throws Exception {
        List<List<String>> commands =
                JSON.readValue(Path.of(args[0]).toFile(), new TypeReference<>() {});
        List<Cli.Outcome> outcomes = new ArrayList<>();
        for (List<String> command : commands) {
            long start = System.nanoTime();
            System.out.print("./ebm " + String.join(" ", command));
            outcomes.add(Cli.run(command.toArray(new String[0])));
            System.out.printf(": %d ms%n", (System.nanoTime() - start) / 1_000_000);
        }
        JSON.writeValue(Path.of(args[1]).toFile(), outcomes);
        // threads of clients and executors may be left
        System.exit(0);
    }
}
