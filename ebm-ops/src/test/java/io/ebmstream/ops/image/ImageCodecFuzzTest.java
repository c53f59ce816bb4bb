package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Any bytes give an image within the limits or an {@link ImageFormatException}, nothing else. */
class ImageCodecFuzzTest {
    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 20, 1 << 16, 1 << 10);
    private static final ImageCodec CODEC = new ImageCodec(LIMITS);

    private static final List<byte[]> FILES = files();

    private static List<byte[]> files() {
        Image colour = new ShapesDataset(new ImageShape(3, 24, 32), 3, 4).image(1);
        Image gray = new ShapesDataset(new ImageShape(1, 28, 28), 3, 4).image(2);
        byte[] palette =
                new PngFixture(3, 2, 8, PngFixture.PALETTE)
                        .chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6})
                        .chunk("tRNS", new byte[] {-1, -1})
                        .rows(0, 0, 1, 0, 0, 1, 1, 0)
                        .end();
        return List.of(
                ImageCodec.encode(colour, ImageEncoding.PNG),
                ImageCodec.encode(gray, ImageEncoding.PNG),
                ImageCodec.encode(colour, ImageEncoding.JPEG),
                ImageCodec.encode(gray, ImageEncoding.JPEG),
                palette);
    }

    /** One change: bytes from {@code at} on are replaced, cut out, or moved in. */
    record Edit(double at, int kind, byte[] content) {
        byte[] apply(byte[] bytes) {
            int from = (int) (at * bytes.length);
            byte[] tail = Arrays.copyOfRange(bytes, from, bytes.length);
            return switch (kind) {
                case 0 -> join(bytes, from, content, tail, Math.min(tail.length, content.length));
                case 1 -> join(bytes, from, new byte[0], tail, Math.min(tail.length, 7));
                default -> join(bytes, from, content, tail, 0);
            };
        }

        private static byte[] join(byte[] head, int length, byte[] middle, byte[] tail, int skip) {
            byte[] out = Arrays.copyOf(head, length + middle.length + tail.length - skip);
            System.arraycopy(middle, 0, out, length, middle.length);
            System.arraycopy(tail, skip, out, length + middle.length, tail.length - skip);
            return out;
        }
    }

    @Property(tries = 400)
    void anyBytes(
            @ForAll ImageEncoding encoding,
            @ForAll("shapes") ImageShape declared,
            @ForAll byte[] bytes) {
        decode(encoding, declared, bytes);
        try {
            checkLimits(CODEC.decode(bytes));
        } catch (ImageFormatException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void mutatedFiles(@ForAll("edited") byte[] bytes) {
        try {
            checkLimits(CODEC.decode(bytes));
        } catch (ImageFormatException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    /** As above, with the checksums set right again, so that damage gets past them. */
    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void mutatedChunksOfAPng(
            @ForAll("edits") List<Edit> edits, @ForAll("pngs") byte[] png, @ForAll int colourType) {
        byte[] body = Arrays.copyOfRange(png, 33, png.length - 12);
        byte[] header = Arrays.copyOfRange(png, 16, 29);
        PngFixture built =
                new PngFixture(
                        header[3],
                        header[7],
                        colourType % 4 == 0 ? 1 << (colourType >>> 28) % 5 : 8,
                        colourType % 3 == 0 ? (colourType >>> 8) % 7 : header[9]);
        int at = 0;
        while (at + 12 <= body.length) {
            int length = ByteBuffer.wrap(body).getInt(at);
            String type = new String(body, at + 4, 4, StandardCharsets.US_ASCII);
            byte[] content = Arrays.copyOfRange(body, at + 8, at + 8 + length);
            for (Edit edit : edits) {
                content = edit.apply(content);
            }
            built.chunk(type, content);
            at += 12 + length;
        }
        try {
            checkLimits(CODEC.decode(built.end()));
        } catch (ImageFormatException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    private static void decode(ImageEncoding encoding, ImageShape declared, byte[] bytes) {
        try {
            Image image = CODEC.decode(encoding, declared, bytes);
            assertThat(image.shape()).isEqualTo(declared);
            checkLimits(image);
        } catch (ImageFormatException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    private static void checkLimits(Image image) {
        assertThat(image.shape().height() * image.shape().width())
                .isLessThanOrEqualTo(LIMITS.maxPixels());
        assertThat(image.shape().channels()).isIn(1, 3);
    }

    @Provide
    Arbitrary<ImageShape> shapes() {
        Arbitrary<Integer> side = Arbitraries.integers().between(1, 5);
        return Combinators.combine(Arbitraries.of(1, 3), side, side).as(ImageShape::new);
    }

    @Provide
    Arbitrary<List<Edit>> edits() {
        Arbitrary<byte[]> content = Arbitraries.bytes().array(byte[].class).ofMaxSize(6);
        return Combinators.combine(
                        Arbitraries.doubles().between(0, true, 1, false),
                        Arbitraries.integers().between(0, 2),
                        content)
                .as(Edit::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<byte[]> pngs() {
        return Arbitraries.of(FILES.get(0), FILES.get(1), FILES.get(4));
    }

    @Provide
    Arbitrary<byte[]> edited() {
        return Combinators.combine(Arbitraries.of(FILES), edits())
                .as(
                        (file, edits) -> {
                            byte[] bytes = file;
                            for (Edit edit : edits) {
                                bytes = edit.apply(bytes);
                            }
                            return bytes;
                        });
    }
}
