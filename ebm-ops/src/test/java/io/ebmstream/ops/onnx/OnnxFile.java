package io.ebmstream.ops.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes small ONNX models for tests: the few messages of the format (onnx.proto, ModelProto) that
 * a chain of nodes needs, in protobuf's wire format.
 */
public final class OnnxFile {
    private static final int FLOAT = 1;
    private static final int LENGTH_DELIMITED = 2;

    private final Message graph = new Message();
    private final int opset;

    /** A graph with one input and one output; -1 is a free size. */
    public OnnxFile(int opset, String input, long[] inputShape, String output, long[] outputShape) {
        this.opset = opset;
        graph.text(2, "test");
        graph.message(11, value(input, inputShape));
        graph.message(12, value(output, outputShape));
    }

    /** Adds a constant. */
    public OnnxFile constant(String name, float[] values, long... shape) {
        Message tensor = new Message();
        for (long size : shape) {
            tensor.number(1, size);
        }
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        tensor.number(2, FLOAT).text(8, name).bytes(9, raw.array());
        graph.message(5, tensor);
        return this;
    }

    /**
     * Adds a node.
     *
     * @param inputs names with commas between them
     * @param attributes name and whole numbers, such as {@code "pads", new long[] {1, 1, 1, 1}}; a
     *     single number is an int, several are ints
     */
    public OnnxFile node(String type, String inputs, String output, Object... attributes) {
        Message node = new Message();
        for (String input : inputs.split(",")) {
            node.text(1, input);
        }
        node.text(2, output).text(4, type);
        for (int i = 0; i < attributes.length; i += 2) {
            Message attribute = new Message().text(1, (String) attributes[i]);
            if (attributes[i + 1] instanceof long[] several) {
                for (long value : several) {
                    attribute.number(8, value);
                }
                attribute.number(20, 7);
            } else {
                attribute.number(3, ((Number) attributes[i + 1]).longValue()).number(20, 2);
            }
            node.message(5, attribute);
        }
        graph.message(1, node);
        return this;
    }

    public byte[] toBytes() {
        return new Message()
                .number(1, 8)
                .message(7, graph)
                .message(8, new Message().text(1, "").number(2, opset))
                .toBytes();
    }

    private static Message value(String name, long[] shape) {
        Message sizes = new Message();
        for (long size : shape) {
            Message one = size < 0 ? new Message().text(2, "n") : new Message().number(1, size);
            sizes.message(1, one);
        }
        Message type = new Message().message(1, new Message().number(1, FLOAT).message(2, sizes));
        return new Message().text(1, name).message(2, type);
    }

    /** A protobuf message: fields one after the other. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.toBytes());
        }

        byte[] toBytes() {
            return out.toByteArray();
        }

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7FL) != 0) {
                out.write((int) (left & 0x7F | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }
    }
}
