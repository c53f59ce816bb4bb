package io.ebmstream.job.compute;

import io.ebmstream.ops.compute.Device;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GPU that Flink's external resources assign to a subtask. Flink gives a task manager some GPUs
 * ({@code external-resource.gpu.amount}), each with its {@code index}, and tells all of them to
 * every subtask there; the subtasks share them out by their numbers. Stateless, thread-safe.
 */
public final class AssignedGpu {
    /** What Flink's GPU driver calls a device's index. */
    static final String INDEX = "index";

    private static final Logger LOG = LoggerFactory.getLogger(AssignedGpu.class);

    private AssignedGpu() {}

    /**
     * The device for a subtask.
     *
     * @param resource name of the external resource
     * @return the CPU if Flink has no such resource here
     * @throws IllegalStateException if a resource has no index or one that is no number
     */
    public static Device of(RuntimeContext context, String resource) {
        int subtask = context.getTaskInfo().getIndexOfThisSubtask();
        Device device = choose(context.getExternalResourceInfos(resource), resource, subtask);
        LOG.info(
                "{} computes on {} (external resource {})",
                context.getTaskInfo().getTaskNameWithSubtasks(),
                device,
                resource);
        return device;
    }

    static Device choose(
            Collection<? extends ExternalResourceInfo> infos, String resource, int subtask) {
        List<Integer> indices = new ArrayList<>();
        for (ExternalResourceInfo info : infos) {
            indices.add(index(info, resource));
        }
        if (indices.isEmpty()) {
            return Device.CPU;
        }
        indices.sort(null);
        return Device.gpu(indices.get(subtask % indices.size()));
    }

    private static int index(ExternalResourceInfo info, String resource) {
        String found = info.getProperty(INDEX).orElse("none");
        if (!found.matches("\\d{1,6}")) {
            throw new IllegalStateException(
                    "expected a device number as property "
                            + INDEX
                            + " of Flink's external resource "
                            + resource
                            + ", found "
                            + found
                            + "; use a driver for it that sets one, such as Flink's GPUDriverFactory,"
                            + " or name another resource in ebm.compute.gpu-resource");
        }
        return Integer.parseInt(found);
    }
}
