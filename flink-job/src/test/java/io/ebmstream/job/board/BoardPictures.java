package io.ebmstream.job.board;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes the pictures of the documentation from a board that runs; docs/BOARD.md says how. The board
 * must show an alarm with its pictures.
 */
final class BoardPictures {
    private static final int DESK = 1280;
    private static final int PHONE = 390;

    /** Until charts show what came after the alarm. */
    private static final long AFTER_ALARM_MILLIS = 20_000;

    private BoardPictures() {}

    /**
     * @param args address of the board, folder for board.png and board-phone.png
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "expected the board's address and a folder, found " + List.of(args));
        }
        Path program =
                Browser.find()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "expected a Chromium in PATH, found none of "
                                                        + Browser.PROGRAMS));
        Path folder = Path.of(args[1]);
        Path profile = Files.createTempDirectory("ebm-board-pictures-");
        try (Browser browser = new Browser(program, profile)) {
            browser.open(URI.create(args[0]), DESK, DESK);
            browser.await("document.querySelector('#alarms img')");
            Thread.sleep(AFTER_ALARM_MILLIS);
            browser.evaluate("document.querySelector('#show-c').click()");
            browser.evaluate("document.querySelector('#alarm-seen').click()");
            picture(browser, DESK, "#s-learner", folder.resolve("board.png"));
            picture(browser, PHONE, "#s-alarms", folder.resolve("board-phone.png"));
        } finally {
            try (Stream<Path> files = Files.walk(profile)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Takes the page down to the end of a part of it: what is below is no news to a reader. */
    private static void picture(Browser browser, int width, String last, Path file)
            throws Exception {
        browser.size(width, width);
        browser.await("document.querySelector('canvas').clientWidth < " + width);
        browser.await(
                "document.images.length > 0"
                        + " && [...document.images].every((i) => i.hidden || i.naturalWidth > 0)");
        String end = "document.querySelector('" + last + "').getBoundingClientRect().bottom";
        browser.size(width, browser.evaluate("Math.ceil(scrollY + " + end + ") + 14").asInt());
        // the next change draws the charts in their new size
        Thread.sleep(2_000);
        browser.picture(file);
        System.out.println(file);
    }
}
