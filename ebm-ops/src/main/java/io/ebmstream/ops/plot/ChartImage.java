package io.ebmstream.ops.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Charts as a PNG file, one below the other, each as high as the others. Needs no screen, but a
 * font. Stateless, thread-safe.
 */
public final class ChartImage {
    /** Width in pixels unless said otherwise. */
    public static final int WIDTH = 900;

    /** Height in pixels of a chart that stands alone, unless said otherwise. */
    public static final int HEIGHT = 500;

    /** Height in pixels of a chart among several, unless said otherwise. */
    public static final int PANEL_HEIGHT = 260;

    static {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private ChartImage() {}

    /**
     * Draws charts at the size that suits their number.
     *
     * @throws IllegalStateException if this machine has no font to write with
     * @throws IllegalArgumentException if there is no chart
     */
    public static byte[] png(Chart... charts) {
        int height = charts.length == 1 ? HEIGHT : charts.length * PANEL_HEIGHT;
        return png(WIDTH, Math.max(1, height), charts);
    }

    /**
     * Draws charts one below the other.
     *
     * @param width in pixels, of the whole
     * @param height in pixels, of the whole
     * @throws IllegalStateException if this machine has no font to write with
     * @throws IllegalArgumentException if there is no chart
     */
    public static byte[] png(int width, int height, Chart... charts) {
        if (charts.length == 0) {
            throw new IllegalArgumentException("expected at least one chart, found none");
        }
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            double panel = (double) height / charts.length;
            for (int i = 0; i < charts.length; i++) {
                Drawing.of(charts[i])
                        .draw(graphics, new Rectangle2D.Double(0, i * panel, width, panel));
            }
        } catch (LinkageError | InternalError | NullPointerException e) {
            // what a JDK without font configuration throws depends on its version
            throw new IllegalStateException(
                    "expected a font to write charts with, found none that works; install"
                            + " fontconfig and a font such as DejaVu",
                    e);
        } finally {
            graphics.dispose();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(picture, "png", stream);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /**
     * Writes {@link #png(Chart...)} to a file; folders that are missing are made.
     *
     * @throws IllegalStateException if this machine has no font to write with
     */
    public static void write(Path file, Chart... charts) throws IOException {
        byte[] png = png(charts);
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        Files.write(file, png);
    }
}
