package io.ebmstream.ops.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named float tensors in the safetensors format: 8 bytes of header length (little-endian), a JSON
 * header {@code {"name": {"dtype": "F32", "shape": [..], "data_offsets": [from, to]}, ..}}, then
 * the values, little-endian, without gaps (huggingface/safetensors, format of version 0.x).
 *
 * <p>Writes F32. Reads F32, F64, F16 and BF16, as float32. A file is read whole and checked before
 * any value is taken: lengths, offsets without gap or overlap, shapes, kinds.
 *
 * @param metadata free text by name, kept under {@code __metadata__}
 * @param tensors by name, in the order of their data
 */
public record SafeTensors(Map<String, String> metadata, List<Tensor> tensors) {
    /** The format's own limit of the header, 100 MB. */
    private static final int LARGEST_HEADER = 100_000_000;

    private static final String METADATA = "__metadata__";

    /** The format pads headers with spaces to this, so that values are aligned. */
    private static final int ALIGNMENT = 8;

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    public SafeTensors {
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
    }

    /**
     * One tensor.
     *
     * @param values in row-major order; not copied
     */
    public record Tensor(String name, List<Integer> shape, float[] values) {
        /**
         * @throws IllegalArgumentException if the shape has another number of values
         */
        public Tensor {
            shape = List.copyOf(shape);
            long size = 1;
            for (int dimension : shape) {
                size = Math.multiplyExact(size, dimension);
            }
            if (size != values.length) {
                throw new IllegalArgumentException(
                        "expected "
                                + size
                                + " values for tensor "
                                + name
                                + " of shape "
                                + shape
                                + ", found "
                                + values.length);
            }
        }
    }

    /** The file's bytes. The same content gives the same bytes. */
    public byte[] toBytes() {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = header.putObject(METADATA);
            metadata.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(e -> texts.put(e.getKey(), e.getValue()));
        }
        long offset = 0;
        for (Tensor tensor : tensors) {
            if (header.has(tensor.name()) || tensor.name().equals(METADATA)) {
                throw new IllegalArgumentException(
                        "expected tensor names that differ and are not "
                                + METADATA
                                + ", found "
                                + tensor.name());
            }
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", "F32");
            tensor.shape().forEach(entry.putArray("shape")::add);
            long end = offset + (long) Float.BYTES * tensor.values().length;
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] text = padded(header.toString());
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(Long.BYTES + text.length + offset))
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        for (Tensor tensor : tensors) {
            bytes.asFloatBuffer().put(tensor.values());
            bytes.position(bytes.position() + Float.BYTES * tensor.values().length);
        }
        return bytes.array();
    }

    private static byte[] padded(String header) {
        int length = header.getBytes(StandardCharsets.UTF_8).length;
        int missing = (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
        return (header + " ".repeat(missing)).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a file's bytes.
     *
     * @throws IOException if they are not a safetensors file, or hold values of a kind that is not
     *     read here; the message says what was expected and found
     */
    public static SafeTensors fromBytes(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long length = file.length < Long.BYTES ? -1 : bytes.getLong();
        if (length < 0 || length > LARGEST_HEADER || length > bytes.remaining()) {
            throw new IOException(
                    "expected a safetensors file: 8 bytes of header length, then so many bytes of"
                            + " JSON, found a length of "
                            + length
                            + " in "
                            + file.length
                            + " bytes");
        }
        JsonNode header =
                header(new String(file, Long.BYTES, (int) length, StandardCharsets.UTF_8));
        ByteBuffer data = bytes.slice(Long.BYTES + (int) length, bytes.remaining() - (int) length);
        data.order(ByteOrder.LITTLE_ENDIAN);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (field.getKey().equals(METADATA)) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                entries.add(new Entry(field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
        long at = 0;
        List<Tensor> tensors = new ArrayList<>();
        for (Entry entry : entries) {
            tensors.add(entry.read(data, at));
            at = entry.to();
        }
        if (at != data.capacity()) {
            throw new IOException(
                    "expected tensors to fill the "
                            + data.capacity()
                            + " bytes of data, found "
                            + at);
        }
        return new SafeTensors(metadata, tensors);
    }

    private static JsonNode header(String text) throws IOException {
        JsonNode header;
        try {
            header = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "expected JSON as the header of a safetensors file, found "
                            + e.getOriginalMessage(),
                    e);
        }
        if (!header.isObject()) {
            throw new IOException(
                    "expected an object as the header of a safetensors file, found another kind of JSON");
        }
        return header;
    }

    /** What the header says of one tensor. */
    private record Entry(String name, JsonNode description) {
        long from() {
            return description.path("data_offsets").path(0).asLong(-1);
        }

        long to() {
            return description.path("data_offsets").path(1).asLong(-1);
        }

        Tensor read(ByteBuffer data, long expectedFrom) throws IOException {
            String kind = description.path("dtype").asText();
            int width =
                    switch (kind) {
                        case "F64" -> 8;
                        case "F32" -> 4;
                        case "F16", "BF16" -> 2;
                        default -> 0;
                    };
            if (width == 0) {
                throw wrong("values of F32, F64, F16 or BF16", kind.isEmpty() ? "none" : kind);
            }
            List<Integer> shape = new ArrayList<>();
            long size = 1;
            for (JsonNode dimension : description.path("shape")) {
                if (!dimension.canConvertToInt() || dimension.asInt() < 0) {
                    throw wrong("dimensions that are whole numbers of at least 0", "" + dimension);
                }
                shape.add(dimension.asInt());
                size *= dimension.asInt();
                if (size > Integer.MAX_VALUE) {
                    throw wrong("fewer than 2^31 values", "shape " + description.path("shape"));
                }
            }
            if (from() != expectedFrom
                    || to() > data.capacity()
                    || to() - from() != size * width
                    || !description.path("shape").isArray()) {
                throw wrong(
                        size * width
                                + " bytes from "
                                + expectedFrom
                                + " on, within "
                                + data.capacity()
                                + " bytes of data",
                        "offsets " + description.path("data_offsets"));
            }
            float[] values = new float[(int) size];
            int at = (int) from();
            for (int i = 0; i < values.length; i++, at += width) {
                values[i] =
                        switch (kind) {
                            case "F64" -> (float) data.getDouble(at);
                            case "F32" -> data.getFloat(at);
                            case "F16" -> halfToFloat(data.getShort(at));
                            default -> Float.intBitsToFloat(data.getShort(at) << 16);
                        };
            }
            return new Tensor(name, shape, values);
        }

        private IOException wrong(String expected, String found) {
            return new IOException(
                    "tensor " + name + ": expected " + expected + ", found " + found);
        }
    }

    /** IEEE half precision; the JDK has this from version 20 on. */
    private static float halfToFloat(short half) {
        int exponent = half >> 10 & 0x1F;
        int fraction = half & 0x3FF;
        float magnitude =
                switch (exponent) {
                    case 0 -> fraction * 0x1p-24f;
                    case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
                    default -> Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
                };
        return half < 0 ? -magnitude : magnitude;
    }
}
