package io.ebmstream.ops.image;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Names of the folders that images are written into, one for each class: {@code 0004-Coat}. Numbers
 * come first so that the order of the names is that of the labels. Stateless, thread-safe.
 */
public final class ClassFolders {
    private ClassFolders() {}

    /**
     * The folder of a class.
     *
     * @param label at least 0
     * @param classNames by label; may be shorter, for classes without names
     */
    public static String name(int label, List<String> classNames) {
        String name = label < classNames.size() ? classNames.get(label) : "";
        return String.format(Locale.ROOT, "%04d-%s", label, safe(name));
    }

    /**
     * Whether labels mean the same in two data sets. The classes of one that was written into these
     * folders and read again are those of the one it was made of.
     *
     * @param names class names of one by label
     * @param others class names of the other by label
     */
    static boolean same(List<String> names, List<String> others) {
        return names.equals(others) || written(names, others) || written(others, names);
    }

    /** Whether the folders are those of the names, or of as many classes without names. */
    private static boolean written(List<String> names, List<String> folders) {
        return !folders.isEmpty()
                && (names.isEmpty() || names.size() == folders.size())
                && IntStream.range(0, folders.size())
                        .allMatch(label -> folders.get(label).equals(name(label, names)));
    }

    private static String safe(String name) {
        return name.replaceAll("[^\\w-]", "_");
    }
}
