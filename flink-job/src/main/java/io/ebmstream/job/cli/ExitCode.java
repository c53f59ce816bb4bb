package io.ebmstream.job.cli;

/** Exit codes of every command. */
public final class ExitCode {
    /** All done. */
    public static final int OK = 0;

    /** Something failed at run time. */
    public static final int FAILED = 1;

    /** Bad usage or bad configuration; nothing was started. */
    public static final int USAGE = 2;

    /** Ended by Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
