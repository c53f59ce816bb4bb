package io.ebmstream.ops.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CudaGpusTest {
    @Test
    void knowsTheBindingWithoutLoadingIt() throws Exception {
        assertThat((boolean) method("isOnClassPath", "").invoke(null)).isTrue();
        assertThat((boolean) method("isOnClassPath", "/cuda-13").invoke(null)).isFalse();
    }

    @Test
    void saysHowToBuildWhereTheBindingIsMissing() throws Exception {
        Method open = method("open", "/cuda-13", int.class, long.class);
        assertThatThrownBy(() -> open.invoke(null, 0, 0L))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected the CUDA 13 binding on the class path")
                .hasMessageContaining("found none")
                .hasMessageContaining("EBM_PROFILES=cuda13");
    }

    @Test
    void refusesANegativeLimitBeforeAnythingIsLoaded() {
        assertThatThrownBy(() -> CudaGpus.open(0, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("memory limit");
    }

    /** A method of the class as it is with this test's class path, less some of it. */
    private static Method method(String name, String without, Class<?>... parameters)
            throws ReflectiveOperationException {
        String path =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        URL[] urls =
                Arrays.stream(path.split(File.pathSeparator))
                        .filter(entry -> without.isEmpty() || !entry.contains(without))
                        .map(CudaGpusTest::url)
                        .toArray(URL[]::new);
        URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        return Class.forName(CudaGpus.class.getName(), true, loader).getMethod(name, parameters);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
