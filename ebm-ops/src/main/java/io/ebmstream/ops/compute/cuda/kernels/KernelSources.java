package io.ebmstream.ops.compute.cuda.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sources of all kernels. Immutable, thread-safe; read once.
 *
 * <p>Each module is compiled once for bfloat16 and once for float32 values, with the options that
 * {@link KernelModule#options} gives.
 */
public final class KernelSources {
    private static final List<String> FILES =
            List.of("borders", "layers", "weights", "dot", "normalisation", "langevin");

    private static final Pattern INCLUDE = Pattern.compile("#include \"([a-z_]+\\.cuh)\"");
    private static final Pattern KERNEL = Pattern.compile("(?m)^KERNEL (\\w+)\\(");

    private static final KernelSources INSTANCE = read();

    private final List<KernelModule> modules;
    private final Map<String, KernelModule> moduleByKernel;

    private KernelSources(List<KernelModule> modules, Map<String, KernelModule> moduleByKernel) {
        this.modules = List.copyOf(modules);
        this.moduleByKernel = moduleByKernel;
    }

    /** All modules; every kernel is in one of them. */
    public static List<KernelModule> modules() {
        return INSTANCE.modules;
    }

    /**
     * The module that holds a kernel.
     *
     * @throws IllegalArgumentException if there is no kernel of that name
     */
    public static KernelModule moduleOf(String kernel) {
        KernelModule module = INSTANCE.moduleByKernel.get(kernel);
        if (module == null) {
            throw new IllegalArgumentException(
                    "expected one of the kernels "
                            + INSTANCE.moduleByKernel.keySet()
                            + ", found '"
                            + kernel
                            + "'");
        }
        return module;
    }

    private static KernelSources read() {
        List<KernelModule> modules = new ArrayList<>();
        Map<String, KernelModule> moduleByKernel = new LinkedHashMap<>();
        for (String file : FILES) {
            String text = expand(file + ".cu", new HashSet<>());
            List<String> kernels = KERNEL.matcher(text).results().map(m -> m.group(1)).toList();
            KernelModule module = new KernelModule(file, text, kernels);
            modules.add(module);
            for (String kernel : kernels) {
                if (moduleByKernel.put(kernel, module) != null) {
                    throw new IllegalStateException("found two kernels '" + kernel + "'");
                }
            }
        }
        return new KernelSources(modules, moduleByKernel);
    }

    /** A file with what it includes in place; each file once. Lines keep their numbers. */
    private static String expand(String file, Set<String> seen) {
        seen.add(file);
        StringBuilder text = new StringBuilder("#line 1 \"" + file + "\"\n");
        int number = 0;
        for (String line : resource(file).split("\n")) {
            number++;
            Matcher include = INCLUDE.matcher(line);
            if (!include.matches()) {
                text.append(line).append('\n');
            } else if (!seen.contains(include.group(1))) {
                text.append(expand(include.group(1), seen));
                text.append("#line ").append(number + 1).append(" \"").append(file).append("\"\n");
            } else {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String resource(String file) {
        try (InputStream in = KernelSources.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(
                        "expected the resource " + file + " beside KernelSources, found none");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
