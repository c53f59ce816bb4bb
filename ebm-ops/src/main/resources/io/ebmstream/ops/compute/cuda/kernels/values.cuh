// Values of tensors: bfloat16 (EBM_BF16 is 1) or float32, in the order [n, h, w, c], the channels
// padded with zeros to a multiple of 8. A vector is 8 channels: 16 bytes of bfloat16, 32 of float32.
//
// All arithmetic is float32 or double, and bfloat16 is rounded in integers, so that every compiler
// and device gives the same bits. No headers are included: NVRTC has none unless one installs them.

#if EBM_BF16
typedef unsigned short T;
#else
typedef float T;
#endif

// Every kernel runs in blocks of 256 threads; kernels that go over elements take any number of them.
#define KERNEL extern "C" __global__ void __launch_bounds__(256)
#define INLINE static __device__ __forceinline__

// Always indexed by constants, so that it lives in registers.
struct Vector {
    float at[8];
};

// Index of the thread in the grid, and how many there are. 64 bits: 4,096 images of 128x128 in 64
// channels are 2^32 values.
INLINE long long first() {
    return (long long) blockIdx.x * blockDim.x + threadIdx.x;
}

INLINE long long stride() {
    return (long long) gridDim.x * blockDim.x;
}

// Splits an index: returns index / size and leaves index % size. Divisions of 64 bits are many
// times as slow as of 32, and almost no index needs them.
INLINE int split(long long* index, int size) {
    long long n = *index;
    long long quotient =
            n >> 32 == 0 ? (long long) ((unsigned int) n / (unsigned int) size) : n / size;
    *index = quotient;
    return (int) (n - quotient * size);
}

INLINE float widen(T value) {
#if EBM_BF16
    return __uint_as_float((unsigned int) value << 16);
#else
    return value;
#endif
}

// Rounds to nearest, ties to even. NaN stays NaN: rounding alone could carry it to infinity.
INLINE T narrow(float value) {
#if EBM_BF16
    unsigned int bits = __float_as_uint(value);
    unsigned int rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    return (T) ((bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded);
#else
    return value;
#endif
}

INLINE Vector load_floats(const float* values, long long vector) {
    const float4* from = (const float4*) values + 2 * vector;
    float4 low = from[0];
    float4 high = from[1];
    return {{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
}

INLINE Vector load(const T* values, long long vector) {
#if EBM_BF16
    uint4 word = ((const uint4*) values)[vector];
    return {{
            __uint_as_float(word.x << 16), __uint_as_float(word.x & 0xFFFF0000u),
            __uint_as_float(word.y << 16), __uint_as_float(word.y & 0xFFFF0000u),
            __uint_as_float(word.z << 16), __uint_as_float(word.z & 0xFFFF0000u),
            __uint_as_float(word.w << 16), __uint_as_float(word.w & 0xFFFF0000u)}};
#else
    return load_floats(values, vector);
#endif
}

#if EBM_BF16
INLINE unsigned int narrow_two(float low, float high) {
    return (unsigned int) narrow(low) | (unsigned int) narrow(high) << 16;
}
#endif

INLINE void store(T* values, long long vector, const Vector& x) {
#if EBM_BF16
    uint4 word;
    word.x = narrow_two(x.at[0], x.at[1]);
    word.y = narrow_two(x.at[2], x.at[3]);
    word.z = narrow_two(x.at[4], x.at[5]);
    word.w = narrow_two(x.at[6], x.at[7]);
    ((uint4*) values)[vector] = word;
#else
    float4 low;
    low.x = x.at[0];
    low.y = x.at[1];
    low.z = x.at[2];
    low.w = x.at[3];
    float4 high;
    high.x = x.at[4];
    high.y = x.at[5];
    high.z = x.at[6];
    high.w = x.at[7];
    float4* to = (float4*) values + 2 * vector;
    to[0] = low;
    to[1] = high;
#endif
}

INLINE float leaky(float value, float slope) {
    return value > 0 ? value : slope * value;
}
