package io.ebmstream.ops.compute;

import io.ebmstream.ops.compute.cuda.CudaExecutor;
import io.ebmstream.ops.compute.cuda.CudaGpus;
import io.ebmstream.ops.compute.nd4j.CudaBackend;
import io.ebmstream.ops.compute.nd4j.Nd4jExecutor;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds an executor by its name in the configuration.
 *
 * <p>{@code auto} takes the fastest one that works here: natives are loaded and a small network is
 * run before one is chosen. Which one it was, and why faster ones were passed over, is logged and
 * part of the answer. A named executor is taken or is an error; there is no silent fallback.
 *
 * <p>Stateless, thread-safe.
 */
public final class Executors {
    /** Leaves the choice of the executor, or of the precision, to the engine. */
    public static final String AUTO = "auto";

    private static final Logger LOG = LoggerFactory.getLogger(Executors.class);

    private static final Network PROBE =
            new Network(
                    "probe",
                    new ImageShape(1, 4, 4),
                    List.of(
                            new Network.Node("conv", new Layer.Conv2d(1, 2, 4, 2, 1), List.of(-1)),
                            new Network.Node("act", new Layer.LeakyRelu(0.05), List.of(0)),
                            new Network.Node("head", new Layer.Conv2d(2, 1, 2, 1, 0), List.of(1))));

    private Executors() {}

    /**
     * One way to make an executor.
     *
     * @param make fails with an exception or a {@link LinkageError} where it does not work
     */
    record Candidate(String name, Supplier<Executor> make) {}

    /**
     * What {@link #resolve} chose.
     *
     * @param passedOver faster executors that do not work here, each as "name: reason"; empty for
     *     an executor asked for by name
     */
    public record Choice(Executor executor, Precision precision, List<String> passedOver) {
        public Choice {
            passedOver = List.copyOf(passedOver);
        }

        @Override
        public String toString() {
            String chosen = executor.name() + " in " + precision.label();
            return passedOver.isEmpty()
                    ? chosen
                    : chosen + ", not " + String.join("; ", passedOver);
        }
    }

    /** Fastest first: GPUs where the build is for them. What it is not for comes last, by name. */
    private static List<Candidate> candidates(Device device) {
        Candidate cuda = new Candidate(CudaExecutor.NAME, () -> CudaExecutor.on(device));
        Candidate onednn = new Candidate(OneDnnExecutor.NAME, OneDnnExecutor::new);
        Candidate nd4j = new Candidate(Nd4jExecutor.NAME, () -> new Nd4jExecutor(device));
        Candidate reference = new Candidate(ReferenceExecutor.NAME, ReferenceExecutor::new);
        if (CudaGpus.isOnClassPath()) {
            return List.of(cuda, onednn, nd4j, reference);
        }
        return CudaBackend.isOnClassPath()
                ? List.of(nd4j, onednn, reference, cuda)
                : List.of(onednn, nd4j, reference, cuda);
    }

    /** Names that {@link #resolve} takes, {@code auto} first, then the fastest first. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(List.of(AUTO));
        candidates(Device.CPU).forEach(candidate -> names.add(candidate.name()));
        return names;
    }

    /**
     * Chooses an executor and a precision.
     *
     * @param executor one of {@link #names()}
     * @param precision {@code auto} (the one that is fastest with the executor), {@code float32} or
     *     {@code bf16}
     * @throws IllegalArgumentException if a name is unknown
     * @throws IllegalStateException if what was asked for does not work on this machine; the
     *     message says why
     */
    public static Choice resolve(String executor, String precision) {
        return resolve(executor, precision, Device.CPU);
    }

    /**
     * Chooses an executor and a precision, as {@link #resolve(String, String)}, with a GPU at hand.
     *
     * @param device the GPU that executor cuda computes on, and nd4j where its backend is the one
     *     for GPUs ({@link CudaBackend}); without one they take the first. The other executors, and
     *     nd4j with its other backend, compute on the CPU
     * @throws IllegalArgumentException as {@link #resolve(String, String)}
     * @throws IllegalStateException as {@link #resolve(String, String)}, or if ND4J's backend is
     *     the one for GPUs and cannot run here: all executors need ND4J's arrays
     */
    public static Choice resolve(String executor, String precision, Device device) {
        CudaBackend.check(device);
        Choice choice = resolve(candidates(device), executor, precision);
        LOG.info("Executor {} (asked for: {}, {}, {})", choice, executor, precision, device);
        boolean used =
                choice.executor().name().equals(CudaExecutor.NAME) || CudaBackend.isOnClassPath();
        if (device.gpu().isPresent() && !used) {
            LOG.warn(
                    "{} is assigned but not used by executor {}: build with the Maven profile cuda13"
                            + " and take executor cuda, or auto, to use it",
                    device,
                    choice.executor().name());
        }
        return choice;
    }

    static Choice resolve(List<Candidate> candidates, String executor, String precision) {
        Optional<Precision> wanted = precision(precision);
        List<Candidate> asked =
                candidates.stream()
                        .filter(c -> executor.equals(AUTO) || executor.equals(c.name()))
                        .toList();
        if (asked.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected auto or one of the executors "
                            + candidates.stream()
                                    .map(Candidate::name)
                                    .collect(Collectors.joining(", "))
                            + ", found "
                            + executor);
        }
        List<String> passedOver = new ArrayList<>();
        List<Throwable> causes = new ArrayList<>();
        for (Candidate candidate : asked) {
            try {
                return choose(candidate, wanted, passedOver);
            } catch (RuntimeException | LinkageError e) {
                passedOver.add(candidate.name() + ": " + reason(e));
                causes.add(e);
            }
        }
        IllegalStateException failure =
                new IllegalStateException(
                        "expected executor "
                                + executor
                                + " with precision "
                                + precision
                                + " to work on this machine, found "
                                + String.join("; ", passedOver)
                                + "; choose another executor or precision, or auto",
                        causes.get(0));
        causes.stream().skip(1).forEach(failure::addSuppressed);
        throw failure;
    }

    private static Choice choose(
            Candidate candidate, Optional<Precision> wanted, List<String> passedOver) {
        Executor executor = candidate.make().get();
        Precision precision = wanted.orElseGet(executor::preferredPrecision);
        probe(executor, precision);
        return new Choice(executor, precision, passedOver);
    }

    /** Runs a small network: with zero weights the energy is 0. */
    private static void probe(Executor executor, Precision precision) {
        float[] energies = {1};
        try (CompiledNetwork compiled = executor.compile(PROBE, 1, precision);
                INDArray image = Nd4j.ones(DataType.FLOAT, 1, 1, 4, 4)) {
            compiled.energies(image, energies);
        }
        if (energies[0] != 0) {
            throw new IllegalStateException(
                    "expected energy 0 from a network without weights, found " + energies[0]);
        }
    }

    private static Optional<Precision> precision(String label) {
        if (label.equals(AUTO)) {
            return Optional.empty();
        }
        for (Precision precision : Precision.values()) {
            if (precision.label().equals(label)) {
                return Optional.of(precision);
            }
        }
        throw new IllegalArgumentException(
                "expected precision auto, "
                        + Arrays.stream(Precision.values())
                                .map(Precision::label)
                                .collect(Collectors.joining(", "))
                        + ", found "
                        + label);
    }

    /** The message nearest to the top: an initialiser's error has none of its own. */
    private static String reason(Throwable e) {
        Throwable told = e;
        while (told.getMessage() == null && told.getCause() != null) {
            told = told.getCause();
        }
        return told.getMessage() == null ? told.getClass().getName() : told.getMessage();
    }
}
