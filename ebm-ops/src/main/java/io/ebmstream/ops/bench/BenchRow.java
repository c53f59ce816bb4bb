package io.ebmstream.ops.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What was measured. Rates are medians over rounds. In a round everyone who takes part runs once, a
 * matrix product on the same threads before each, so that all see the same load of the machine.
 *
 * @param network name of the network; of an update, with {@code " update"} behind it
 * @param executor name of the executor or peer
 * @param precision number format
 * @param batch chains that moved together; of an update, images on each side
 * @param workers threads
 * @param imageStepsPerSecond images times runs of the work per second: Langevin steps, noise and
 *     update of the pixels included, or images through an update
 * @param gflops the same in 10^9 nominal floating point operations per second of the network
 * @param matmulShare median over rounds of that rate divided by the matrix product's. The network's
 *     operations are nominal: an executor that needs fewer, because it computes a convolution and
 *     the pool behind it in one, may pass 1
 * @param heapBytesPerStep Java heap that one more run of the work allocates. Where a single run
 *     takes very long it is what one call allocates, an upper bound
 * @param peakNativeBytes how much the process's resident memory grew at most from before plans were
 *     built to after the first run, freed memory given back to the system before; null where the
 *     system does not tell. Pages of the Java heap that are touched for the first time count too
 * @param work {@code langevin} or {@code update}
 * @param layout order of a peer's tensors; null for executors, which choose their own
 * @param part images that a worker took at once; the whole batch for a peer
 * @param matmulGflops rate of the matrix product in that precision, one product for each worker
 * @param cpuShare {@code matmulShare} from the CPU time that the process used: other processes and
 *     waits left out, so it holds on a busy machine too
 * @param millis time of one run of the work on the whole batch in milliseconds
 * @param ratioToPeer median over rounds of the rate divided by that of libtorch in its best layout
 *     and the same precision; null without libtorch
 * @param rounds number of rounds
 */
@JsonPropertyOrder({
    "network",
    "executor",
    "precision",
    "batch",
    "workers",
    "img_steps_per_second",
    "gflops",
    "matmul_share",
    "heap_bytes_per_step",
    "peak_native_bytes",
    "work",
    "layout",
    "part",
    "matmul_gflops",
    "cpu_share",
    "millis",
    "ratio_to_libtorch",
    "rounds"
})
public record BenchRow(
        String network,
        String executor,
        String precision,
        int batch,
        int workers,
        @JsonProperty("img_steps_per_second") double imageStepsPerSecond,
        double gflops,
        @JsonProperty("matmul_share") double matmulShare,
        @JsonProperty("heap_bytes_per_step") double heapBytesPerStep,
        @JsonProperty("peak_native_bytes") Long peakNativeBytes,
        String work,
        String layout,
        int part,
        @JsonProperty("matmul_gflops") double matmulGflops,
        @JsonProperty("cpu_share") double cpuShare,
        double millis,
        @JsonProperty("ratio_to_libtorch") Double ratioToPeer,
        int rounds) {}
