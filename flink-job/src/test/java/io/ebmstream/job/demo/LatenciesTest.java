package io.ebmstream.job.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void quantilesAreExact() {
        Latencies latencies = new Latencies();
        assertThat(latencies.quantile(0.5)).isNaN();
        for (int i = 3000; i >= 1; i--) {
            latencies.add(i);
        }
        assertThat(latencies.quantile(0.5)).isEqualTo(1500);
        assertThat(latencies.quantile(0.99)).isEqualTo(2970);
        assertThat(latencies.quantile(1)).isEqualTo(3000);
        assertThat(latencies.quantile(0)).isEqualTo(1);
    }
}
