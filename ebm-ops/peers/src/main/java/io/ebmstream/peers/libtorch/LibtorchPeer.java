package io.ebmstream.peers.libtorch;

import io.ebmstream.ops.bench.Peer;
import java.util.List;
import org.bytedeco.pytorch.global.torch;

/**
 * Libtorch on the CPU: eager, with autograd, weights and activations in the asked precision, pixels
 * and gradients by weights in float32, as the executors have it. It uses as many intra-op threads
 * as there are workers. Memory is freed after every run of the work: nothing waits for the garbage
 * collector.
 */
public final class LibtorchPeer implements Peer {
    static final String NCHW = "nchw";
    static final String CHANNELS_LAST = "channels_last";

    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public List<String> layouts() {
        return List.of(NCHW, CHANNELS_LAST);
    }

    @Override
    public Run langevin(Task task) {
        torch.set_num_threads(task.workers());
        return new LibtorchLangevin(task);
    }

    @Override
    public Run update(Task task) {
        torch.set_num_threads(task.workers());
        return new LibtorchUpdate(task);
    }
}
