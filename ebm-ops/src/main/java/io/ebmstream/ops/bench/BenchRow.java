package io.ebmstream.ops.bench;

/**
 * What was measured. Rates are medians over rounds; a round measures the Langevin loop between two
 * runs of the matrix product, so that both see the same load of the machine.
 *
 * @param network name of the network
 * @param executor name of the executor
 * @param precision number format
 * @param batch chains that moved together
 * @param part images that a worker took at once
 * @param workers threads
 * @param imageStepsPerSecond images times Langevin steps per second, noise and update included
 * @param gflops the same in 10^9 floating point operations per second of the network
 * @param matmulGflops rate of the matrix product on the same threads, one product for each
 * @param matmulShare median over rounds of the loop's rate divided by the product's
 * @param cpuShare the same from the CPU time that the workers used: other processes and waits
 *     between workers left out, so it holds on a busy machine too
 * @param heapBytesPerStep Java heap that one more step of the whole batch allocates in the workers
 * @param rounds number of rounds
 */
public record BenchRow(
        String network,
        String executor,
        String precision,
        int batch,
        int part,
        int workers,
        double imageStepsPerSecond,
        double gflops,
        double matmulGflops,
        double matmulShare,
        double cpuShare,
        double heapBytesPerStep,
        int rounds) {}
