package io.ebmstream.ops.compute.nd4j;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The GPUs that the driver knows.
 *
 * @param devices all of them
 * @param failure why the driver could not be asked; empty if it answered
 */
record CudaDevices(List<CudaDevice> devices, String failure) {
    private static final int SECONDS = 20;
    private static final List<String> COMMAND =
            List.of(
                    "nvidia-smi",
                    "--query-gpu=index,name,driver_version,compute_cap",
                    "--format=csv,noheader");

    CudaDevices {
        devices = List.copyOf(devices);
    }

    /** Asks the driver by its own command line tool; takes up to 20 s. */
    static CudaDevices ask() {
        return ask(COMMAND, SECONDS);
    }

    static CudaDevices ask(List<String> command, int seconds) {
        File answer = null;
        try {
            // Into a file, not a pipe: a command that hangs must not make the reader hang.
            answer = File.createTempFile("ebm-gpus", ".txt");
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(answer)
                            .start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return failed(command.get(0) + " gave no answer within " + seconds + " s");
            }
            String text = Files.readString(answer.toPath(), StandardCharsets.UTF_8);
            return of(process.exitValue(), text);
        } catch (IOException e) {
            return failed(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("interrupted while asking " + command.get(0));
        } finally {
            if (answer != null && !answer.delete()) {
                answer.deleteOnExit();
            }
        }
    }

    /** What an answer of the tool says. */
    static CudaDevices of(int exit, String text) {
        if (exit != 0) {
            return failed("nvidia-smi ended with " + exit + ": " + text.strip());
        }
        try {
            return new CudaDevices(
                    text.lines().filter(l -> !l.isBlank()).map(CudaDevice::parse).toList(), "");
        } catch (IllegalArgumentException e) {
            return failed(e.getMessage());
        }
    }

    private static CudaDevices failed(String why) {
        return new CudaDevices(List.of(), why);
    }
}
