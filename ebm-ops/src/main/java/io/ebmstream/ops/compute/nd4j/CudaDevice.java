package io.ebmstream.ops.compute.nd4j;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GPU as its driver describes it.
 *
 * @param index as {@code nvidia-smi} counts
 * @param driver version of the driver, its first number
 * @param major first number of the compute capability
 * @param minor second number of the compute capability
 */
record CudaDevice(int index, String name, int driver, int major, int minor) {
    private static final Pattern LINE =
            Pattern.compile(
                    "\\s*(\\d{1,4})\\s*,\\s*(.+?)\\s*,\\s*(\\d{1,5})[.\\d]*\\s*,"
                            + "\\s*(\\d{1,3})\\.(\\d{1,3})\\s*");

    /**
     * Reads a line of {@code nvidia-smi --query-gpu=index,name,driver_version,compute_cap
     * --format=csv,noheader}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static CudaDevice parse(String line) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "expected a line \"index, name, driver version, compute capability\" from"
                            + " nvidia-smi, found \""
                            + line.strip()
                            + "\"");
        }
        return new CudaDevice(
                Integer.parseInt(m.group(1)),
                m.group(2),
                Integer.parseInt(m.group(3)),
                Integer.parseInt(m.group(4)),
                Integer.parseInt(m.group(5)));
    }

    /** Whether the compute capability is at least this one. */
    boolean isAtLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || major == otherMajor && minor >= otherMinor;
    }

    @Override
    public String toString() {
        return "GPU "
                + index
                + ", "
                + name
                + ", of compute capability "
                + major
                + "."
                + minor
                + " with driver "
                + driver;
    }
}
