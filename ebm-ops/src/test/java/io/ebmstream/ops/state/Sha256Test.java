package io.ebmstream.ops.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Sha256Test {
    /** The one-block example of FIPS 180-4. */
    private static final String ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void knowsThePublishedExample() {
        assertThat(Sha256.hex(new byte[] {'a', 'b', 'c'})).isEqualTo(ABC);
        assertThat(new Sha256().add("a").add(new byte[] {'b', 'c'}).hex()).isEqualTo(ABC);
        assertThat(new Sha256().add("abc").bytes()).hasSize(32).startsWith(0xba, 0x78);
    }
}
