package io.ebmstream.ops.image;

/** How an image's bytes are laid out. */
public enum ImageEncoding {
    /** c * h * w unsigned bytes, plane after plane [c, h, w]. */
    RAW_U8_PLANAR,
    /** h * w * c unsigned bytes, pixel after pixel [h, w, c]. */
    RAW_U8_INTERLEAVED,
    /** c * h * w little-endian float32 in [-1, 1], plane after plane [c, h, w]. */
    RAW_F32_PLANAR,
    /** A PNG file, gray or colour. */
    PNG,
    /** A JPEG file (baseline or progressive, 8 bits), gray or colour. */
    JPEG;

    /** Whether the size is not in the bytes and so has to be declared beside them. */
    public boolean isRaw() {
        return this != PNG && this != JPEG;
    }
}
