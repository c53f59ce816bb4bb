// Between the flat vector of parameters, float32, and the orders in which kernels read weights.

#include "values.cuh"

// A convolution's weights, [o, c, p, q] to [o, p, q, c]. One thread for a packed value.
KERNEL pack_weights(
        const float* __restrict__ flat,
        T* __restrict__ packed,
        int outs,
        int ins,
        int kernelHeight,
        int kernelWidth,
        int paddedOuts,
        int paddedIns) {
    int taps = kernelHeight * kernelWidth;
    long long count = (long long) paddedOuts * taps * paddedIns;
    for (long long i = first(); i < count; i += stride()) {
        long long out = i;
        int in = split(&out, paddedIns);
        int tap = split(&out, taps);
        bool real = in < ins && out < outs;
        packed[i] = real ? narrow(flat[(out * ins + in) * taps + tap]) : (T) 0;
    }
}

// gradient[o, c, p, q] += packed[o, p, q, c]. One thread for a value of the gradient.
KERNEL add_weights(
        const float* __restrict__ packed,
        float* __restrict__ gradient,
        int outs,
        int ins,
        int kernelHeight,
        int kernelWidth,
        int paddedIns) {
    int taps = kernelHeight * kernelWidth;
    long long count = (long long) outs * ins * taps;
    for (long long i = first(); i < count; i += stride()) {
        long long out = i;
        int tap = split(&out, taps);
        int in = split(&out, ins);
        gradient[i] += packed[(out * taps + tap) * paddedIns + in];
    }
}

// A value for each channel, padded with zeros.
KERNEL pack_vector(
        const float* __restrict__ flat, float* __restrict__ packed, int count, int padded) {
    for (long long i = first(); i < padded; i += stride()) {
        packed[i] = i < count ? flat[i] : 0;
    }
}

// Weights of a scalar product, [c, h, w] to [h, w, c]. One thread for a packed value.
KERNEL pack_dot(
        const float* __restrict__ flat,
        float* __restrict__ packed,
        int channels,
        int height,
        int width,
        int padded) {
    int size = height * width;
    long long count = (long long) size * padded;
    for (long long i = first(); i < count; i += stride()) {
        long long pixel = i;
        int channel = split(&pixel, padded);
        packed[i] = channel < channels ? flat[(long long) channel * size + pixel] : 0;
    }
}
