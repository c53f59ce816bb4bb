package io.ebmstream.job.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        description = {
            "Print a script that lets a shell complete commands and options of ebm and ./ebm.",
            "  bash: source <(./ebm completion bash)",
            "  zsh:  source <(./ebm completion zsh)",
            "For every new shell: ./ebm completion bash > ~/.ebm-completion (or zsh), and the line"
                    + " 'source ~/.ebm-completion' in ~/.bashrc or ~/.zshrc."
        })
final class CompletionCommand implements Callable<Integer> {
    /** Shells that the script is for. */
    enum Shell {
        BASH,
        ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    /** One script serves both: under zsh it loads zsh's own layer for bash's completions. */
    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
