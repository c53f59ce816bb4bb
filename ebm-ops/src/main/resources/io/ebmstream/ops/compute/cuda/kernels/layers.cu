// Layers without parameters, and the bias: one thread for 8 channels of a pixel of the result.
// Sizes of pooling and upsampling are those of their smaller side.

#include "values.cuh"

// y = leaky(x + bias[c]). No bias: null. Slope 1: no activation. y may be x.
KERNEL affine_leaky(
        const T* x, const float* __restrict__ bias, T* y, float slope, long long vectors, int padded) {
    for (long long i = first(); i < vectors; i += stride()) {
        Vector value = load(x, i);
        if (bias) {
            long long pixel = i;
            Vector b = load_floats(bias, split(&pixel, padded / 8));
#pragma unroll
            for (int c = 0; c < 8; c++) {
                value.at[c] += b.at[c];
            }
        }
#pragma unroll
        for (int c = 0; c < 8; c++) {
            value.at[c] = leaky(value.at[c], slope);
        }
        store(y, i, value);
    }
}

// dx = dy (activation > 0 ? 1 : slope). dx may be dy.
KERNEL leaky_back(
        const T* __restrict__ activation, const T* dy, T* dx, float slope, long long vectors) {
    for (long long i = first(); i < vectors; i += stride()) {
        Vector a = load(activation, i);
        Vector d = load(dy, i);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            d.at[c] = a.at[c] > 0 ? d.at[c] : d.at[c] * slope;
        }
        store(dx, i, d);
    }
}

// y = a + b. y may be a or b.
KERNEL add(const T* a, const T* b, T* y, long long vectors) {
    for (long long i = first(); i < vectors; i += stride()) {
        Vector sum = load(a, i);
        Vector other = load(b, i);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            sum.at[c] += other.at[c];
        }
        store(y, i, sum);
    }
}

// Means of windows.
KERNEL pool(
        const T* __restrict__ x,
        T* __restrict__ y,
        int images,
        int height,
        int width,
        int padded,
        int window) {
    int vectors = padded / 8;
    float share = 1.0f / (window * window);
    long long row = (long long) width * window * vectors;
    long long count = (long long) images * height * width * vectors;
    for (long long i = first(); i < count; i += stride()) {
        long long line = i;
        int vector = split(&line, vectors);
        int column = split(&line, width);
        // Rows of all images are one tall image: no window reaches into the next.
        long long from = line * window * row + (long long) column * window * vectors + vector;
        Vector sum = {};
        for (int p = 0; p < window; p++) {
            for (int q = 0; q < window; q++) {
                Vector value = load(x, from + p * row + (long long) q * vectors);
#pragma unroll
                for (int c = 0; c < 8; c++) {
                    sum.at[c] += value.at[c];
                }
            }
        }
#pragma unroll
        for (int c = 0; c < 8; c++) {
            sum.at[c] *= share;
        }
        store(y, i, sum);
    }
}

// The gradient by the pixels of the windows.
KERNEL pool_back(
        const T* __restrict__ dy,
        T* __restrict__ dx,
        int images,
        int height,
        int width,
        int padded,
        int window) {
    int vectors = padded / 8;
    float share = 1.0f / (window * window);
    long long count = (long long) images * height * window * width * window * vectors;
    for (long long i = first(); i < count; i += stride()) {
        long long line = i;
        int vector = split(&line, vectors);
        int column = split(&line, width * window) / window;
        split(&line, window);
        Vector d = load(dy, (line * width + column) * vectors + vector);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            d.at[c] *= share;
        }
        store(dx, i, d);
    }
}

INLINE void add_weighted(Vector& sum, float weight, const Vector& x) {
#pragma unroll
    for (int c = 0; c < 8; c++) {
        sum.at[c] += weight * x.at[c];
    }
}

// Bilinear to twice the size: 3/4 of the nearest row and 1/4 of the one next to it on the side where
// the result lies; columns likewise. At the border the border stands in for what lies outside.
KERNEL upsample(
        const T* __restrict__ x, T* __restrict__ y, int images, int height, int width, int padded) {
    int vectors = padded / 8;
    long long count = 4LL * images * height * width * vectors;
    for (long long i = first(); i < count; i += stride()) {
        long long image = i;
        int vector = split(&image, vectors);
        int column = split(&image, 2 * width);
        int row = split(&image, 2 * height);
        int near_row = row / 2;
        int far_row = row % 2 == 0 ? max(near_row - 1, 0) : min(near_row + 1, height - 1);
        int near_column = column / 2;
        int far_column =
                column % 2 == 0 ? max(near_column - 1, 0) : min(near_column + 1, width - 1);
        long long near_line = (image * height + near_row) * width;
        long long far_line = (image * height + far_row) * width;
        Vector sum = {};
        add_weighted(sum, 0.5625f, load(x, (near_line + near_column) * vectors + vector));
        add_weighted(sum, 0.1875f, load(x, (near_line + far_column) * vectors + vector));
        add_weighted(sum, 0.1875f, load(x, (far_line + near_column) * vectors + vector));
        add_weighted(sum, 0.0625f, load(x, (far_line + far_column) * vectors + vector));
        store(y, i, sum);
    }
}

// What row (or column) 2 r - 1 + tap of the result, tap 0 to 3, takes of row r of size; 0 outside.
INLINE float share(int r, int tap, int size) {
    bool inside = tap == 0 ? r > 0 : r + 1 < size;
    if (tap == 0 || tap == 3) {
        return inside ? 0.25f : 0;
    }
    bool border = tap == 1 ? r == 0 : r + 1 == size;
    return border ? 1 : 0.75f;
}

// The gradient by x, gathered: each pixel counts for up to 4x4 of the result.
KERNEL upsample_back(
        const T* __restrict__ dy, T* __restrict__ dx, int images, int height, int width, int padded) {
    int vectors = padded / 8;
    long long count = (long long) images * height * width * vectors;
    for (long long i = first(); i < count; i += stride()) {
        long long image = i;
        int vector = split(&image, vectors);
        int column = split(&image, width);
        int row = split(&image, height);
        long long origin = image * 2 * height * 2 * width;
        Vector sum = {};
        for (int p = 0; p < 4; p++) {
            float row_share = share(row, p, height);
            for (int q = 0; q < 4; q++) {
                float weight = row_share * share(column, q, width);
                // A weight of 0 is a place outside, or one that does not read this pixel.
                if (weight > 0) {
                    long long line = origin + (long long) (2 * row - 1 + p) * 2 * width;
                    add_weighted(
                            sum, weight, load(dy, (line + 2 * column - 1 + q) * vectors + vector));
                }
            }
        }
        store(dx, i, sum);
    }
}

// y = tanh(x). y may be x.
KERNEL tanh_forward(const T* x, T* y, long long vectors) {
    for (long long i = first(); i < vectors; i += stride()) {
        Vector value = load(x, i);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            value.at[c] = tanhf(value.at[c]);
        }
        store(y, i, value);
    }
}

// dx = dy (1 - y^2). dx may be dy.
KERNEL tanh_back(const T* __restrict__ y, const T* dy, T* dx, long long vectors) {
    for (long long i = first(); i < vectors; i += stride()) {
        Vector value = load(y, i);
        Vector d = load(dy, i);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            d.at[c] *= 1 - value.at[c] * value.at[c];
        }
        store(dx, i, d);
    }
}
