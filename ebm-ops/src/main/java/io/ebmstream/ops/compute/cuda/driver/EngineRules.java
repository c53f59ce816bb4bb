package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.Precision;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.cuda.global.cudnn;

/**
 * Which of cuDNN's engines may compute a convolution, by what cuDNN notes about them. None whose
 * result changes between runs, sums in less than float32, or transforms tiles or frequencies, whose
 * rounding is not that of a sum. No tensor cores on float32 values but where TF32 was asked for.
 */
final class EngineRules {
    private static final Set<Integer> NEVER =
            Set.of(
                    cudnn.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC,
                    cudnn.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
                    cudnn.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
                    cudnn.CUDNN_NUMERICAL_NOTE_FFT,
                    cudnn.CUDNN_NUMERICAL_NOTE_WINOGRAD,
                    cudnn.CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4,
                    cudnn.CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6,
                    cudnn.CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13);

    private static final Set<Precision> WITH_TENSOR_CORES =
            EnumSet.of(Precision.TF32, Precision.BFLOAT16);

    private EngineRules() {}

    /**
     * @param notes CUDNN_NUMERICAL_NOTE_.. of an engine
     */
    static boolean allows(List<Integer> notes, Precision precision) {
        return notes.stream().noneMatch(NEVER::contains)
                && (WITH_TENSOR_CORES.contains(precision)
                        || !notes.contains(cudnn.CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
    }

    /**
     * Whether an engine's setting gives every image the same order of summation: sums that are
     * dealt out by their place among all tiles (stream-K) do not.
     *
     * @param knobs value by CUDNN_KNOB_TYPE_..
     */
    static boolean isFairToSlots(Map<Integer, Long> knobs) {
        return knobs.getOrDefault(cudnn.CUDNN_KNOB_TYPE_STREAM_K, 0L) == 0;
    }
}
