package io.ebmstream.job.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Version of this product, as Maven wrote it into the jar. */
public final class VersionProvider implements IVersionProvider {
    private static final String MAVEN = "/META-INF/maven/io.ebmstream/flink-job/pom.properties";

    @Override
    public String[] getVersion() {
        return new String[] {
            "ebm-stream " + version(),
            "Java " + System.getProperty("java.version"),
            System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }

    /** Version number, or {@code development} outside a jar. */
    public static String version() {
        try (InputStream in = VersionProvider.class.getResourceAsStream(MAVEN)) {
            if (in == null) {
                return "development";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + MAVEN, e);
        }
    }
}
