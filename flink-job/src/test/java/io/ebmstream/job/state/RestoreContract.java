package io.ebmstream.job.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An operator goes on from its state with the bits that it would have had without a break: from a
 * checkpoint on every backend, from a savepoint on every other backend, and from the golden
 * savepoint of every released version of the state.
 *
 * <p>Golden savepoints are canonical ones of Flink, {@code golden/savepoint-N/NAME.bin}, with what
 * comes after them in {@code NAME.txt}; they are never changed. With {@code -Debm.golden=FOLDER} a
 * test writes that of the last version where it is missing there, and fails.
 *
 * @param <H> the operator's harness
 */
// the harness's close() throws Exception
@SuppressWarnings("try")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RestoreContract<H extends AbstractStreamOperatorTestHarness<?>> {
    private final String name;
    private final List<Integer> versions;

    /**
     * @param name of the golden files
     * @param versions of the savepoints that there are of this operator; the last is what the code
     *     writes now
     */
    protected RestoreContract(String name, Integer... versions) {
        this.name = name;
        this.versions = List.of(versions);
    }

    /** A new operator, not yet open. */
    protected abstract H harness() throws Exception;

    /** Feeds an open operator until there is something of everything in its state. */
    protected abstract void begin(H harness) throws Exception;

    /** Feeds it with the rest. */
    protected abstract void goOn(H harness) throws Exception;

    /** All its states by name, and how they are written, as docs/STATE.md has them. */
    protected abstract Map<String, String> states();

    /** What came out since the operator was opened, in lines that have every bit of it. */
    protected abstract List<String> outputs(H harness) throws Exception;

    @ParameterizedTest
    @EnumSource
    void goesOnFromACheckpointOfTheSameBackend(Backend backend) throws Exception {
        List<String> parts = new ArrayList<>();
        OperatorSubtaskState state = half(backend, parts, false);
        parts.addAll(rest(backend, state));
        assertThat(sorted(parts)).isEqualTo(sorted(whole()));
    }

    @ParameterizedTest
    @CsvSource({"HEAP, ROCKSDB", "ROCKSDB, HEAP"})
    void goesOnFromASavepointOnAnotherBackend(Backend from, Backend to) throws Exception {
        List<String> parts = new ArrayList<>();
        OperatorSubtaskState state = half(from, parts, true);
        parts.addAll(rest(to, state));
        assertThat(sorted(parts)).isEqualTo(sorted(whole()));
    }

    Stream<Arguments> savepoints() {
        return versions.stream()
                .flatMap(
                        version ->
                                Stream.of(Backend.HEAP, Backend.ROCKSDB)
                                        .map(backend -> Arguments.of(version, backend)));
    }

    @ParameterizedTest
    @MethodSource("savepoints")
    void goesOnFromTheSavepointOfAReleasedVersion(int version, Backend backend) throws Exception {
        String golden = "/golden/savepoint-" + version + "/" + name;
        if (version == versions.get(versions.size() - 1)) {
            writeWhereMissing(golden);
        }
        Path state = resource(golden + ".bin");
        List<String> expected = Files.readAllLines(resource(golden + ".txt"));
        List<String> found = rest(backend, OperatorSnapshotUtil.readStateHandle(state.toString()));
        assertThat(comparable(version, found)).isEqualTo(comparable(version, expected));
    }

    /**
     * The lines that a release must have in common with its golden file: all, unless what it wrote
     * was given up since.
     */
    protected List<String> comparable(int version, List<String> lines) {
        return lines;
    }

    /** Every value has a header of its own, or is bytes that have one, or is a number. */
    @Test
    void everyStateIsWrittenByASerializerThatChecks() throws Exception {
        Map<String, String> states = StateInventory.of(half(Backend.HEAP, new ArrayList<>(), true));
        assertThat(states).isEqualTo(states());
    }

    private List<String> whole() throws Exception {
        try (H harness = harness()) {
            harness.open();
            begin(harness);
            goOn(harness);
            return outputs(harness);
        }
    }

    /** State of an operator that has begun. */
    protected final OperatorSubtaskState half(Backend backend, List<String> out, boolean savepoint)
            throws Exception {
        try (H harness = harness()) {
            harness.setStateBackend(backend.create());
            harness.open();
            begin(harness);
            OperatorSubtaskState state =
                    savepoint
                            ? harness.snapshotWithLocalState(
                                            1,
                                            1,
                                            SavepointType.savepoint(SavepointFormatType.CANONICAL))
                                    .getJobManagerOwnedState()
                            : harness.snapshot(1, 1);
            out.addAll(outputs(harness));
            return state;
        }
    }

    /** What comes out of an operator that goes on from a state. */
    protected final List<String> rest(Backend backend, OperatorSubtaskState state)
            throws Exception {
        try (H harness = harness()) {
            harness.setStateBackend(backend.create());
            harness.initializeState(state);
            harness.open();
            goOn(harness);
            return outputs(harness);
        }
    }

    private void writeWhereMissing(String golden) throws Exception {
        String folder = System.getProperty("ebm.golden", "");
        if (folder.isEmpty() || Files.exists(Path.of(folder + golden + ".bin"))) {
            return;
        }
        OperatorSubtaskState state = half(Backend.HEAP, new ArrayList<>(), true);
        Files.createDirectories(Path.of(folder + golden).getParent());
        OperatorSnapshotUtil.writeStateHandle(state, folder + golden + ".bin");
        Files.write(Path.of(folder + golden + ".txt"), rest(Backend.HEAP, state));
        throw new AssertionError("wrote " + golden + "; build anew to read it");
    }

    private static Path resource(String name) throws IOException, URISyntaxException {
        URL url = RestoreContract.class.getResource(name);
        assertThat(url).as("golden file " + name).isNotNull();
        return Path.of(url.toURI());
    }

    private static List<String> sorted(List<String> lines) {
        return lines.stream().sorted().toList();
    }
}
