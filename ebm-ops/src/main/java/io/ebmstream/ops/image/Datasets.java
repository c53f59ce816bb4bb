package io.ebmstream.ops.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens data sets by what a path holds. Accepted:
 *
 * <ul>
 *   <li>CIFAR-10's binary version: a {@code .bin} file, or a folder with some
 *   <li>IDX images, plain or gzipped (MNIST and its relatives): a file, or a folder with some;
 *       labels are taken from the file next to it
 *   <li>a PNG or JPEG file, or a folder of them with all folders in it
 * </ul>
 *
 * <p>A folder of CIFAR-10 or IDX files gives its training part ({@code train*}, {@code
 * data_batch_*}) if it has one, else the first file. A file {@code LABELS.txt} or {@code
 * batches.meta.txt} next to them gives the class names, one a line. Everything is read into memory,
 * at most half of it.
 *
 * <p>Where several paths have different class names, labels are left out, with a warning.
 */
public final class Datasets {
    /** What {@link #open} accepts, for help texts. */
    public static final String ACCEPTED =
            "CIFAR-10 binary files (*.bin), IDX images (*-images-idx3-ubyte, also .gz), PNG and"
                    + " JPEG files, or a folder of one of these";

    private static final Logger LOG = LoggerFactory.getLogger(Datasets.class);

    private static final List<String> CLASS_NAME_FILES = List.of("LABELS.txt", "batches.meta.txt");

    private Datasets() {}

    /**
     * Reads the images of all paths, one after the other.
     *
     * @throws IOException if a path is missing, of no known kind, broken, or there is no room; the
     *     message says what is accepted
     * @throws IllegalArgumentException if there is no path
     */
    public static ImageDataset open(DatasetOptions options, Path... paths) throws IOException {
        if (paths.length == 0) {
            throw new IllegalArgumentException("expected at least one path, found none");
        }
        ImageCollector images = new ImageCollector(options);
        List<String> classNames = null;
        boolean oneMeaning = true;
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new IOException(
                        "expected a file or folder at " + path + ", found nothing; check the path");
            }
            int before = images.size();
            List<String> names =
                    Files.isDirectory(path) ? folder(path, images) : file(path, images);
            if (classNames == null) {
                classNames = names;
            } else if (images.size() > before && !ClassFolders.same(classNames, names)) {
                oneMeaning = false;
            }
        }
        String name = Stream.of(paths).map(Path::toString).collect(Collectors.joining(", "));
        if (!oneMeaning) {
            LOG.warn("{}: the classes of these data sets differ, their labels are left out", name);
            return new InMemoryDataset(
                    name,
                    images.images().stream().map(i -> i.withLabel(Image.NO_LABEL)).toList(),
                    List.of());
        }
        return new InMemoryDataset(name, images.images(), classNames);
    }

    private static List<String> file(Path file, ImageCollector into) throws IOException {
        if (Cifar10Reader.recognises(file)) {
            Cifar10Reader.read(file, into);
            return classNames(file.toAbsolutePath().getParent());
        }
        int magic = IdxReader.magic(file);
        if (magic == IdxReader.IMAGES_MAGIC) {
            IdxReader.read(file, DecodeLimits.FILES, into);
            return classNames(file.toAbsolutePath().getParent());
        }
        if (magic == IdxReader.LABELS_MAGIC) {
            throw new IOException(
                    "expected images at "
                            + file
                            + ", found IDX labels; give the file of images, labels next to it are"
                            + " found");
        }
        if (magic == 0x89504E47 || magic >>> 8 == 0xFFD8FF) {
            into.add(FolderReader.read(file, new ImageCodec(DecodeLimits.FILES)), file);
            return List.of();
        }
        throw new IOException(
                "expected "
                        + ACCEPTED
                        + " at "
                        + file
                        + ", found a file of "
                        + Files.size(file)
                        + " bytes of no known kind");
    }

    private static List<String> folder(Path folder, ImageCollector into) throws IOException {
        List<Path> cifar = new ArrayList<>();
        List<Path> idx = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString();
                if (Cifar10Reader.recognises(file)) {
                    cifar.add(file);
                } else if (name.contains("images") && name.contains("idx3")) {
                    idx.add(file);
                }
            }
        }
        for (List<Path> files : List.of(cifar, idx)) {
            if (!files.isEmpty()) {
                for (Path file : trainingPart(files)) {
                    file(file, into);
                }
                return classNames(folder);
            }
        }
        List<Path> files = FolderReader.files(folder);
        if (files.isEmpty()) {
            throw new IOException(
                    "expected " + ACCEPTED + " at " + folder + ", found a folder without any");
        }
        return FolderReader.read(folder, files, DecodeLimits.FILES, into);
    }

    private static List<Path> trainingPart(List<Path> files) {
        List<Path> training =
                files.stream()
                        .filter(
                                f ->
                                        f.getFileName().toString().startsWith("train")
                                                || f.getFileName()
                                                        .toString()
                                                        .startsWith("data_batch"))
                        .toList();
        return training.isEmpty() ? files.subList(0, 1) : training;
    }

    private static List<String> classNames(Path folder) throws IOException {
        for (String name : CLASS_NAME_FILES) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                return Files.readAllLines(file).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
            }
        }
        return List.of();
    }
}
