package io.ebmstream.job.cli;

import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A version on the command line: epoch and counter, {@code 0.12}. */
final class VersionConverter implements ITypeConverter<ModelVersion> {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,18})\\.(\\d{1,18})");

    @Override
    public ModelVersion convert(String text) {
        Matcher parts = VERSION.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "expected a version such as 0.12 (epoch and counter), found " + text);
        }
        return new ModelVersion(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
    }
}
