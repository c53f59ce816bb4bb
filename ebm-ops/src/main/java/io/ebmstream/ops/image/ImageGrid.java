package io.ebmstream.ops.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A picture of many images: rows one below the other, each with a label at its left if it has one.
 * Images of 1 and 3 channels and of several sizes may stand side by side; a cell has the size of
 * the largest. Not thread-safe.
 */
public final class ImageGrid {
    private static final Logger LOG = LoggerFactory.getLogger(ImageGrid.class);

    private static final int MARGIN = 2;
    private static final int LABEL_GAP = 6;
    private static final Color BACKGROUND = Color.WHITE;
    private static final Color INK = Color.BLACK;

    static {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private record Row(String label, List<Image> images) {}

    private final int scale;
    private final List<Row> rows = new ArrayList<>();

    /**
     * @param scale side of the square that shows one pixel; at least 1
     * @throws IllegalArgumentException if the scale is below 1
     */
    public ImageGrid(int scale) {
        if (scale < 1) {
            throw new IllegalArgumentException("expected a scale of at least 1, found " + scale);
        }
        this.scale = scale;
    }

    /** A grid of unlabelled images, row by row, as near to a square as it gets. */
    public static ImageGrid square(int scale, List<Image> images) {
        int columns = (int) Math.ceil(Math.sqrt(images.size()));
        ImageGrid grid = new ImageGrid(scale);
        for (int from = 0; from < images.size(); from += columns) {
            grid.row("", images.subList(from, Math.min(images.size(), from + columns)));
        }
        return grid;
    }

    /**
     * Adds a row below the others.
     *
     * @param label shown at the left; empty for none
     * @throws IllegalArgumentException if an image has neither 1 nor 3 channels
     */
    public ImageGrid row(String label, List<Image> images) {
        for (Image image : images) {
            int channels = image.shape().channels();
            if (channels != 1 && channels != 3) {
                throw new IllegalArgumentException(
                        "expected images of 1 or 3 channels, found " + image.shape());
            }
        }
        rows.add(new Row(label, List.copyOf(images)));
        return this;
    }

    /**
     * The picture as a PNG file.
     *
     * @throws IllegalStateException if there is no image in the grid
     */
    public byte[] png() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(render(), "png", stream);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /**
     * Writes the picture as a PNG file; folders that are missing are made.
     *
     * @throws IllegalStateException if there is no image in the grid
     */
    public void write(Path file) throws IOException {
        byte[] png = png();
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        Files.write(file, png);
    }

    private BufferedImage render() {
        int height = 0;
        int width = 0;
        int columns = 0;
        for (Row row : rows) {
            columns = Math.max(columns, row.images().size());
            for (Image image : row.images()) {
                height = Math.max(height, image.shape().height() * scale);
                width = Math.max(width, image.shape().width() * scale);
            }
        }
        if (columns == 0) {
            throw new IllegalStateException("expected at least one image in the grid, found none");
        }
        Labels labels = Labels.of(rows);
        int left = MARGIN + labels.width();
        BufferedImage picture =
                new BufferedImage(
                        left + columns * (width + MARGIN),
                        MARGIN + rows.size() * (height + MARGIN),
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(BACKGROUND);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        for (int r = 0; r < rows.size(); r++) {
            Row row = rows.get(r);
            int top = MARGIN + r * (height + MARGIN);
            labels.draw(graphics, row.label(), top + height / 2);
            for (int i = 0; i < row.images().size(); i++) {
                paint(row.images().get(i), picture, left + i * (width + MARGIN), top);
            }
        }
        graphics.dispose();
        return picture;
    }

    /** Pixel by pixel: drawing a gray image would pass through a colour conversion. */
    private void paint(Image image, BufferedImage picture, int left, int top) {
        boolean gray = image.shape().channels() == 1;
        for (int y = 0; y < image.shape().height() * scale; y++) {
            for (int x = 0; x < image.shape().width() * scale; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    rgb = rgb << 8 | image.pixel(gray ? 0 : c, y / scale, x / scale);
                }
                picture.setRGB(left + x, top + y, rgb);
            }
        }
    }

    /** Row labels; left out, with a warning, on machines without any font. */
    private record Labels(Font font, int width) {
        private static final int SIZE = 12;

        static Labels of(List<Row> rows) {
            if (rows.stream().allMatch(row -> row.label().isEmpty())) {
                return new Labels(null, 0);
            }
            BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = scratch.createGraphics();
            try {
                Font font = new Font(Font.SANS_SERIF, Font.PLAIN, SIZE);
                FontMetrics metrics = graphics.getFontMetrics(font);
                int widest =
                        rows.stream().mapToInt(r -> metrics.stringWidth(r.label())).max().orElse(0);
                return new Labels(font, widest + LABEL_GAP);
            } catch (RuntimeException | LinkageError | InternalError e) {
                // what a JDK without font configuration throws depends on its version
                LOG.warn(
                        "Row labels are left out of the picture: no font can be used here ({})",
                        e.toString());
                return new Labels(null, 0);
            } finally {
                graphics.dispose();
            }
        }

        void draw(Graphics2D graphics, String label, int middle) {
            if (font == null || label.isEmpty()) {
                return;
            }
            graphics.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setFont(font);
            graphics.setColor(INK);
            FontMetrics metrics = graphics.getFontMetrics();
            graphics.drawString(
                    label, MARGIN, middle + (metrics.getAscent() - metrics.getDescent()) / 2);
        }
    }
}
