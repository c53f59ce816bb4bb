package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs in a process of its own, because oneDNN fixes its instruction set when it loads. */
final class InstructionSetProbe {

    private static final String CALLER = "caller";

    private InstructionSetProbe() {}

    public static void main(String[] args) throws Exception {
        Executor executor = new OneDnnExecutor();
        System.out.println(
                "precisions "
                        + executor.precisions()
                        + ", preferred "
                        + executor.preferredPrecision());
        Network network = Light32.of(new ImageShape(3, 16, 16), 8);
        try {
            executor.compile(network, 1, Precision.BFLOAT16);
            System.out.println("compiled bf16");
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        float[] found = gradient(executor, network, 8);
        float[] expected = gradient(new ReferenceExecutor(), network, 8);
        float[] alone = gradient(executor, network, 1);
        System.out.println(
                "same bits alone and in a batch: "
                        + Arrays.equals(alone, Arrays.copyOf(found, alone.length)));
        System.out.println("threads started by a run: " + threadsStartedByARun(executor));
        System.out.println("gradient error " + TestArrays.relativeError(found, expected));
    }

    /** A network large enough that oneDNN would like to share its layers among OpenMP threads. */
    private static int threadsStartedByARun(Executor executor) throws Exception {
        Network network = Light32.of(new ImageShape(3, 32, 32), 32);
        int[] threads = new int[2];
        Thread caller =
                new Thread(
                        () -> {
                            threads[0] = threads();
                            gradient(executor, network, 8);
                            threads[1] = threads();
                        },
                        CALLER);
        caller.start();
        caller.join();
        return threads[1] - threads[0];
    }

    /** Native threads take the name of the one that starts them; the JVM's own have others. */
    private static int threads() {
        int count = 0;
        for (File task : new File("/proc/self/task").listFiles()) {
            try {
                String name = Files.readString(task.toPath().resolve("comm")).trim();
                count += name.equals(CALLER) ? 1 : 0;
            } catch (IOException e) {
                // The thread has ended meanwhile.
            }
        }
        return count;
    }

    private static float[] gradient(Executor executor, Network network, int n) {
        int size = network.input().size();
        try (CompiledNetwork compiled = executor.compile(network, n, Precision.FLOAT32);
                INDArray weights = TestArrays.vector(TestArrays.weights(network, 1));
                INDArray eight = TestArrays.images(network, 8, 2);
                INDArray images =
                        TestArrays.images(
                                network, Arrays.copyOf(TestArrays.values(eight), n * size));
                INDArray gradient = TestArrays.blank(network, n)) {
            compiled.setParameters(weights);
            compiled.inputGradient(images, gradient);
            return TestArrays.values(gradient);
        }
    }
}
