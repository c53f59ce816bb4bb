package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetsTest {
    @TempDir Path folder;

    private static ImageDataset open(Path... paths) throws IOException {
        return Datasets.open(DatasetOptions.DEFAULT, paths);
    }

    private static void assertRefused(ThrowingCallable open, String part, String more) {
        assertThatThrownBy(open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected")
                .hasMessageContaining("found")
                .hasMessageContaining(part)
                .hasMessageContaining(more);
    }

    @Test
    void cifarRecords() throws Exception {
        Path file = Files.write(folder.resolve("some.bin"), cifar(3, 7));
        ImageDataset images = open(file);
        assertThat(images.size()).isEqualTo(2);
        assertThat(images.shape()).isEqualTo(new ImageShape(3, 32, 32));
        assertThat(images.image(0).label()).isEqualTo(3);
        assertThat(images.image(1).label()).isEqualTo(7);
        assertThat(images.image(1).pixel(2, 31, 31)).isEqualTo(3071 % 251);
        assertThat(images.classNames()).isEmpty();
    }

    @Test
    void aCifarFolderGivesItsTrainingPartWithClassNames() throws Exception {
        Files.write(folder.resolve("test_batch.bin"), cifar(9));
        Files.write(folder.resolve("data_batch_2.bin"), cifar(2));
        Files.write(folder.resolve("data_batch_1.bin"), cifar(1));
        Files.writeString(folder.resolve("batches.meta.txt"), "airplane\nautomobile\n\n");
        ImageDataset images = open(folder);
        assertThat(images.size()).isEqualTo(2);
        assertThat(images.image(0).label()).isEqualTo(1);
        assertThat(images.image(1).label()).isEqualTo(2);
        assertThat(images.classNames()).containsExactly("airplane", "automobile");
    }

    @Test
    void brokenCifarFilesAreRefused() throws Exception {
        Path label = Files.write(folder.resolve("label.bin"), cifar(10));
        assertRefused(() -> open(label), "label from 0 to 9", "label.bin");
        byte[] whole = cifar(1);
        Path cut = folder.resolve("cut.bin");
        Files.write(cut, Arrays.copyOf(whole, whole.length - 1));
        assertRefused(() -> open(cut), "cut.bin", "no known kind");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void idxWithTheLabelsNextToIt(boolean zipped) throws Exception {
        String end = zipped ? ".gz" : "";
        Path file = folder.resolve("train-images-idx3-ubyte" + end);
        Files.write(file, maybeZipped(zipped, idx(2, 3, 4, 24)));
        // plain labels are found next to zipped images too
        Files.write(folder.resolve("train-labels-idx1-ubyte"), idxLabels(2, 5, 6));
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), idx(1, 3, 4, 12));
        Files.writeString(folder.resolve("LABELS.txt"), "boot\nbag\n");
        for (Path path : new Path[] {file, folder}) {
            ImageDataset images = open(path);
            assertThat(images.size()).isEqualTo(2);
            assertThat(images.shape()).isEqualTo(new ImageShape(1, 3, 4));
            assertThat(images.image(1).pixel(0, 2, 3)).isEqualTo(23);
            assertThat(images.image(1).label()).isEqualTo(6);
            assertThat(images.classNames()).containsExactly("boot", "bag");
        }
    }

    @Test
    void idxWithoutLabels() throws Exception {
        Path file = Files.write(folder.resolve("digits"), idx(2, 3, 4, 24));
        assertThat(open(file).image(0).hasLabel()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void idxHeadersAreNotTrusted(boolean zipped) throws Exception {
        Path file = folder.resolve("images-idx3");
        Files.write(file, maybeZipped(zipped, idx(Integer.MAX_VALUE, 28, 28, 784)));
        assertRefused(() -> open(file), "2147483647 items", "images-idx3");
        Files.write(file, maybeZipped(zipped, idx(-1, 28, 28, 784)));
        assertRefused(() -> open(file), "-1 items", "images-idx3");
        Files.write(file, maybeZipped(zipped, idx(1, Integer.MAX_VALUE, Integer.MAX_VALUE, 0)));
        assertRefused(() -> open(file), "at most", "2147483647x2147483647");
        Files.write(file, maybeZipped(zipped, idx(1, 0, 5, 0)));
        assertRefused(() -> open(file), "at least 1", "0x5");
        Files.write(file, maybeZipped(zipped, idx(2, 3, 4, 23)));
        assertRefused(() -> open(file), "found", "images-idx3");
        Files.write(file, maybeZipped(zipped, idx(2, 3, 4, 25)));
        assertRefused(() -> open(file), "the end of the file", "more bytes");
    }

    @Test
    void aZippedIdxThatIsCutOrDamagedIsRefused() throws Exception {
        Path file = folder.resolve("images-idx3.gz");
        byte[] whole = maybeZipped(true, idx(50, 8, 8, 3200));
        for (int length = 25; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> open(file)).isInstanceOf(IOException.class);
        }
        byte[] damaged = whole.clone();
        damaged[damaged.length - 6] ^= 1;
        Files.write(file, damaged);
        assertRefused(() -> open(file), "gzip", "damage");
    }

    @Test
    void labelsThatDoNotBelongToTheImagesAreRefused() throws Exception {
        Path file = Files.write(folder.resolve("a-images-idx3"), idx(2, 3, 4, 24));
        Path labels = folder.resolve("a-labels-idx1");
        Files.write(labels, idxLabels(3, 1, 2, 3));
        assertRefused(() -> open(file), "2 labels", "3 in");
        Files.write(labels, idx(2, 3, 4, 24));
        assertRefused(() -> open(file), "IDX labels", "0x00000803");
        Files.write(labels, idxLabels(2, 1, 2));
        assertThat(open(file).image(1).label()).isEqualTo(2);
        assertRefused(() -> open(labels), "found IDX labels", "give the file of images");
    }

    @Test
    void aFolderOfImagesInClasses() throws Exception {
        writeImage("dog/b.png", ImageEncoding.PNG, 3, 8, 8);
        writeImage("cat/deep/a.JPG", ImageEncoding.JPEG, 3, 8, 8);
        writeImage("cat/c.png", ImageEncoding.PNG, 3, 8, 8);
        Files.writeString(folder.resolve("dog/notes.txt"), "no image");
        writeImage("dog/.hidden.png", ImageEncoding.PNG, 3, 9, 9);
        ImageDataset images = open(folder);
        assertThat(images.size()).isEqualTo(3);
        assertThat(images.classNames()).containsExactly("cat", "dog");
        assertThat(images.image(0).label()).isZero();
        assertThat(images.image(1).label()).isZero();
        assertThat(images.image(2).label()).isEqualTo(1);
        // sorted by path: cat/c.png before cat/deep/a.JPG
        byte[] png = Files.readAllBytes(folder.resolve("cat/c.png"));
        assertThat(images.image(0).pixels())
                .isEqualTo(new ImageCodec(DecodeLimits.FILES).decode(png).pixels());
    }

    @Test
    void imagesOfAFolderMustAgreeOrAreBroughtToOneShape() throws Exception {
        writeImage("a.png", ImageEncoding.PNG, 3, 8, 8);
        writeImage("b.png", ImageEncoding.PNG, 1, 20, 30);
        assertRefused(() -> open(folder), "3x8x8", "1x20x30");
        ImageDataset images =
                Datasets.open(
                        DatasetOptions.DEFAULT.withShape(new ImageShape(3, 8, 8)).withPadTo(12),
                        folder);
        assertThat(images.shape()).isEqualTo(new ImageShape(3, 12, 12));
        assertThat(images.size()).isEqualTo(2);
        assertThat(images.image(0).hasLabel()).isFalse();
        assertRefused(
                () -> Datasets.open(DatasetOptions.DEFAULT.withPadTo(10), folder),
                "padded size of at least 20x30",
                "b.png");
    }

    @Test
    void aBrokenFileInAFolderIsNamed() throws Exception {
        writeImage("a.png", ImageEncoding.PNG, 3, 8, 8);
        Files.write(folder.resolve("b.jpg"), new byte[] {1, 2, 3});
        assertRefused(() -> open(folder), "b.jpg", "3 bytes that begin with 01 02 03");
    }

    @Test
    void oneImageFile() throws Exception {
        Path file = writeImage("a.png", ImageEncoding.PNG, 3, 8, 8);
        assertThat(open(file).size()).isEqualTo(1);
    }

    @Test
    void limitAndPathsInOrder() throws Exception {
        Path first = Files.write(folder.resolve("1.bin"), cifar(1, 2));
        Path second = Files.write(folder.resolve("2.bin"), cifar(3, 4));
        ImageDataset images = Datasets.open(DatasetOptions.DEFAULT.withLimit(3), second, first);
        assertThat(images.size()).isEqualTo(3);
        assertThat(images.image(0).label()).isEqualTo(3);
        assertThat(images.image(2).label()).isEqualTo(1);
    }

    @Test
    void labelsOfDifferentClassesAreLeftOut() throws Exception {
        Path first = Files.createDirectory(folder.resolve("first"));
        Files.write(first.resolve("1.bin"), cifar(1));
        Files.writeString(first.resolve("LABELS.txt"), "one\ntwo\n");
        Path second = Files.write(folder.resolve("2.bin"), cifar(3));
        ImageDataset images = open(first, second);
        assertThat(images.size()).isEqualTo(2);
        assertThat(images.image(0).hasLabel()).isFalse();
        assertThat(images.classNames()).isEmpty();
    }

    @Test
    void imagesWrittenIntoFoldersOfTheirClassesKeepTheirLabels() throws Exception {
        Path first = Files.createDirectory(folder.resolve("first"));
        Files.write(first.resolve("1.bin"), cifar(1));
        // not in the order of the alphabet, and not fit for a file's name
        List<String> names = List.of("t-shirt/top", "boot", "a bag");
        Files.writeString(first.resolve("LABELS.txt"), String.join("\n", names));
        for (int label = 0; label < names.size(); label++) {
            Path of = folder.resolve("written").resolve(ClassFolders.name(label, names));
            Files.createDirectories(of);
            byte[] png = ImageCodec.encode(open(first).image(0), ImageEncoding.PNG);
            Files.write(of.resolve("image.png"), png);
        }
        for (Path[] paths :
                new Path[][] {
                    {first, folder.resolve("written")}, {folder.resolve("written"), first}
                }) {
            ImageDataset images = open(paths);
            assertThat(images.size()).isEqualTo(4);
            assertThat(IntStream.range(0, 4).map(i -> images.image(i).label()).boxed())
                    .containsExactlyInAnyOrder(1, 0, 1, 2);
        }
        assertThat(ClassFolders.same(List.of(), List.of("0000-", "0001-"))).isTrue();
        assertThat(ClassFolders.same(names, List.of("0000-boot"))).isFalse();
    }

    @Test
    void whatIsMissingOrUnknownIsSaid() throws Exception {
        assertRefused(() -> open(folder.resolve("absent")), "absent", "found nothing");
        Path text = Files.writeString(folder.resolve("a.txt"), "hello");
        assertRefused(() -> open(text), "no known kind", Datasets.ACCEPTED);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertRefused(() -> open(empty), "without any", Datasets.ACCEPTED);
        Path nothing = Files.createFile(folder.resolve("nothing.bin"));
        assertRefused(() -> open(nothing), "0 bytes", Datasets.ACCEPTED);
        assertThatThrownBy(() -> open()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreThanTheMemoryAllowsIsRefused() throws Exception {
        ImageCollector collector = new ImageCollector(DatasetOptions.DEFAULT, 7000);
        Path file = Files.write(folder.resolve("1.bin"), cifar(1, 2, 3));
        assertRefused(
                () -> Cifar10Reader.read(file, collector), "at most 7000 bytes", "after 2 images");
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> new DatasetOptions(null, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DatasetOptions.DEFAULT.withShape(new ImageShape(2, 8, 8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Path writeImage(String name, ImageEncoding encoding, int channels, int h, int w)
            throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Image image =
                new ShapesDataset(new ImageShape(channels, h, w), name.hashCode(), 1).image(0);
        return Files.write(file, ImageCodec.encode(image, encoding));
    }

    /** One record for each label; pixel i is i mod 251. */
    private static byte[] cifar(int... labels) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int label : labels) {
            out.write(label);
            for (int i = 0; i < 3072; i++) {
                out.write(i % 251);
            }
        }
        return out.toByteArray();
    }

    private static byte[] idx(int count, int rows, int columns, int pixels) {
        ByteBuffer out = ByteBuffer.allocate(16 + pixels);
        out.putInt(0x803).putInt(count).putInt(rows).putInt(columns);
        for (int i = 0; i < pixels; i++) {
            out.put((byte) i);
        }
        return out.array();
    }

    private static byte[] idxLabels(int count, int... labels) {
        ByteBuffer out = ByteBuffer.allocate(8 + labels.length).putInt(0x801).putInt(count);
        for (int label : labels) {
            out.put((byte) label);
        }
        return out.array();
    }

    private static byte[] maybeZipped(boolean zipped, byte[] bytes) throws IOException {
        if (!zipped) {
            return bytes;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }
}
