// Standard normal noise with the bits of io.ebmstream.ops.sampler.GaussianNoise: Threefry-2x32 with
// 20 rounds (Salmon et al. 2011), then Box-Muller in single precision. Operation by operation as
// there: only IEEE additions, multiplications, divisions and square roots, none fused. Constants are
// floats wherever they are in Java.

struct Normals {
    float cosine;
    float sine;
};

struct Words {
    unsigned int first;
    unsigned int second;
};

INLINE void rotate(Words& x, int by) {
    x.first += x.second;
    x.second = ((x.second << by) | (x.second >> (32 - by))) ^ x.first;
}

INLINE void even(Words& x, unsigned int key0, unsigned int key1) {
    rotate(x, 13);
    rotate(x, 15);
    rotate(x, 26);
    rotate(x, 6);
    x.first += key0;
    x.second += key1;
}

INLINE void odd(Words& x, unsigned int key0, unsigned int key1) {
    rotate(x, 17);
    rotate(x, 29);
    rotate(x, 16);
    rotate(x, 24);
    x.first += key0;
    x.second += key1;
}

INLINE Words threefry(long long key, unsigned int step, unsigned int pair) {
    unsigned int k0 = (unsigned int) key;
    unsigned int k1 = (unsigned int) ((unsigned long long) key >> 32);
    unsigned int k2 = k0 ^ k1 ^ 0x1BD11BDAu;
    Words x;
    x.first = step + k0;
    x.second = pair + k1;
    even(x, k1, k2 + 1);
    odd(x, k2, k0 + 2);
    even(x, k0, k1 + 3);
    odd(x, k1, k2 + 4);
    even(x, k2, k0 + 5);
    return x;
}

// sqrt(-2 ln u), u = (word | 1) / 2^32.
INLINE float noise_radius(unsigned int word) {
    unsigned int odd_word = word | 1;
    int zeros = __clz((int) odd_word);
    // u = m 2^-(zeros + 1), m in [1, 2); m as an integer of 24 bits is a float without rounding.
    float mantissa = (float) (int) ((odd_word << zeros) >> 8);
    float middle = 1.4142135623730951f * 8388608.0f;
    float s = (mantissa - middle) / (mantissa + middle);
    float q = s * s;
    float series = 1.0f
            + q * (1.0f / 3.0f + q * (1.0f / 5.0f + q * (1.0f / 7.0f + q * (1.0f / 9.0f))));
    float ln2 = 0.6931471805599453f;
    return sqrtf(fabsf(ln2 * (2.0f * (float) zeros + 1.0f) - 4.0f * s * series));
}

// The two normals of a pair.
INLINE Normals normals(long long key, unsigned int step, unsigned int pair) {
    Words words = threefry(key, step, pair);
    float radius = noise_radius(words.first);
    // A quarter of the angle: (float) (pi / 2 / 2^32) times the word as a signed fraction of a turn.
    float t = 0x1.921fb6p-32f * (float) (int) words.second;
    float q = t * t;
    float sine = t
            * (1.0f
               - q * (1.0f / 6.0f
                      - q * (1.0f / 120.0f - q * (1.0f / 5040.0f - q * (1.0f / 362880.0f)))));
    float cosine = 1.0f
            - q * (1.0f / 2.0f
                   - q * (1.0f / 24.0f - q * (1.0f / 720.0f - q * (1.0f / 40320.0f))));
#pragma unroll
    for (int i = 0; i < 2; i++) {
        float s = sine;
        sine = 2.0f * s * cosine;
        cosine = 1.0f - 2.0f * s * s;
    }
    Normals result;
    result.cosine = cosine * radius;
    result.sine = sine * radius;
    return result;
}
