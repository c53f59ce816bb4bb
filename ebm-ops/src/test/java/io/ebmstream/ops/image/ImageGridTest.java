package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageGridTest {
    private static final ImageCodec CODEC = new ImageCodec(DecodeLimits.FILES);

    private static final Image COLOUR = new ShapesDataset(new ImageShape(3, 8, 8), 1, 1).image(0);
    private static final Image GRAY = new ShapesDataset(new ImageShape(1, 8, 8), 1, 1).image(0);

    @Test
    void pixelsStandWhereTheyShouldInBothKinds() throws Exception {
        ImageGrid grid = new ImageGrid(2).row("", List.of(COLOUR, GRAY)).row("", List.of(GRAY));
        Image picture = CODEC.decode(grid.png());
        // 2 columns and 2 rows of 16 pixels, margins of 2
        assertThat(picture.shape()).isEqualTo(new ImageShape(3, 38, 38));
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 16; x++) {
                    assertThat(picture.pixel(c, 2 + y, 2 + x))
                            .isEqualTo(COLOUR.pixel(c, y / 2, x / 2));
                    assertThat(picture.pixel(c, 2 + y, 20 + x))
                            .isEqualTo(GRAY.pixel(0, y / 2, x / 2));
                    assertThat(picture.pixel(c, 20 + y, 2 + x))
                            .isEqualTo(GRAY.pixel(0, y / 2, x / 2));
                    assertThat(picture.pixel(c, 20 + y, 20 + x)).isEqualTo(255);
                }
            }
        }
    }

    @Test
    void labelsMakeRoomAtTheLeft(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("new/grid.png");
        ImageGrid grid = new ImageGrid(2).row("corrupted", List.of(COLOUR));
        grid.row("purified", List.of(GRAY)).write(file);
        Image picture = CODEC.decode(Files.readAllBytes(file));
        assertThat(picture.shape().height()).isEqualTo(38);
        assertThat(picture.shape().width()).isGreaterThanOrEqualTo(20);
        assertThat(picture.pixel(0, 2, picture.shape().width() - 18))
                .isEqualTo(COLOUR.pixel(0, 0, 0));
    }

    @Test
    void squareGridsTakeAnyNumber() throws Exception {
        for (int n : new int[] {1, 2, 5, 9, 10}) {
            Image picture = CODEC.decode(ImageGrid.square(1, Collections.nCopies(n, COLOUR)).png());
            int columns = (int) Math.ceil(Math.sqrt(n));
            int rows = (n + columns - 1) / columns;
            assertThat(picture.shape())
                    .isEqualTo(new ImageShape(3, 2 + rows * 10, 2 + columns * 10));
        }
    }

    @Test
    void whatCannotBeShownIsRefused() {
        Image two = new Image(new ImageShape(2, 1, 1), new byte[2]);
        assertThatThrownBy(() -> new ImageGrid(1).row("", List.of(two)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ImageGrid(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ImageGrid(1).png()).isInstanceOf(IllegalStateException.class);
    }
}
