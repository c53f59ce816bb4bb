package io.ebmstream.ops.compute.onednn;

/**
 * What a plan is built for.
 *
 * @param imageGradient whether it gives the gradient by the image
 * @param parameterGradient whether it gives the gradient by the parameters
 * @param seeded whether the gradient by the output is handed in for every image; otherwise it is 1,
 *     that of an energy
 */
record Purpose(boolean imageGradient, boolean parameterGradient, boolean seeded) {
    /** Outputs only. */
    static final Purpose OUTPUT = new Purpose(false, false, false);

    /** Energies and their gradient by the image. */
    static final Purpose ENERGY_GRADIENT = new Purpose(true, false, false);

    /** Energies and their gradient by the parameters. */
    static final Purpose ENERGY_PARAMETERS = new Purpose(false, true, false);

    boolean runsBack() {
        return imageGradient || parameterGradient;
    }
}
