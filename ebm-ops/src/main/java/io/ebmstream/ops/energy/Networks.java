package io.ebmstream.ops.energy;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The catalogue of networks by name. Stateless, thread-safe. */
public final class Networks {
    /** Logits of the catalogue's classifiers; {@link WideResNet} takes any number. */
    public static final int DEFAULT_CLASSES = 10;

    private static final Pattern WIDE_RES_NET = Pattern.compile("wrn-(\\d{1,3})-(\\d{1,2})");

    private static final List<NetworkFamily> ALL =
            List.of(
                    new NetworkFamily(
                            "light32",
                            NetworkRole.ENERGY,
                            Light32.DEFAULT_WIDTH,
                            32,
                            "16, 28, 32, 64 or 128 pixels square",
                            "plain convolutions, leaky ReLU",
                            Light32::of),
                    new NetworkFamily(
                            "sngan32",
                            NetworkRole.ENERGY,
                            Sngan.DEFAULT_WIDTH_32,
                            32,
                            "square, a multiple of 4 pixels",
                            "residual",
                            Sngan::of32),
                    new NetworkFamily(
                            "sngan64",
                            NetworkRole.ENERGY,
                            Sngan.DEFAULT_WIDTH_64,
                            64,
                            "square, a multiple of 32 pixels",
                            "residual",
                            Sngan::of64),
                    new NetworkFamily(
                            "sngan128",
                            NetworkRole.ENERGY,
                            Sngan.DEFAULT_WIDTH_64,
                            128,
                            "square, a multiple of 32 pixels",
                            "residual",
                            Sngan::of128),
                    new NetworkFamily(
                            "sngan32-generator",
                            NetworkRole.GENERATOR,
                            SnganGenerator.DEFAULT_WIDTH_32,
                            32,
                            "32 pixels square",
                            "residual, batch norm, from 128 latents",
                            (image, n) ->
                                    SnganGenerator.of32(image, SnganGenerator.DEFAULT_LATENT, n)),
                    new NetworkFamily(
                            "sngan64-generator",
                            NetworkRole.GENERATOR,
                            SnganGenerator.DEFAULT_WIDTH_64,
                            64,
                            "64 pixels square",
                            "residual, batch norm, from 128 latents",
                            (image, n) ->
                                    SnganGenerator.of64(image, SnganGenerator.DEFAULT_LATENT, n)),
                    new NetworkFamily(
                            "sngan128-generator",
                            NetworkRole.GENERATOR,
                            SnganGenerator.DEFAULT_WIDTH_64,
                            128,
                            "square, a multiple of 32 pixels",
                            "residual, batch norm, from 128 latents",
                            (image, n) ->
                                    SnganGenerator.of128(image, SnganGenerator.DEFAULT_LATENT, n)),
                    new NetworkFamily(
                            "autoencoder-encoder",
                            NetworkRole.ENCODER,
                            Autoencoder.DEFAULT_WIDTH,
                            32,
                            "32, 64 or 128 pixels square",
                            "convolutions to latents 16x16x1",
                            Autoencoder::encoder),
                    new NetworkFamily(
                            "autoencoder-decoder",
                            NetworkRole.GENERATOR,
                            Autoencoder.DEFAULT_WIDTH,
                            32,
                            "32, 64 or 128 pixels square",
                            "upsampling and convolutions from latents 16x16x1",
                            Autoencoder::decoder),
                    wideResNet(16, 2),
                    wideResNet(28, 10));

    private Networks() {}

    /** The networks of the papers, energies first; WRN-d-k stands here with two of its sizes. */
    public static List<NetworkFamily> all() {
        return ALL;
    }

    /** Names of all networks of a role. */
    public static List<String> names(NetworkRole role) {
        return ALL.stream()
                .filter(family -> family.role() == role)
                .map(NetworkFamily::name)
                .toList();
    }

    /**
     * A network by its name.
     *
     * @param name as in {@link #all()}, or {@code wrn-d-k} with d = 6 n + 4
     * @throws IllegalArgumentException if there is none; the message lists the names
     */
    public static NetworkFamily named(String name) {
        for (NetworkFamily family : ALL) {
            if (family.name().equals(name)) {
                return family;
            }
        }
        Matcher wide = WIDE_RES_NET.matcher(name);
        if (wide.matches()) {
            return wideResNet(Integer.parseInt(wide.group(1)), Integer.parseInt(wide.group(2)));
        }
        throw new IllegalArgumentException(
                "expected a network of "
                        + ALL.stream().map(NetworkFamily::name).collect(Collectors.joining(", "))
                        + " (wrn-d-k for any depth d = 6 n + 4 and widening k), found "
                        + name);
    }

    /**
     * An energy network by its name.
     *
     * @throws IllegalArgumentException if there is none of this name, or it gives no energy; the
     *     message lists the names
     */
    public static NetworkFamily energyNamed(String name) {
        for (NetworkFamily family : ALL) {
            if (family.name().equals(name) && family.role() == NetworkRole.ENERGY) {
                return family;
            }
        }
        boolean other = ALL.stream().anyMatch(family -> family.name().equals(name));
        throw new IllegalArgumentException(
                "expected an energy network, one of "
                        + String.join(", ", names(NetworkRole.ENERGY))
                        + ", found "
                        + name
                        + (other ? ", which is no energy network" : ""));
    }

    private static NetworkFamily wideResNet(int depth, int widening) {
        return new NetworkFamily(
                "wrn-" + depth + "-" + widening,
                NetworkRole.CLASSIFIER,
                WideResNet.DEFAULT_WIDTH,
                32,
                "square, a multiple of 4 pixels",
                "wide residual classifier, batch norm, " + DEFAULT_CLASSES + " classes",
                (image, w) -> WideResNet.of(image, depth, widening, DEFAULT_CLASSES, w));
    }
}
