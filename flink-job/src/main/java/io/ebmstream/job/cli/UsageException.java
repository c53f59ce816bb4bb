package io.ebmstream.job.cli;

/** Arguments that cannot work, found before anything was started: exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected, what was found, what to do
     */
    public UsageException(String message) {
        super(message);
    }

    /**
     * @param message what was expected, what was found, what to do
     */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
