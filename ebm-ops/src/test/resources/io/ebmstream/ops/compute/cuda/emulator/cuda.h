// What the kernels use of CUDA C++ and C++ has not, for running them on the CPU.

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__ HIDDEN
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(threads)
// One block runs at a time on a thread of the CPU.
#define __shared__ static thread_local

struct alignas(16) uint4 {
    unsigned int x, y, z, w;
};

struct alignas(16) float4 {
    float x, y, z, w;
};

struct alignas(16) double2 {
    double x, y;
};

struct Index {
    unsigned int x, y, z;
};

// Not static: a barrier changes them by a jump to another stack, of which the compiler knows nothing.
#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN thread_local Index threadIdx;
HIDDEN thread_local Index blockIdx;
HIDDEN thread_local Index blockDim;
HIDDEN thread_local Index gridDim;

HIDDEN void __syncthreads();

static inline int min(int a, int b) {
    return a < b ? a : b;
}

static inline long long min(long long a, long long b) {
    return a < b ? a : b;
}

static inline int max(int a, int b) {
    return a > b ? a : b;
}

static inline int __clz(int value) {
    return value == 0 ? 32 : __builtin_clz((unsigned int) value);
}

static inline float __uint_as_float(unsigned int bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline unsigned int __float_as_uint(float value) {
    unsigned int bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
