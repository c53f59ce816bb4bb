package io.ebmstream.ops.preset;

/**
 * How large a preset is built: what the papers ran on many accelerators may be cut down. 0 leaves a
 * value as the preset has it.
 *
 * @param width of the energy network
 * @param generatorWidth of the generator, its factor included
 * @param priorWidth of the prior network
 * @param batch data images and chains of an update
 * @param bank persistent chains
 * @param burnInBank chains that burn in
 * @param steps K in all updates, in place of the preset's schedule
 */
public record PresetScale(
        int width,
        int generatorWidth,
        int priorWidth,
        int batch,
        int bank,
        int burnInBank,
        int steps) {
    /** As in the papers. */
    public static final PresetScale FULL = new PresetScale(0, 0, 0, 0, 0, 0, 0);

    /**
     * @throws IllegalArgumentException if a value is negative
     */
    public PresetScale {
        if (width < 0
                || generatorWidth < 0
                || priorWidth < 0
                || batch < 0
                || bank < 0
                || burnInBank < 0
                || steps < 0) {
            throw new IllegalArgumentException(
                    "expected sizes of at least 0 (0: the preset's), found width "
                            + width
                            + ", generator width "
                            + generatorWidth
                            + ", prior width "
                            + priorWidth
                            + ", batch "
                            + batch
                            + ", bank "
                            + bank
                            + ", burn-in bank "
                            + burnInBank
                            + ", steps "
                            + steps);
        }
    }
}
