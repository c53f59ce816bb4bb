package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CubinCacheTest {
    private static final byte[] CODE = {1, 2, 3, 4};

    @TempDir Path folder;

    private final AtomicInteger compiled = new AtomicInteger();

    @Test
    void keepsWhatWasCompiled() throws IOException {
        assertThat(get(folder, "key")).isEqualTo(CODE);
        assertThat(get(folder, "key")).isEqualTo(CODE);
        assertThat(compiled).hasValue(1);
        assertThat(get(folder, "other")).isEqualTo(CODE);
        assertThat(compiled).hasValue(2);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .as("no parts left")
                    .containsExactlyInAnyOrder("key.cubin", "other.cubin");
        }
    }

    @Test
    void compilesAgainWhatIsDamaged() throws IOException {
        get(folder, "key");
        Path file = folder.resolve("key.cubin");
        byte[] whole = Files.readAllBytes(file);
        for (int cut : new int[] {0, 5, 32, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, cut));
            assertThat(get(folder, "key")).as("cut to %s", cut).isEqualTo(CODE);
            assertThat(Files.readAllBytes(file)).as("written again").isEqualTo(whole);
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 1;
            Files.write(file, flipped);
            assertThat(get(folder, "key")).as("bit of byte %s", i).isEqualTo(CODE);
        }
        assertThat(compiled).hasValue(1 + 4 + whole.length);
    }

    @Test
    void worksWhereNothingCanBeWritten() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        CubinCache cache = new CubinCache(file.resolve("below a file"));
        assertThat(cache.get("key", this::compile)).isEqualTo(CODE);
        assertThat(cache.get("key", this::compile)).isEqualTo(CODE);
        assertThat(compiled).hasValue(2);
    }

    @Test
    void anythingElseIsAnotherKey() {
        List<String> source = List.of("text", "-DX=1", "sm_90", "NVRTC 13.0");
        String key = CubinCache.key(source);
        assertThat(key).matches("[0-9a-f]{64}").isEqualTo(CubinCache.key(source));
        assertThat(
                        Stream.of(
                                        List.of("text ", "-DX=1", "sm_90", "NVRTC 13.0"),
                                        List.of("text", "-DX=0", "sm_90", "NVRTC 13.0"),
                                        List.of("text", "-DX=1", "sm_80", "NVRTC 13.0"),
                                        List.of("text", "-DX=1", "sm_90", "NVRTC 13.1"),
                                        List.of("text-DX=1", "", "sm_90", "NVRTC 13.0"))
                                .map(CubinCache::key))
                .doesNotContain(key)
                .doesNotHaveDuplicates();
    }

    @Test
    void liesWhereTheUserSays() {
        assertThat(CubinCache.folder(Map.of("XDG_CACHE_HOME", "/var/tmp")))
                .isEqualTo(Path.of("/var/tmp/ebm-stream/cuda"));
        assertThat(CubinCache.folder(Map.of()).toString()).endsWith(".cache/ebm-stream/cuda");
        System.setProperty(CubinCache.PROPERTY, "/elsewhere");
        try {
            assertThat(CubinCache.folder(Map.of("XDG_CACHE_HOME", "/var/tmp")))
                    .isEqualTo(Path.of("/elsewhere"));
        } finally {
            System.clearProperty(CubinCache.PROPERTY);
        }
    }

    private byte[] get(Path where, String key) {
        return new CubinCache(where).get(key, this::compile);
    }

    private byte[] compile() {
        compiled.incrementAndGet();
        return CODE.clone();
    }
}
