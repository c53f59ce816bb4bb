package io.ebmstream.job.cli;

import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * {@code --json} for commands that work for a while and have one result: with it, standard output
 * holds this one object and nothing else.
 */
final class JsonOption {
    @Option(
            names = "--json",
            description = "One JSON object in place of the text; all else goes to standard error.")
    private boolean asked;

    boolean asked() {
        return asked;
    }

    /** Where a command says what it does on its way. */
    PrintWriter progress(CommandSpec spec) {
        return asked ? spec.commandLine().getErr() : spec.commandLine().getOut();
    }

    /**
     * Prints the result.
     *
     * @param result maps, lists, numbers, texts, records or a JSON tree
     * @param text prints the same for people
     */
    void print(CommandSpec spec, Object result, Consumer<PrintWriter> text) {
        PrintWriter out = spec.commandLine().getOut();
        if (asked) {
            out.println(JsonText.of(result));
        } else {
            text.accept(out);
        }
        out.flush();
    }
}
