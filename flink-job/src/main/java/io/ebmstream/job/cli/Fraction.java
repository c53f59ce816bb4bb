package io.ebmstream.job.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers such as {@code 0.03} and {@code 8/255}. */
final class Fraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
        String[] sides = text.split("/", -1);
        try {
            double value = Double.parseDouble(sides[0]);
            if (sides.length == 2) {
                value /= Double.parseDouble(sides[1]);
            }
            if (sides.length < 3 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below with all that is wrong
        }
        throw new TypeConversionException("expected a number such as 0.03 or 8/255, found " + text);
    }
}
