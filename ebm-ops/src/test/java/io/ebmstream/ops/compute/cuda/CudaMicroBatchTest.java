package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.RandomNetworks;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import io.ebmstream.ops.energy.SnganGenerator;
import io.ebmstream.ops.energy.WideResNet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract in float32, in micro-batches of two images over two lanes, on a GPU that computes
 * convolutions only, and what stands before or behind them apart.
 */
class CudaMicroBatchTest extends ExecutorContractTest {
    private static EmulatedGpu gpu;

    @BeforeAll
    static void open() {
        gpu = EmulatedGpu.builder().fuses(false, false).open();
    }

    /** Fails if memory, streams or graphs were left open. */
    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Override
    protected Executor executor() {
        return new CudaExecutor(gpu, 2, 2);
    }

    /** One of each kind: all of them run in {@link CudaFloat32Test}. */
    @Override
    protected List<Network> networks() {
        return List.of(
                Light32.of(new ImageShape(3, 28, 28), 2),
                Light32.of(new ImageShape(1, 16, 16), 16),
                TestArrays.linear(3, 8),
                TestArrays.odd(),
                Sngan.of32(new ImageShape(3, 16, 16), 3),
                RandomNetworks.energy(22));
    }

    @Override
    protected List<Network> graphs() {
        List<Network> graphs =
                new ArrayList<>(
                        List.of(
                                SnganGenerator.of32(new ImageShape(3, 32, 32), 16, 5),
                                Autoencoder.encoder(new ImageShape(3, 32, 32), 2),
                                WideResNet.of(new ImageShape(1, 28, 28), 16, 2, 3, 2)));
        for (int seed = 1; seed <= 12; seed++) {
            graphs.add(RandomNetworks.of(seed));
        }
        return graphs;
    }
}
