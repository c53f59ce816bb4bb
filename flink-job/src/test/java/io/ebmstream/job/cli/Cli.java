package io.ebmstream.job.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs commands in this JVM and keeps what they print. */
public final class Cli {
    private Cli() {}

    /** What a command left behind. */
    public record Outcome(int exit, String out, String err) {}

    /** Runs a command to its end. */
    public static Outcome run(String... args) {
        CommandLine line = Ebm.commandLine();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int exit = line.execute(args);
        return new Outcome(exit, out.toString(), err.toString());
    }
}
