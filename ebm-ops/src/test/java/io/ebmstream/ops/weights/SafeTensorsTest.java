package io.ebmstream.ops.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    private static final SafeTensors EXAMPLE =
            new SafeTensors(
                    Map.of("format", "pt"),
                    List.of(
                            new SafeTensors.Tensor(
                                    "conv0.weight", List.of(1, 2), new float[] {1, -2.5f}),
                            new SafeTensors.Tensor("conv0.bias", List.of(), new float[] {3})));

    /** The format by hand: whoever reads safetensors must be able to read this. */
    @Test
    void writesTheFormat() {
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"conv0.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                        + "\"conv0.bias\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
        int padded = (header.length() + 7) / 8 * 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put(header.getBytes(StandardCharsets.UTF_8));
        while (expected.position() < 8 + padded) {
            expected.put((byte) ' ');
        }
        expected.putFloat(1).putFloat(-2.5f).putFloat(3);
        assertThat(EXAMPLE.toBytes()).isEqualTo(expected.array());
    }

    @Test
    void readsWhatItWrote() throws IOException {
        SafeTensors read = SafeTensors.fromBytes(EXAMPLE.toBytes());
        assertThat(read.metadata()).isEqualTo(EXAMPLE.metadata());
        assertThat(read.tensors())
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(EXAMPLE.tensors());
    }

    @Test
    void readsEveryKindOfFloat() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(0.1).putShort((short) 0x3FC0).putShort((short) 0xC000);
        data.putShort((short) 0x3C00).putShort((short) 0xC500).putShort((short) 0x0001);
        data.putShort((short) 0x7BFF).putShort((short) 0xFC00).putFloat(7);
        SafeTensors read =
                SafeTensors.fromBytes(
                        file(
                                "{\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]},"
                                        + "\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[12,22]},"
                                        + "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[22,26]}}",
                                data.array()));
        assertThat(read.tensors().get(0).values()).containsExactly(0.1f);
        assertThat(read.tensors().get(1).values()).containsExactly(1.5f, -2);
        assertThat(read.tensors().get(2).values())
                .containsExactly(1, -5, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY);
        assertThat(read.tensors().get(3).values()).containsExactly(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,8]}} | 4 bytes from 0",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} | from 0 on",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | fill the 8 bytes",
                "{'a':{'dtype':'I64','shape':[1],'data_offsets':[0,8]}} | found I64",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | at least 0",
                "{'a':{'dtype':'F32','data_offsets':[0,4]}} | 4 bytes",
                "{'a':{'dtype':'F32','shape':[65536,65536],'data_offsets':[0,8]}} | fewer than 2^31",
                "{'a':5} | found none",
                "[] | an object",
                "{'a' | JSON",
            })
    void refusesWhatIsNotSafe(String header, String message) {
        assertThatThrownBy(
                        () -> SafeTensors.fromBytes(file(header.replace('\'', '"'), new byte[8])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesACutFile() {
        byte[] whole = EXAMPLE.toBytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> SafeTensors.fromBytes(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }

    /** Damaged bytes are read as some tensors or refused, never anything else. */
    @Property(tries = 500)
    void damagedBytesNeverBreakTheReader(
            @ForAll @Size(max = 8) List<@IntRange(max = 200) Integer> where, @ForAll byte value) {
        byte[] bytes = EXAMPLE.toBytes();
        for (int at : where) {
            bytes[at % bytes.length] = value;
        }
        try {
            assertThat(SafeTensors.fromBytes(bytes).tensors()).isNotNull();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    private static byte[] file(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }
}
