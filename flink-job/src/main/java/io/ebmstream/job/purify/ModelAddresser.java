package io.ebmstream.job.purify;

import org.apache.flink.api.common.functions.RichMapFunction;

/**
 * Writes its own subtask's index on every model that reaches it.
 *
 * <p>Each subtask of this function receives every model by broadcast and sends it on to the
 * purifier's subtask of the same index ({@link ToTarget}). The detour keeps the broadcast edge away
 * from the purifier: Flink takes unaligned checkpoints away from every input of an operator that
 * has a broadcast or pointwise one, and an aligned barrier would wait behind every image that is
 * queued for purification.
 */
public final class ModelAddresser extends RichMapFunction<ModelDelivery, ModelDelivery> {
    private static final long serialVersionUID = 1L;

    @Override
    public ModelDelivery map(ModelDelivery model) {
        return model.to(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
    }
}
