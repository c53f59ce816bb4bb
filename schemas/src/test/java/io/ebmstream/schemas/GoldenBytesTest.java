package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.schemas.GoldenRecords.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bytes of every released version stay readable, and the last one is written as it always was.
 * Golden files are never overwritten: a missing one is offered under {@code target/golden}.
 */
class GoldenBytesTest {
    static List<Golden<?>> records() {
        return GoldenRecords.all();
    }

    @ParameterizedTest
    @MethodSource("records")
    void writesTheGoldenBytes(Golden<?> golden) throws IOException {
        assertThat(golden.encode()).isEqualTo(bytes(golden, versions(golden)));
    }

    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecordBase> void readsTheGoldenBytes(Golden<T> golden) throws IOException {
        for (int version = 1; version <= versions(golden); version++) {
            assertThat(golden.format().decode(bytes(golden, version)))
                    .as("version %d", version)
                    .isEqualTo(golden.of(version));
        }
    }

    private static int versions(Golden<?> golden) {
        return ReleasedSchemas.of(golden.name()).size();
    }

    private static byte[] bytes(Golden<?> golden, int version) throws IOException {
        String name = golden.name() + "-v" + version + ".bin";
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                Path offered = Path.of("target", "golden", name);
                Files.createDirectories(offered.getParent());
                Files.write(offered, golden.encode());
            }
            assertThat(in)
                    .as("golden file %s; a candidate lies in target/golden", name)
                    .isNotNull();
            return in.readAllBytes();
        }
    }
}
