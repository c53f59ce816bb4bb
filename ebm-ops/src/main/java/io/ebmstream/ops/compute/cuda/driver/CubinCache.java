package io.ebmstream.ops.compute.cuda.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels on disk: a file for each source, options, architecture and compiler, which holds
 * the SHA-256 of what follows, then that. What is damaged is compiled and written again; where
 * nothing can be written, everything is compiled each time and the log says so once. Several
 * processes may share a folder: files appear whole or not at all. Thread-safe.
 */
final class CubinCache {
    /** System property that names the folder. */
    static final String PROPERTY = "ebm.cuda.cache";

    private static final Logger LOG = LoggerFactory.getLogger(CubinCache.class);
    private static final int HASH = 32;

    private final Path folder;
    private final AtomicBoolean complained = new AtomicBoolean();

    CubinCache(Path folder) {
        this.folder = folder;
    }

    /**
     * The folder of this user: the system property {@value #PROPERTY}, else {@code ebm-stream} in
     * XDG_CACHE_HOME, else in {@code .cache} of the home.
     */
    static Path folder(Map<String, String> environment) {
        String named = System.getProperty(PROPERTY, "");
        if (!named.isBlank()) {
            return Path.of(named);
        }
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base =
                caches.isBlank()
                        ? Path.of(System.getProperty("user.home", "."), ".cache")
                        : Path.of(caches);
        return base.resolve("ebm-stream").resolve("cuda");
    }

    /**
     * A name for what comes of these; of other texts, or of the same in another order, another one.
     */
    static String key(List<String> texts) {
        MessageDigest digest = sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What is kept under a key, or what {@code compile} makes, which is then kept. */
    byte[] get(String key, Supplier<byte[]> compile) {
        Path file = folder.resolve(key + ".cubin");
        byte[] kept = read(file);
        if (kept != null) {
            return kept;
        }
        byte[] made = compile.get();
        write(file, made);
        return made;
    }

    private byte[] read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            complain(e);
            return null;
        }
        if (bytes.length > HASH) {
            byte[] content = Arrays.copyOfRange(bytes, HASH, bytes.length);
            if (Arrays.equals(sha256().digest(content), Arrays.copyOf(bytes, HASH))) {
                return content;
            }
        }
        LOG.warn("{} is damaged; it is compiled again", file);
        return null;
    }

    private void write(Path file, byte[] content) {
        try {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, "new", ".part");
            try {
                byte[] bytes = Arrays.copyOf(sha256().digest(content), HASH + content.length);
                System.arraycopy(content, 0, bytes, HASH, content.length);
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            complain(e);
        }
    }

    private void complain(IOException e) {
        if (complained.compareAndSet(false, true)) {
            LOG.warn(
                    "Compiled kernels cannot be kept in {} ({}); they are compiled at every start."
                            + " Set the system property {} to a folder that can be written",
                    folder,
                    e.toString(),
                    PROPERTY);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
