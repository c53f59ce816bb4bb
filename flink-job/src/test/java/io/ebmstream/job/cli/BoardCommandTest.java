package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardCommandTest {
    @TempDir Path folder;

    @Test
    void whatCannotWorkIsAnErrorBeforeAnythingStarts() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "guess-me\n");
        Cli.Outcome shortToken = Cli.run("board", "--control-token-file", token.toString());
        assertThat(shortToken.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(shortToken.err())
                .contains("token: expected 16 to 256", "openssl rand -hex 16")
                .doesNotContain("guess-me");
        Cli.Outcome noFile =
                Cli.run("board", "--control-token-file", folder.resolve("none").toString());
        assertThat(noFile.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(noFile.err()).contains("--control-token-file: expected a file");
        assertThat(Cli.run("board", "--port", "70000").err())
                .contains("port: expected 0 to 65535, found 70000");
        assertThat(Cli.run("board", "--minutes", "0").err())
                .contains("history: expected 1 minute to 7 days");
        assertThat(Cli.run("demo", "--board-port", "-1").err())
                .contains("--board-port: expected 0 to 65535");
    }

    @Test
    void aPortInUseFails() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Cli.Outcome board = Cli.run("board", "--port", "" + other.getLocalPort());
            assertThat(board.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(board.err())
                    .contains("expected to listen on", "choose another port (--port");
        }
    }
}
