package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of a compiled network. In inference they are alike, each for micro-batches of the same
 * size. Where the memory is too small for a further one, there are fewer; where it is too small for
 * the first one, micro-batches are halved: that is logged and counted. In training mode there are
 * lanes for the sizes of batch that were asked for last, and too little memory is an error. Not
 * thread-safe.
 */
final class Lanes implements AutoCloseable {
    /** Sizes of batch that training mode keeps lanes for. */
    private static final int SIZES = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final Network network;
    private final Topology topology;
    private final Precision precision;
    private final Mode mode;
    private final Gpu gpu;
    private final Micro micro;
    private final Kernels kernels;
    private final GpuStream stream;
    private final DeviceParameters parameters;
    private final Convolutions convolutions;
    private final List<Lane> lanes = new ArrayList<>();
    private int size;
    private int most;

    /** Something to do with a lane for the images from {@code first} on. */
    @FunctionalInterface
    interface Work {
        void run(Lane lane, int first, int n);
    }

    Lanes(Network network, int batch, Precision precision, Mode mode, Gpu gpu, Micro micro) {
        this.network = network;
        this.topology = new Topology(network);
        this.precision = precision;
        this.mode = mode;
        this.gpu = gpu;
        this.micro = micro;
        this.size = Math.min(batch, micro.images());
        this.most = micro.lanes();
        this.kernels = new Kernels(gpu, precision);
        this.convolutions = new Convolutions(gpu);
        this.stream = gpu.newStream();
        try {
            this.parameters = new DeviceParameters(network, topology, precision, gpu, kernels);
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    void setParameters(INDArray vector) {
        parameters.load(vector, stream);
    }

    /** Images of a micro-batch of a call on n images. */
    int micro(int n) {
        return mode == Mode.TRAINING ? n : size;
    }

    /** Lanes that there are. */
    int count() {
        return lanes.size();
    }

    /**
     * One lane for a call on n images, made ready.
     *
     * @param prepare builds what the call needs
     * @throws GpuOutOfMemoryException if not even one image fits, or in training the batch
     */
    Lane first(int n, Consumer<Lane> prepare) {
        if (mode == Mode.TRAINING) {
            return training(n, prepare);
        }
        while (true) {
            try {
                if (lanes.isEmpty()) {
                    lanes.add(lane(size));
                }
                prepare.accept(lanes.get(0));
                return lanes.get(0);
            } catch (GpuOutOfMemoryException e) {
                makeRoom(e);
            }
        }
    }

    /**
     * As many lanes as a call on n images can use, made ready.
     *
     * @param prepare builds what the call needs
     * @throws GpuOutOfMemoryException as {@link #first}
     */
    void prepare(int n, Consumer<Lane> prepare) {
        first(n, prepare);
        int useful = Math.min(most, (n + micro(n) - 1) / micro(n));
        for (int i = 1; mode == Mode.INFERENCE && i < useful; i++) {
            try {
                if (i == lanes.size()) {
                    lanes.add(lane(size));
                }
                prepare.accept(lanes.get(i));
            } catch (GpuOutOfMemoryException e) {
                dropFrom(i, e);
                return;
            }
        }
    }

    /** Shares n images out among the lanes: all begin, then all end, until none is left. */
    void share(int n, Work begin, Work end) {
        if (mode == Mode.TRAINING) {
            Lane lane = lanes.get(lanes.size() - 1);
            begin.run(lane, 0, n);
            lane.await();
            end.run(lane, 0, n);
            return;
        }
        int wave = size * lanes.size();
        for (int first = 0; first < n; first += wave) {
            for (int i = 0; i < lanes.size() && first + i * size < n; i++) {
                int from = first + i * size;
                begin.run(lanes.get(i), from, Math.min(size, n - from));
            }
            for (int i = 0; i < lanes.size() && first + i * size < n; i++) {
                int from = first + i * size;
                lanes.get(i).await();
                end.run(lanes.get(i), from, Math.min(size, n - from));
            }
        }
    }

    /** The lane for batches of n, which then is the last one. */
    private Lane training(int n, Consumer<Lane> prepare) {
        Lane found = null;
        for (Lane lane : lanes) {
            found = lane.images() == n ? lane : found;
        }
        lanes.remove(found);
        if (found == null) {
            if (lanes.size() >= SIZES) {
                lanes.remove(0).close();
            }
            found = lane(n);
        }
        lanes.add(found);
        prepare.accept(found);
        return found;
    }

    private Lane lane(int images) {
        return new Lane(
                network, topology, images, precision, mode, gpu, kernels, parameters, convolutions);
    }

    private void makeRoom(GpuOutOfMemoryException e) {
        if (lanes.size() > 1) {
            dropFrom(1, e);
            return;
        }
        closeLanes();
        if (size == 1) {
            throw e;
        }
        LOG.warn(
                "{} at {} images a micro-batch does not fit ({}): going on with {}; results may"
                        + " differ in their last bits",
                network,
                size,
                e.getMessage(),
                size / 2);
        size /= 2;
        micro.splits().incrementAndGet();
    }

    private void dropFrom(int index, GpuOutOfMemoryException e) {
        LOG.info(
                "{} has room for {} micro-batches of {} at a time, not {} ({})",
                network,
                index,
                size,
                most,
                e.getMessage());
        while (lanes.size() > index) {
            lanes.remove(lanes.size() - 1).close();
        }
        most = index;
    }

    private void closeLanes() {
        lanes.forEach(Lane::close);
        lanes.clear();
        convolutions.close();
    }

    @Override
    public void close() {
        closeLanes();
        parameters.close();
        stream.close();
    }
}
