// Convolutions as their definition reads, products and sums in float32; the innermost loop goes over
// channels, which lie side by side.

namespace convolution {

struct Spec {
    int pass;
    int tf32;
    int images;
    int height;
    int width;
    int channels;
    int filters;
    int kernel_height;
    int kernel_width;
    int stride;
    int padding;
    int epilogue;
    int result_height;
    int result_width;
};

// The upper 11 bits of the significand, rounded to nearest, ties to even.
static float tf32(float value) {
    unsigned int bits = __float_as_uint(value);
    if ((bits & 0x7F800000u) == 0x7F800000u) {
        return value;
    }
    return __uint_as_float((bits + 0xFFFu + ((bits >> 13) & 1u)) & ~0x1FFFu);
}

static std::vector<float> operands(const Spec& s, const values::T* from, size_t count) {
    std::vector<float> to(count);
    for (size_t i = 0; i < count; i++) {
        float value = values::widen(from[i]);
        to[i] = s.tf32 ? tf32(value) : value;
    }
    return to;
}

// sum[k] += factor * row[k]
static inline void accumulate(
        float* __restrict__ sum, float factor, const float* __restrict__ row, int count) {
    for (int k = 0; k < count; k++) {
        sum[k] += factor * row[k];
    }
}

static void forward(
        const Spec& s,
        float slope,
        const values::T* x_values,
        const values::T* w_values,
        values::T* y,
        const float* bias) {
    int taps = s.kernel_height * s.kernel_width;
    std::vector<float> x =
            operands(s, x_values, (size_t) s.images * s.height * s.width * s.channels);
    std::vector<float> w = operands(s, w_values, (size_t) s.filters * taps * s.channels);
    // [tap, c, o]
    std::vector<float> turned(w.size());
    for (int o = 0; o < s.filters; o++) {
        for (int k = 0; k < taps * s.channels; k++) {
            turned[(size_t) k * s.filters + o] = w[(size_t) o * taps * s.channels + k];
        }
    }
    std::vector<float> sum(s.filters);
    for (int n = 0; n < s.images; n++) {
        for (int i = 0; i < s.result_height; i++) {
            for (int j = 0; j < s.result_width; j++) {
                std::fill(sum.begin(), sum.end(), 0.0f);
                for (int tap = 0; tap < taps; tap++) {
                    int row = i * s.stride + tap / s.kernel_width - s.padding;
                    int column = j * s.stride + tap % s.kernel_width - s.padding;
                    if (row < 0 || row >= s.height || column < 0 || column >= s.width) {
                        continue;
                    }
                    const float* from =
                            &x[(((size_t) n * s.height + row) * s.width + column) * s.channels];
                    for (int c = 0; c < s.channels; c++) {
                        accumulate(
                                sum.data(),
                                from[c],
                                &turned[((size_t) tap * s.channels + c) * s.filters],
                                s.filters);
                    }
                }
                values::T* to = y
                        + (((size_t) n * s.result_height + i) * s.result_width + j) * s.filters;
                for (int o = 0; o < s.filters; o++) {
                    float value = sum[o];
                    if (s.epilogue) {
                        value = values::leaky(value + bias[o], slope);
                    }
                    to[o] = values::narrow(value);
                }
            }
        }
    }
}

static void input_gradient(
        const Spec& s,
        float slope,
        values::T* gx,
        const values::T* w_values,
        const values::T* gy_values,
        const values::T* activation) {
    int taps = s.kernel_height * s.kernel_width;
    std::vector<float> w = operands(s, w_values, (size_t) s.filters * taps * s.channels);
    std::vector<float> gy = operands(
            s, gy_values, (size_t) s.images * s.result_height * s.result_width * s.filters);
    std::vector<float> sum(s.channels);
    for (int n = 0; n < s.images; n++) {
        for (int r = 0; r < s.height; r++) {
            for (int t = 0; t < s.width; t++) {
                std::fill(sum.begin(), sum.end(), 0.0f);
                for (int tap = 0; tap < taps; tap++) {
                    int row = r + s.padding - tap / s.kernel_width;
                    int column = t + s.padding - tap % s.kernel_width;
                    if (row < 0 || column < 0 || row % s.stride != 0 || column % s.stride != 0
                        || row / s.stride >= s.result_height
                        || column / s.stride >= s.result_width) {
                        continue;
                    }
                    size_t pixel = ((size_t) n * s.result_height + row / s.stride)
                                    * s.result_width
                            + column / s.stride;
                    for (int o = 0; o < s.filters; o++) {
                        accumulate(
                                sum.data(),
                                gy[pixel * s.filters + o],
                                &w[((size_t) o * taps + tap) * s.channels],
                                s.channels);
                    }
                }
                size_t to = (((size_t) n * s.height + r) * s.width + t) * s.channels;
                for (int c = 0; c < s.channels; c++) {
                    bool passes = !s.epilogue || values::widen(activation[to + c]) > 0;
                    gx[to + c] = values::narrow(passes ? sum[c] : sum[c] * slope);
                }
            }
        }
    }
}

static void weight_gradient(
        const Spec& s, const values::T* x_values, float* gw, const values::T* gy_values) {
    int taps = s.kernel_height * s.kernel_width;
    std::vector<float> x =
            operands(s, x_values, (size_t) s.images * s.height * s.width * s.channels);
    std::vector<float> gy = operands(
            s, gy_values, (size_t) s.images * s.result_height * s.result_width * s.filters);
    size_t size = (size_t) s.filters * taps * s.channels;
    std::fill(gw, gw + size, 0.0f);
    // A sum for each image first: long sums in float32 lose digits.
    std::vector<float> sum(size);
    for (int n = 0; n < s.images; n++) {
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (int i = 0; i < s.result_height; i++) {
            for (int j = 0; j < s.result_width; j++) {
                const float* g =
                        &gy[(((size_t) n * s.result_height + i) * s.result_width + j) * s.filters];
                for (int tap = 0; tap < taps; tap++) {
                    int row = i * s.stride + tap / s.kernel_width - s.padding;
                    int column = j * s.stride + tap % s.kernel_width - s.padding;
                    if (row < 0 || row >= s.height || column < 0 || column >= s.width) {
                        continue;
                    }
                    const float* from =
                            &x[(((size_t) n * s.height + row) * s.width + column) * s.channels];
                    for (int o = 0; o < s.filters; o++) {
                        accumulate(
                                &sum[((size_t) o * taps + tap) * s.channels],
                                g[o],
                                from,
                                s.channels);
                    }
                }
            }
        }
        accumulate(gw, 1.0f, sum.data(), (int) size);
    }
}

}  // namespace convolution

extern "C" void convolve(
        const int* numbers, float slope, void* x, void* w, void* y, const void* extra) {
    convolution::Spec s;
    memcpy(&s, numbers, sizeof s);
    typedef values::T T;
    if (s.pass == 0) {
        convolution::forward(s, slope, (const T*) x, (const T*) w, (T*) y, (const float*) extra);
    } else if (s.pass == 1) {
        convolution::input_gradient(s, slope, (T*) x, (const T*) w, (const T*) y, (const T*) extra);
    } else {
        convolution::weight_gradient(s, (const T*) x, (float*) w, (const T*) y);
    }
}
