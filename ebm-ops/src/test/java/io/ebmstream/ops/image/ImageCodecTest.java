package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCodecTest {
    private static final ImageShape COLOUR = new ImageShape(3, 32, 32);
    private static final ImageShape GRAY = new ImageShape(1, 28, 20);
    private static final ImageCodec CODEC = new ImageCodec(DecodeLimits.DEFAULT);

    private static Image sample(ImageShape shape) {
        return new ShapesDataset(shape, 11, 5).image(3).withLabel(Image.NO_LABEL);
    }

    private static void assertRefused(ThrowingCallable decode, String part, String... more) {
        assertThatThrownBy(decode)
                .isExactlyInstanceOf(ImageFormatException.class)
                .hasMessageContaining("expected")
                .hasMessageContaining("found")
                .hasMessageContaining(part)
                .satisfies(e -> assertThat(List.of(more)).allMatch(e.getMessage()::contains));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "JPEG")
    void losslessEncodingsGiveTheImageBack(ImageEncoding encoding) throws Exception {
        for (ImageShape shape : List.of(COLOUR, GRAY)) {
            Image image = sample(shape);
            byte[] bytes = ImageCodec.encode(image, encoding);
            assertThat(CODEC.decode(encoding, shape, bytes)).isEqualTo(image);
        }
    }

    @Test
    void jpegGivesNearlyTheImageBack() throws Exception {
        for (ImageShape shape : List.of(new ImageShape(3, 64, 48), GRAY)) {
            Image image = sample(shape);
            byte[] bytes = ImageCodec.encode(image, ImageEncoding.JPEG);
            Image back = CODEC.decode(ImageEncoding.JPEG, shape, bytes);
            assertThat(ImageQuality.psnr(image, back)).isBetween(24.0, 60.0);
            assertThat(CODEC.decode(bytes)).isEqualTo(back);
        }
    }

    @Test
    void grayIsNotBrightenedByAColourConversion() throws Exception {
        Image ramp = new Image(new ImageShape(1, 16, 16), bytes(256));
        assertThat(CODEC.decode(ImageCodec.encode(ramp, ImageEncoding.PNG))).isEqualTo(ramp);
        Image flat = new Image(new ImageShape(1, 8, 8), filled(64, 100));
        Image back = CODEC.decode(ImageCodec.encode(flat, ImageEncoding.JPEG));
        assertThat(back.pixel(0, 4, 4)).isBetween(99, 101);
    }

    @Test
    void theLayoutsAreWhatTheirNamesSay() throws Exception {
        ImageShape shape = new ImageShape(3, 1, 2);
        byte[] planar = {1, 2, 3, 4, 5, 6};
        assertThat(CODEC.decode(ImageEncoding.RAW_U8_PLANAR, shape, planar).pixels())
                .containsExactly(1, 2, 3, 4, 5, 6);
        byte[] interleaved = {1, 3, 5, 2, 4, 6};
        assertThat(CODEC.decode(ImageEncoding.RAW_U8_INTERLEAVED, shape, interleaved).pixels())
                .containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(decodeFloats(shape, -1f, 1f, 0f, -0.5f, 1.0005f, -1.0005f).pixels())
                .containsExactly(0, 255, 128, 64, 255, 0);
    }

    @Test
    void theInputArrayIsNotKept() throws Exception {
        byte[] bytes = new byte[COLOUR.size()];
        Image image = CODEC.decode(ImageEncoding.RAW_U8_PLANAR, COLOUR, bytes);
        bytes[0] = 9;
        assertThat(image.pixels()[0]).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1.01f, 255f})
    void floatsThatAreNoPixelsAreRefused(float bad) {
        ImageShape shape = new ImageShape(1, 1, 3);
        assertRefused(() -> decodeFloats(shape, 0f, 0.5f, bad), bad + " at index 2");
    }

    @Test
    void bigEndianFloatsAreRefused() {
        ByteBuffer big = ByteBuffer.allocate(4 * COLOUR.size());
        for (float x : sample(COLOUR).toFloat()) {
            big.putFloat(x);
        }
        assertRefused(
                () -> CODEC.decode(ImageEncoding.RAW_F32_PLANAR, COLOUR, big.array()),
                "little-endian");
    }

    @ParameterizedTest
    @EnumSource
    void aMissingByteIsNoticedInEveryEncoding(ImageEncoding encoding) {
        byte[] bytes = ImageCodec.encode(sample(COLOUR), encoding);
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertRefused(() -> CODEC.decode(encoding, COLOUR, shorter), "bytes");
        assertRefused(() -> CODEC.decode(encoding, COLOUR, longer), "bytes");
        assertRefused(() -> CODEC.decode(encoding, COLOUR, new byte[0]), "found");
    }

    @ParameterizedTest
    @EnumSource(names = {"PNG", "JPEG"})
    void aFileCutAnywhereIsRefused(ImageEncoding encoding) {
        byte[] bytes = ImageCodec.encode(sample(COLOUR), encoding);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertRefused(() -> CODEC.decode(encoding, COLOUR, cut), encoding + " file");
        }
    }

    @Test
    void aJpegCutShortAndThenClosedIsRefused() {
        // the outer structure is whole: only the reader's warning tells
        byte[] bytes = ImageCodec.encode(sample(new ImageShape(3, 64, 64)), ImageEncoding.JPEG);
        byte[] closed = Arrays.copyOf(bytes, bytes.length * 2 / 3);
        closed[closed.length - 2] = (byte) 0xFF;
        closed[closed.length - 1] = (byte) 0xD9;
        assertRefused(() -> CODEC.decode(closed), "JPEG", "damage");
    }

    @Test
    void aPngWithTooFewRowsIsRefused() {
        byte[] png = new PngFixture(2, 2, 8, PngFixture.GRAY).rows(0, 10, 20).end();
        assertRefused(() -> CODEC.decode(png), "PNG");
        byte[] none = new PngFixture(2, 2, 8, PngFixture.GRAY).end();
        assertRefused(() -> CODEC.decode(none), "PNG");
    }

    @Test
    void aDamagedPngIsNoticedByItsChecksum() {
        byte[] png = ImageCodec.encode(sample(COLOUR), ImageEncoding.PNG);
        png[png.length / 2] ^= 1;
        assertRefused(() -> CODEC.decode(png), "checksum");
    }

    @ParameterizedTest
    @EnumSource(names = {"PNG", "JPEG"})
    void anotherSizeOrChannelCountThanDeclaredIsRefused(ImageEncoding encoding) {
        byte[] bytes = ImageCodec.encode(sample(COLOUR), encoding);
        assertRefused(
                () -> CODEC.decode(encoding, new ImageShape(3, 16, 32), bytes), "3x16x32", "32x32");
        assertRefused(
                () -> CODEC.decode(encoding, new ImageShape(1, 32, 32), bytes),
                "1x32x32",
                "3x32x32");
    }

    @Test
    void anotherFormatThanDeclaredIsRefused() {
        byte[] png = ImageCodec.encode(sample(COLOUR), ImageEncoding.PNG);
        byte[] jpeg = ImageCodec.encode(sample(COLOUR), ImageEncoding.JPEG);
        assertRefused(() -> CODEC.decode(ImageEncoding.JPEG, COLOUR, png), "a PNG file");
        assertRefused(() -> CODEC.decode(ImageEncoding.PNG, COLOUR, jpeg), "a JPEG file");
        assertRefused(() -> CODEC.decode("GIF89a and so on".getBytes()), "47 49 46 38", "convert");
    }

    @ParameterizedTest
    @EnumSource(names = {"PNG", "JPEG"})
    void aDecompressionBombIsRefusedBeforeMemoryIsTaken(ImageEncoding encoding) throws Exception {
        byte[] bomb = encoding == ImageEncoding.PNG ? pngBomb() : jpegBomb();
        assertThat(bomb.length).isLessThan(100_000);
        // warm up, so that only the decoder's own allocations count
        assertRefused(() -> CODEC.decode(bomb), "60000x60000");
        long allocated = allocatedBy(() -> assertRefused(() -> CODEC.decode(bomb), "60000x60000"));
        assertThat(allocated).isLessThan(4_000_000);
        assertRefused(() -> CODEC.decode(encoding, COLOUR, bomb), "60000x60000");
    }

    @Test
    void compressedTextInAPngIsNotInflated() throws Exception {
        byte[] text = PngFixture.deflated(new byte[200_000_000]);
        byte[] content = new byte[text.length + 3];
        content[0] = 'k';
        System.arraycopy(text, 0, content, 3, text.length);
        byte[] png =
                new PngFixture(2, 1, 8, PngFixture.PALETTE)
                        .chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6})
                        .chunk("zTXt", content)
                        .rows(0, 1, 0)
                        .end();
        CODEC.decode(png);
        assertThat(allocatedBy(() -> CODEC.decode(png))).isLessThan(8_000_000);
        assertThat(CODEC.decode(png).pixels()).containsExactly(4, 1, 5, 2, 6, 3);
    }

    @Test
    void aJpegOfManyScansIsRefused() throws Exception {
        byte[] jpeg = progressive(sample(new ImageShape(3, 16, 16)));
        int scan = lastScan(jpeg);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(jpeg, 0, scan);
        for (int i = 0; i < JpegScan.MAX_SCANS; i++) {
            many.write(jpeg, scan, jpeg.length - 2 - scan);
        }
        many.write(jpeg, jpeg.length - 2, 2);
        assertRefused(() -> CODEC.decode(many.toByteArray()), "scans");
    }

    @Test
    void progressiveJpegsAreRead() throws Exception {
        Image image = sample(new ImageShape(3, 64, 64));
        assertThat(ImageQuality.psnr(image, CODEC.decode(progressive(image)))).isGreaterThan(20);
    }

    @Test
    void limitsHoldInEveryEncoding() {
        ImageCodec small = new ImageCodec(new DecodeLimits(2000, 100, 20));
        for (ImageEncoding encoding : ImageEncoding.values()) {
            byte[] wide = ImageCodec.encode(sample(new ImageShape(1, 8, 24)), encoding);
            assertRefused(() -> small.decode(encoding, new ImageShape(1, 8, 24), wide), "at most");
            byte[] area = ImageCodec.encode(sample(new ImageShape(1, 16, 16)), encoding);
            assertRefused(() -> small.decode(encoding, new ImageShape(1, 16, 16), area), "at most");
            assertRefused(
                    () -> small.decode(encoding, new ImageShape(1, 8, 8), new byte[2001]),
                    "at most 2000 encoded bytes");
            assertRefused(
                    () -> small.decode(encoding, new ImageShape(2, 8, 8), new byte[128]),
                    "2 channels");
            // a shape whose size overflows
            assertRefused(
                    () ->
                            small.decode(
                                    encoding,
                                    new ImageShape(1, Integer.MAX_VALUE, Integer.MAX_VALUE),
                                    new byte[1]),
                    "at most");
        }
    }

    @Test
    void pngsOfEveryDepthAreRead() throws Exception {
        byte[] one = new PngFixture(8, 1, 1, PngFixture.GRAY).rows(0, 0b10100000).end();
        assertThat(CODEC.decode(one).pixels()).containsExactly(255, 0, 255, 0, 0, 0, 0, 0);
        byte[] two = new PngFixture(4, 1, 2, PngFixture.GRAY).rows(0, 0b00011011).end();
        assertThat(CODEC.decode(two).pixels()).containsExactly(0, 85, 170, 255);
        byte[] four = new PngFixture(2, 1, 4, PngFixture.GRAY).rows(0, 0x1F).end();
        assertThat(CODEC.decode(four).pixels()).containsExactly(17, 255);
        byte[] gray16 =
                new PngFixture(2, 1, 16, PngFixture.GRAY).rows(0, 0x80, 0, 0xFF, 0xFF).end();
        assertThat(CODEC.decode(gray16).pixels()).containsExactly(128, 255);
        byte[] rgb16 = new PngFixture(1, 1, 16, PngFixture.RGB).rows(0, 1, 1, 2, 2, 255, 255).end();
        assertThat(CODEC.decode(rgb16))
                .isEqualTo(new Image(new ImageShape(3, 1, 1), new byte[] {1, 2, -1}));
        byte[] grayPalette =
                new PngFixture(1, 1, 8, PngFixture.PALETTE)
                        .chunk("PLTE", new byte[] {7, 7, 7})
                        .rows(0, 0)
                        .end();
        assertThat(CODEC.decode(grayPalette).shape().channels()).isEqualTo(3);
    }

    @Test
    void opaqueAlphaIsDroppedAndTransparencyRefused() throws Exception {
        byte[] opaque = new PngFixture(1, 1, 8, PngFixture.RGBA).rows(0, 9, 8, 7, 255).end();
        assertThat(CODEC.decode(opaque).pixels()).containsExactly(9, 8, 7);
        byte[] opaqueGray = new PngFixture(1, 1, 8, PngFixture.GRAY_ALPHA).rows(0, 9, 255).end();
        assertThat(CODEC.decode(opaqueGray).pixels()).containsExactly(9);
        byte[] palette =
                new PngFixture(1, 1, 8, PngFixture.PALETTE)
                        .chunk("PLTE", new byte[] {7, 8, 9})
                        .chunk("tRNS", new byte[] {(byte) 254})
                        .rows(0, 0)
                        .end();
        byte[] keyed =
                new PngFixture(1, 1, 8, PngFixture.RGB)
                        .chunk("tRNS", new byte[] {0, 9, 0, 8, 0, 7})
                        .rows(0, 9, 8, 7)
                        .end();
        byte[] keyedGray =
                new PngFixture(1, 1, 2, PngFixture.GRAY)
                        .chunk("tRNS", new byte[] {0, 1})
                        .rows(0, 0b01000000)
                        .end();
        byte[] clear = new PngFixture(1, 1, 8, PngFixture.RGBA).rows(0, 9, 8, 7, 254).end();
        byte[] clear16 =
                new PngFixture(1, 1, 16, PngFixture.GRAY_ALPHA).rows(0, 9, 8, 255, 254).end();
        for (byte[] png : List.of(clear, clear16, palette, keyed, keyedGray)) {
            assertRefused(() -> CODEC.decode(png), "transparent", "flatten");
        }
    }

    @Test
    void applicationDataInAJpegIsSkipped() throws Exception {
        byte[] jpeg = ImageCodec.encode(sample(COLOUR), ImageEncoding.JPEG);
        byte[] exif = {(byte) 0xFF, (byte) 0xE1, 0, 6, 'E', 'x', 'i', 'f'};
        byte[] profile = {(byte) 0xFF, (byte) 0xE2, 0, 4, 'I', 'C'};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.write(exif);
        out.write(profile);
        out.write(jpeg, 2, jpeg.length - 2);
        assertThat(CODEC.decode(out.toByteArray())).isEqualTo(CODEC.decode(jpeg));
    }

    @Test
    void aCamerasJpegWithoutJfifMarkerHasTheSameColours() throws Exception {
        byte[] jpeg = ImageCodec.encode(sample(COLOUR), ImageEncoding.JPEG);
        assertThat(jpeg[3]).isEqualTo((byte) 0xE0);
        int segment = 2 + ByteBuffer.wrap(jpeg).getShort(4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.write(new byte[] {(byte) 0xFF, (byte) 0xE1, 0, 8, 'E', 'x', 'i', 'f', 0, 0});
        out.write(jpeg, 2 + segment, jpeg.length - 2 - segment);
        assertThat(CODEC.decode(out.toByteArray())).isEqualTo(CODEC.decode(jpeg));
    }

    @Test
    void manyThreadsDecodeAtOnce() throws Exception {
        List<Image> images = new ArrayList<>();
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ImageEncoding encoding = i % 2 == 0 ? ImageEncoding.PNG : ImageEncoding.JPEG;
            Image image = new ShapesDataset(COLOUR, 5, 20).image(i);
            files.add(ImageCodec.encode(image, encoding));
            images.add(CODEC.decode(files.get(i)));
        }
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Image>> results = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                byte[] file = files.get(i % 20);
                results.add(pool.submit((Callable<Image>) () -> CODEC.decode(file)));
            }
            for (int i = 0; i < 400; i++) {
                assertThat(results.get(i).get()).isEqualTo(images.get(i % 20));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static long allocatedBy(Action action) throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static Image decodeFloats(ImageShape shape, float... values)
            throws ImageFormatException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return CODEC.decode(ImageEncoding.RAW_F32_PLANAR, shape, bytes.array());
    }

    /** 60000 x 60000 gray pixels claimed, some of the zeros there in a few KB. */
    private static byte[] pngBomb() {
        return new PngFixture(60000, 60000, 8, PngFixture.GRAY)
                .chunk("IDAT", PngFixture.deflated(new byte[20_000_000]))
                .end();
    }

    /** A small JPEG whose frame header claims 60000 x 60000 pixels. */
    private static byte[] jpegBomb() {
        byte[] jpeg = ImageCodec.encode(sample(COLOUR), ImageEncoding.JPEG);
        for (int i = 0; i + 8 < jpeg.length; i++) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) 0xC0) {
                ByteBuffer.wrap(jpeg).putShort(i + 5, (short) 60000).putShort(i + 7, (short) 60000);
                return jpeg;
            }
        }
        throw new IllegalStateException("expected a frame header in the JPEG, found none");
    }

    private static byte[] progressive(Image image) throws IOException {
        BufferedImage buffered = ImageFiles.buffered(image);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.write(null, new IIOImage(buffered, null, null), param);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    private static int lastScan(byte[] jpeg) {
        for (int i = jpeg.length - 2; i > 0; i--) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) 0xDA) {
                return i;
            }
        }
        throw new IllegalStateException("expected a scan in the JPEG, found none");
    }

    private static byte[] bytes(int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) i;
        }
        return out;
    }

    private static byte[] filled(int length, int value) {
        byte[] out = new byte[length];
        Arrays.fill(out, (byte) value);
        return out;
    }
}
