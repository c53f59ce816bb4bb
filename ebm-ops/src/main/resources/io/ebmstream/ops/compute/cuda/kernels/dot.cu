// Fully connected to one number: the energy's last layer. Weights are float32, [h, w, c] with padded
// channels, as the values.

#include "values.cuh"
#include "total.cuh"

// result[i] = sum_j weights[j] x[i, j], plus the bias unless it is null. One block for an image, so
// that no result depends on how many there are. Products are exact in double.
KERNEL dot(
        const T* __restrict__ x,
        const float* __restrict__ weights,
        const float* __restrict__ bias,
        float* __restrict__ result,
        int size) {
    int vectors = size / 8;
    long long origin = (long long) blockIdx.x * vectors;
    double sum = 0;
    for (int i = threadIdx.x; i < vectors; i += 256) {
        Vector value = load(x, origin + i);
        Vector weight = load_floats(weights, i);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            sum += (double) value.at[c] * (double) weight.at[c];
        }
    }
    sum = total(sum);
    if (threadIdx.x == 0) {
        result[blockIdx.x] = (float) (bias ? sum + (double) bias[0] : sum);
    }
}

// dx[i, j] = dy[i] weights[j] (mask[i, j] > 0 ? 1 : slope); no mask: null. One thread for 8 values.
KERNEL dot_back(
        const float* __restrict__ weights,
        const float* __restrict__ dy,
        const T* mask,
        T* dx,
        float slope,
        long long vectors,
        int vectorsPerImage) {
    for (long long i = first(); i < vectors; i += stride()) {
        long long image = i;
        Vector d = load_floats(weights, split(&image, vectorsPerImage));
        float factor = dy[image];
#pragma unroll
        for (int c = 0; c < 8; c++) {
            d.at[c] *= factor;
        }
        if (mask) {
            Vector a = load(mask, i);
#pragma unroll
            for (int c = 0; c < 8; c++) {
                d.at[c] = a.at[c] > 0 ? d.at[c] : d.at[c] * slope;
            }
        }
        store(dx, i, d);
    }
}

// gradient[c, h, w] += sum_i dy[i] x[i, h, w, c], images in order. One thread for a value of the
// gradient, in the order in which x lies: x is read once for each image, the gradient only once.
KERNEL dot_weights(
        const T* __restrict__ x,
        const float* __restrict__ dy,
        float* __restrict__ gradient,
        int images,
        int channels,
        int height,
        int width,
        int padded) {
    int size = height * width;
    long long step = (long long) size * padded;
    long long count = (long long) size * channels;
    for (long long i = first(); i < count; i += stride()) {
        long long pixel = i;
        int channel = split(&pixel, channels);
        const T* from = x + pixel * padded + channel;
        double sum = 0;
#pragma unroll 8
        for (int image = 0; image < images; image++) {
            sum += (double) dy[image] * (double) widen(from[image * step]);
        }
        gradient[(long long) channel * size + pixel] += (float) sum;
    }
}

// gradient[0] += the sum of count values, in order. One thread works.
KERNEL add_total(const float* __restrict__ values, float* __restrict__ gradient, int count) {
    if (first() == 0) {
        double sum = 0;
#pragma unroll 8
        for (int i = 0; i < count; i++) {
            sum += (double) values[i];
        }
        gradient[0] += (float) sum;
    }
}
