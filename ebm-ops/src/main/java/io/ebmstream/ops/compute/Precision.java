package io.ebmstream.ops.compute;

/**
 * Number format of a network's weights and activations while it runs. Pixels of chains and
 * accumulated parameter gradients are float32 in each.
 */
public enum Precision {
    /** IEEE single precision throughout. */
    FLOAT32,
    /** bfloat16 weights and activations with float32 accumulation. */
    BFLOAT16;

    /** Size of a value. */
    public int bytes() {
        return this == FLOAT32 ? Float.BYTES : Short.BYTES;
    }

    /** Name in configuration and reports: {@code float32}, {@code bf16}. */
    public String label() {
        return this == FLOAT32 ? "float32" : "bf16";
    }
}
