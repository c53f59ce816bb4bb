package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;

/** Arrays to a GPU, kernels on them, and arrays back. Closing it frees all memory it took. */
public final class KernelRun implements AutoCloseable {
    private final Gpu gpu;
    private final Precision precision;
    private final GpuStream stream;
    private final List<GpuMemory> pieces = new ArrayList<>();

    public KernelRun(Gpu gpu, Precision precision) {
        this.gpu = gpu;
        this.precision = precision;
        this.stream = gpu.newStream();
    }

    /** As the values' format has it. */
    public float round(double value) {
        if (precision != Precision.BFLOAT16) {
            return (float) value;
        }
        float single = (float) value;
        int bits = Float.floatToRawIntBits(single);
        return Float.isNaN(single)
                ? single
                : Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
    }

    /** Uploads what the format can hold. */
    public long values(float... values) {
        ByteBuffer buffer = buffer(values.length * precision.bytes());
        for (float value : values) {
            if (precision == Precision.BFLOAT16) {
                buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            } else {
                buffer.putFloat(value);
            }
        }
        return upload(buffer);
    }

    public long floats(float... values) {
        ByteBuffer buffer = buffer(values.length * Float.BYTES);
        buffer.asFloatBuffer().put(values);
        return upload(buffer);
    }

    public long doubles(double... values) {
        ByteBuffer buffer = buffer(values.length * Double.BYTES);
        buffer.asDoubleBuffer().put(values);
        return upload(buffer);
    }

    public long longs(long... values) {
        ByteBuffer buffer = buffer(values.length * Long.BYTES);
        buffer.asLongBuffer().put(values);
        return upload(buffer);
    }

    public long ints(int... values) {
        ByteBuffer buffer = buffer(values.length * Integer.BYTES);
        buffer.asIntBuffer().put(values);
        return upload(buffer);
    }

    /** Room for values, full of what no result may keep. */
    public long spoiltValues(int count) {
        return spoilt(count * precision.bytes());
    }

    public long spoilt(int bytes) {
        ByteBuffer buffer = buffer(bytes);
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0x7F);
        }
        return upload(buffer);
    }

    public void launch(String kernel, long threads, Object... arguments) {
        int blocks = Math.toIntExact((threads + 255) / 256);
        stream.launch(gpu.kernel(precision, kernel), blocks, 256, arguments);
    }

    public float[] readValues(long address, int count) {
        ByteBuffer buffer = download(address, count * precision.bytes());
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] =
                    precision == Precision.BFLOAT16
                            ? Float.intBitsToFloat(buffer.getShort() << 16)
                            : buffer.getFloat();
        }
        return values;
    }

    public float[] readFloats(long address, int count) {
        float[] values = new float[count];
        download(address, count * Float.BYTES).asFloatBuffer().get(values);
        return values;
    }

    public double[] readDoubles(long address, int count) {
        double[] values = new double[count];
        download(address, count * Double.BYTES).asDoubleBuffer().get(values);
        return values;
    }

    public int[] readInts(long address, int count) {
        int[] values = new int[count];
        download(address, count * Integer.BYTES).asIntBuffer().get(values);
        return values;
    }

    public GpuStream stream() {
        return stream;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    private long upload(ByteBuffer buffer) {
        byte[] bytes = buffer.array();
        GpuMemory memory = gpu.allocate(bytes.length);
        pieces.add(memory);
        try (HostMemory host = gpu.allocateHost(bytes.length)) {
            new BytePointer(host.pointer()).put(bytes);
            stream.upload(host, memory.address(), bytes.length);
            stream.synchronize();
        }
        return memory.address();
    }

    private ByteBuffer download(long address, int count) {
        byte[] bytes = new byte[count];
        try (HostMemory host = gpu.allocateHost(count)) {
            stream.download(address, host, count);
            stream.synchronize();
            new BytePointer(host.pointer()).get(bytes);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        stream.close();
        pieces.forEach(GpuMemory::close);
    }
}
