package io.ebmstream.ops.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder of PNG and JPEG files, with all folders in it, sorted by path. If every image lies in a
 * sub-folder, the first folder's name is its class, and labels count these names in order.
 */
final class FolderReader {
    private static final int MAX_DEPTH = 32;

    private FolderReader() {}

    /** Whether a file's name is one of an image. */
    static boolean recognises(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean hidden = name.startsWith(".");
        return !hidden
                && (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"));
    }

    /** The images in a folder, sorted. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile)
                    .filter(FolderReader::recognises)
                    // by the text of the path, the same on every platform
                    .sorted(Comparator.comparing(f -> relative(folder, f)))
                    .collect(Collectors.toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads the files.
     *
     * @return class names by label, empty if images have no class
     */
    static List<String> read(
            Path folder, List<Path> files, DecodeLimits limits, ImageCollector into)
            throws IOException {
        boolean classes = files.stream().allMatch(f -> relative(folder, f).contains("/"));
        List<String> names =
                classes
                        ? List.copyOf(
                                files.stream()
                                        .map(f -> className(folder, f))
                                        .collect(Collectors.toCollection(TreeSet::new)))
                        : List.of();
        ImageCodec codec = new ImageCodec(limits);
        for (Path file : files) {
            if (into.full()) {
                break;
            }
            Image image = read(file, codec);
            into.add(
                    classes ? image.withLabel(names.indexOf(className(folder, file))) : image,
                    file);
        }
        return names;
    }

    static Image read(Path file, ImageCodec codec) throws IOException {
        try {
            codec.limits().checkEncoded(Files.size(file));
            return codec.decode(Files.readAllBytes(file));
        } catch (ImageFormatException e) {
            throw e.at(file.toString());
        }
    }

    private static String className(Path folder, Path file) {
        return relative(folder, file).split("/", 2)[0];
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
