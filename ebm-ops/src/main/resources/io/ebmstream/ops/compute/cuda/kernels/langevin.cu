// One step of Langevin dynamics for each image: io.ebmstream.ops.sampler.LangevinStep with the noise
// of io.ebmstream.ops.sampler.GaussianNoise, in one kernel.

#include "values.cuh"
#include "total.cuh"
#include "noise.cuh"

struct Step {
    float energyFactor;
    float decay;
    float stepSize;
    // What d is scaled with to keep its norm below the largest.
    float scale;
    // energyFactor * scale.
    float factor;
};

// x - d + eps xi, in the order of LangevinStep.move; which has a form of its own without decay.
INLINE float moved(float x, float gradient, float noise, const Step& step) {
    if (step.decay == 0) {
        return x - step.factor * gradient + step.stepSize * noise;
    }
    float d = step.energyFactor * gradient + step.decay * x;
    return x - step.scale * d + step.stepSize * noise;
}

INLINE double squared_drift(float x, float gradient, const Step& step) {
    double d = (double) (step.energyFactor * gradient + step.decay * x);
    return d * d;
}

// Where an image lies.
struct Image {
    float* x;
    const T* gradient;
    T* packed;
    long long key;
    unsigned int step;
    int channels;
    int size;
    int padded;
};

// Images whose pixels have few channels, known to the compiler, so that a pixel's gradient is read,
// and its values are written, at once. Blocks of 512 pixels must not reach from one channel into the
// next: there is only one, or size is a multiple of 512.
template <int CHANNELS>
INLINE double drift_by_pixel(const Image& image, const Step& step) {
    double sum = 0;
    for (int at = threadIdx.x; at < image.size; at += 256) {
        Vector gradient = load(image.gradient, at);
#pragma unroll
        for (int c = 0; c < CHANNELS; c++) {
            sum += squared_drift(image.x[c * image.size + at], gradient.at[c], step);
        }
    }
    return sum;
}

template <int CHANNELS>
INLINE void move_by_pixel(const Image& image, const Step& step) {
    for (int at = threadIdx.x; at < image.size; at += 512) {
        int next = at + 256;
        bool two = next < image.size;
        Vector gradient = load(image.gradient, at);
        Vector next_gradient = {};
        if (two) {
            next_gradient = load(image.gradient, next);
        }
        Vector value = {};
        Vector next_value = {};
#pragma unroll
        for (int c = 0; c < CHANNELS; c++) {
            float* x = image.x + c * image.size;
            unsigned int pair = (unsigned int) (c * image.size + at - (int) threadIdx.x) / 2;
            Normals noise = normals(image.key, image.step, pair + threadIdx.x);
            value.at[c] = moved(x[at], gradient.at[c], noise.cosine, step);
            x[at] = value.at[c];
            if (two) {
                next_value.at[c] = moved(x[next], next_gradient.at[c], noise.sine, step);
                x[next] = next_value.at[c];
            }
        }
        store(image.packed, at, value);
        if (two) {
            store(image.packed, next, next_value);
        }
    }
}

// Any image, value by value in the order of x.
INLINE int place(const Image& image, int value) {
    int channel = value / image.size;
    return (value - channel * image.size) * image.padded + channel;
}

INLINE double drift_by_value(const Image& image, const Step& step) {
    double sum = 0;
    for (int i = threadIdx.x; i < image.channels * image.size; i += 256) {
        sum += squared_drift(image.x[i], widen(image.gradient[place(image, i)]), step);
    }
    return sum;
}

INLINE void move_value(const Image& image, int i, float noise, const Step& step) {
    int to = place(image, i);
    float x = moved(image.x[i], widen(image.gradient[to]), noise, step);
    image.x[i] = x;
    image.packed[to] = narrow(x);
}

INLINE void move_by_value(const Image& image, const Step& step) {
    int count = image.channels * image.size;
    for (int i = threadIdx.x; i < count; i += 512) {
        unsigned int pair = (unsigned int) (i - (int) threadIdx.x) / 2;
        Normals noise = normals(image.key, image.step, pair + threadIdx.x);
        move_value(image, i, noise.cosine, step);
        if (i + 256 < count) {
            move_value(image, i + 256, noise.sine, step);
        }
    }
}

// config = {energyFactor, decay, stepSize, maxNorm}, maxNorm 0: none. keys: Threefry.derive(seed,
// chain) of each image. x is float32 [c, h, w]; gradient and packed are values, whose pads are 0.
// displacement = |d| after clipping. At the end steps[i] is one more. One block for an image.
KERNEL langevin(
        float* x,
        const T* gradient,
        T* packed,
        const long long* __restrict__ keys,
        int* steps,
        const float* __restrict__ config,
        float* __restrict__ displacement,
        int channels,
        int height,
        int width,
        int padded) {
    long long index = blockIdx.x;
    Image image;
    image.channels = channels;
    image.size = height * width;
    image.padded = padded;
    image.x = x + index * channels * image.size;
    image.gradient = gradient + index * image.size * padded;
    image.packed = packed + index * image.size * padded;
    image.key = keys[index];
    // Once, here: one thread counts the step on at the end, while others may not have finished. A
    // compiler that takes nobody else for a writer could read it again, or later.
    image.step = (unsigned int) *(volatile int*) (steps + index);

    Step step;
    step.energyFactor = config[0];
    step.decay = config[1];
    step.stepSize = config[2];
    step.scale = 1;
    double largest = (double) config[3];

    bool three = padded == 8 && channels == 3 && image.size % 512 == 0;
    bool one = padded == 8 && channels == 1;
    double squares;
    if (three) {
        squares = drift_by_pixel<3>(image, step);
    } else if (one) {
        squares = drift_by_pixel<1>(image, step);
    } else {
        squares = drift_by_value(image, step);
    }
    double norm = sqrt(total(squares));
    if (largest > 0 && norm > largest) {
        step.scale = (float) (largest / norm);
        norm = largest;
    }
    step.factor = step.energyFactor * step.scale;

    if (three) {
        move_by_pixel<3>(image, step);
    } else if (one) {
        move_by_pixel<1>(image, step);
    } else {
        move_by_value(image, step);
    }
    // All have read the step: it came before the barriers of the norm.
    if (threadIdx.x == 0) {
        displacement[index] = (float) norm;
        steps[index] = (int) (image.step + 1);
    }
}
