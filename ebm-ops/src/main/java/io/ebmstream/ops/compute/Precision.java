package io.ebmstream.ops.compute;

/**
 * Number format of a network's weights and activations while it runs. Pixels of chains and
 * accumulated parameter gradients are float32 in each.
 */
public enum Precision {
    /** IEEE single precision throughout. */
    FLOAT32,
    /**
     * Float32 values, of which products take the upper 11 bits of the significand, with float32
     * accumulation. GPUs only.
     */
    TF32,
    /** bfloat16 weights and activations with float32 accumulation. */
    BFLOAT16;

    /** Size of a value. */
    public int bytes() {
        return this == BFLOAT16 ? Short.BYTES : Float.BYTES;
    }

    /** Name in configuration and reports: {@code float32}, {@code tf32}, {@code bf16}. */
    public String label() {
        return switch (this) {
            case FLOAT32 -> "float32";
            case TF32 -> "tf32";
            case BFLOAT16 -> "bf16";
        };
    }
}
