// Between the order of pixels, float32 [n, c, h, w], and that of values, and between shapes.

#include "values.cuh"

// Pixels to values. One thread for 8 channels of a pixel.
KERNEL pack(
        const float* __restrict__ pixels,
        T* __restrict__ values,
        int images,
        int channels,
        int height,
        int width,
        int padded) {
    int size = height * width;
    int vectors = padded / 8;
    long long count = (long long) images * size * vectors;
    for (long long i = first(); i < count; i += stride()) {
        long long image = i;
        int channel = 8 * split(&image, vectors);
        int pixel = split(&image, size);
        const float* from = pixels + (image * channels + channel) * size + pixel;
        Vector x;
#pragma unroll
        for (int c = 0; c < 8; c++) {
            x.at[c] = channel + c < channels ? from[(long long) c * size] : 0;
        }
        store(values, i, x);
    }
}

// Values to pixels. One thread for a float.
KERNEL unpack(
        const T* __restrict__ values,
        float* __restrict__ pixels,
        int images,
        int channels,
        int height,
        int width,
        int padded) {
    int size = height * width;
    long long count = (long long) images * channels * size;
    for (long long i = first(); i < count; i += stride()) {
        long long image = i;
        int pixel = split(&image, size);
        int channel = split(&image, channels);
        pixels[i] = widen(values[(image * size + pixel) * padded + channel]);
    }
}

// The same values in another shape, both taken in the order (c, h, w). One thread for a value.
KERNEL reshape(
        const T* __restrict__ x,
        T* __restrict__ y,
        int images,
        int channels,
        int height,
        int width,
        int padded,
        int newChannels,
        int newHeight,
        int newWidth,
        int newPadded) {
    int size = height * width;
    int newSize = newHeight * newWidth;
    long long count = (long long) images * newSize * newPadded;
    for (long long i = first(); i < count; i += stride()) {
        long long image = i;
        int newChannel = split(&image, newPadded);
        int newPixel = split(&image, newSize);
        T value = 0;
        if (newChannel < newChannels) {
            int flat = newChannel * newSize + newPixel;
            int channel = flat / size;
            value = x[(image * size + flat % size) * padded + channel];
        }
        y[i] = value;
    }
}
