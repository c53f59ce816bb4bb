// The sum of a value of each thread of a block of 256, for all of them, always in the same order.

// Every thread of the block calls it; a call may follow another at once.
INLINE double total(double value) {
    __shared__ double values[256];
    __shared__ double partial[16];
    int thread = threadIdx.x;
    values[thread] = value;
    __syncthreads();
    if (thread < 16) {
        double sum = 0;
#pragma unroll
        for (int i = 0; i < 16; i++) {
            // Threads read neighbours: no two of them the same bank of the memory.
            sum += values[16 * i + thread];
        }
        partial[thread] = sum;
    }
    // Between the two barriers only the first threads read values, so the next call may write them
    // after this one; and partial is written again only behind the next call's first barrier.
    __syncthreads();
    double sum = 0;
#pragma unroll
    for (int i = 0; i < 16; i++) {
        sum += partial[i];
    }
    return sum;
}
