// Sums over the rows of x [rows, channels], in double, and batch normalisation, which is made of
// them. Rows are the pixels of all images. Sums have two stages, each in a fixed order.

#include "values.cuh"

struct Sums {
    double at[8];
};

INLINE Sums load_doubles(const double* values, int vector) {
    const double2* from = (const double2*) values + 4 * vector;
    double2 a = from[0];
    double2 b = from[1];
    double2 c = from[2];
    double2 d = from[3];
    return {{a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y}};
}

INLINE void store_doubles(double* values, long long vector, const Sums& x) {
    double2* to = (double2*) values + 4 * vector;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        double2 two;
        two.x = x.at[2 * i];
        two.y = x.at[2 * i + 1];
        to[i] = two;
    }
}

// The rows of a part, and the thread's channels in it: one thread for 8 channels of a part.
struct Part {
    int vector;
    long long from;
    long long to;
};

INLINE Part part(long long index, int rows, int vectors, int rowsPerPart) {
    Part result;
    result.vector = split(&index, vectors);
    result.from = index * rowsPerPart;
    result.to = min(result.from + rowsPerPart, (long long) rows);
    return result;
}

INLINE long long part_count(int rows, int rowsPerPart) {
    return ((long long) rows + rowsPerPart - 1) / rowsPerPart;
}

// parts[s, c] = sum of x[row, c] over the rows of part s.
KERNEL sum_channels(
        const T* __restrict__ x, double* __restrict__ parts, int rows, int padded, int rowsPerPart) {
    int vectors = padded / 8;
    long long count = part_count(rows, rowsPerPart) * vectors;
    for (long long i = first(); i < count; i += stride()) {
        Part mine = part(i, rows, vectors, rowsPerPart);
        Sums sums = {};
#pragma unroll 4
        for (long long row = mine.from; row < mine.to; row++) {
            Vector value = load(x, row * vectors + mine.vector);
#pragma unroll
            for (int c = 0; c < 8; c++) {
                sums.at[c] += (double) value.at[c];
            }
        }
        store_doubles(parts, i, sums);
    }
}

// parts[s, c] = sum of (x[row, c] - mean[c])^2 over the rows of part s.
KERNEL sum_squares(
        const T* __restrict__ x,
        const double* __restrict__ mean,
        double* __restrict__ parts,
        int rows,
        int padded,
        int rowsPerPart) {
    int vectors = padded / 8;
    long long count = part_count(rows, rowsPerPart) * vectors;
    for (long long i = first(); i < count; i += stride()) {
        Part mine = part(i, rows, vectors, rowsPerPart);
        Sums centre = load_doubles(mean, mine.vector);
        Sums sums = {};
#pragma unroll 4
        for (long long row = mine.from; row < mine.to; row++) {
            Vector value = load(x, row * vectors + mine.vector);
#pragma unroll
            for (int c = 0; c < 8; c++) {
                double difference = (double) value.at[c] - centre.at[c];
                sums.at[c] += difference * difference;
            }
        }
        store_doubles(parts, i, sums);
    }
}

// parts[s, c] = sum of dy[row, c] (x[row, c] - mean[c]) inverse[c] over the rows of part s.
KERNEL sum_products(
        const T* __restrict__ x,
        const T* __restrict__ dy,
        const double* __restrict__ mean,
        const double* __restrict__ inverse,
        double* __restrict__ parts,
        int rows,
        int padded,
        int rowsPerPart) {
    int vectors = padded / 8;
    long long count = part_count(rows, rowsPerPart) * vectors;
    for (long long i = first(); i < count; i += stride()) {
        Part mine = part(i, rows, vectors, rowsPerPart);
        Sums centre = load_doubles(mean, mine.vector);
        Sums sums = {};
#pragma unroll 2
        for (long long row = mine.from; row < mine.to; row++) {
            Vector value = load(x, row * vectors + mine.vector);
            Vector d = load(dy, row * vectors + mine.vector);
#pragma unroll
            for (int c = 0; c < 8; c++) {
                sums.at[c] += (double) d.at[c] * ((double) value.at[c] - centre.at[c]);
            }
        }
        Sums factor = load_doubles(inverse, mine.vector);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            sums.at[c] *= factor.at[c];
        }
        store_doubles(parts, i, sums);
    }
}

// sums[c] = sum over s of parts[s, c], divided. One block of 256 for 8 channels: a thread for every
// 32nd part of a channel, because thousands of parts one after the other would take longer than what
// made them.
KERNEL finish_sums(
        const double* __restrict__ parts,
        double* __restrict__ sums,
        int padded,
        int parts_count,
        int divisor) {
    __shared__ double lanes[256];
    int channel = threadIdx.x % 8;
    int lane = threadIdx.x / 8;
    int c = 8 * (int) blockIdx.x + channel;
    double sum = 0;
#pragma unroll 8
    for (int s = lane; s < parts_count; s += 32) {
        sum += parts[(long long) s * padded + c];
    }
    lanes[threadIdx.x] = sum;
    __syncthreads();
    if (lane == 0) {
        sum = 0;
#pragma unroll
        for (int l = 0; l < 32; l++) {
            sum += lanes[8 * l + channel];
        }
        sums[c] = sum / divisor;
    }
}

// 1 / sqrt(variance + epsilon). One thread for a channel.
KERNEL inverse_deviation(
        const double* __restrict__ variance, double* __restrict__ inverse, float epsilon, int padded) {
    for (long long c = first(); c < padded; c += stride()) {
        inverse[c] = 1 / sqrt(variance[c] + (double) epsilon);
    }
}

// y = scale (x - mean) inverse + shift. One thread for 8 channels of a row. Factors are made in
// double and rounded once. y may be x.
KERNEL normalize(
        const T* x,
        const double* __restrict__ mean,
        const double* __restrict__ inverse,
        const float* __restrict__ scale,
        const float* __restrict__ shift,
        T* y,
        long long vectors,
        int padded) {
    for (long long i = first(); i < vectors; i += stride()) {
        long long row = i;
        int vector = split(&row, padded / 8);
        Vector value = load(x, i);
        Vector by = load_floats(scale, vector);
        Vector plus = load_floats(shift, vector);
        Sums centre = load_doubles(mean, vector);
        Sums factor = load_doubles(inverse, vector);
#pragma unroll
        for (int c = 0; c < 8; c++) {
            float times = (float) ((double) by.at[c] * factor.at[c]);
            value.at[c] = (value.at[c] - (float) centre.at[c]) * times + plus.at[c];
        }
        store(y, i, value);
    }
}

// The gradient by x, u = (x - mean) inverse, sums over all rows:
//     dx = scale inverse (dy - sumDy / rows - u sumDyXhat / rows)
// rows 0: mean and inverse are constants, dx = scale inverse dy; x, mean and the sums are not read.
// One thread for 8 channels of a row. dx may be dy.
KERNEL normalize_back(
        const T* __restrict__ x,
        const T* dy,
        const double* __restrict__ mean,
        const double* __restrict__ inverse,
        const float* __restrict__ scale,
        const double* __restrict__ sumDy,
        const double* __restrict__ sumDyXhat,
        T* dx,
        long long vectors,
        int padded,
        int rows) {
    for (long long i = first(); i < vectors; i += stride()) {
        long long row = i;
        int vector = split(&row, padded / 8);
        Vector d = load(dy, i);
        Vector by = load_floats(scale, vector);
        Sums factor = load_doubles(inverse, vector);
        if (rows > 0) {
            // One division for all: divisions in double are slow.
            double share = 1.0 / rows;
            Vector value = load(x, i);
            Sums centre = load_doubles(mean, vector);
            Sums sum = load_doubles(sumDy, vector);
            Sums product = load_doubles(sumDyXhat, vector);
#pragma unroll
            for (int c = 0; c < 8; c++) {
                float along = (float) (product.at[c] * factor.at[c] * share);
                d.at[c] -= (float) (sum.at[c] * share);
                d.at[c] -= (value.at[c] - (float) centre.at[c]) * along;
            }
        }
#pragma unroll
        for (int c = 0; c < 8; c++) {
            d.at[c] *= (float) ((double) by.at[c] * factor.at[c]);
        }
        store(dx, i, d);
    }
}

// gradient[i] += sums[i]. One thread for a value.
KERNEL add_sums(const double* __restrict__ sums, float* __restrict__ gradient, int count) {
    for (long long i = first(); i < count; i += stride()) {
        gradient[i] += (float) sums[i];
    }
}
