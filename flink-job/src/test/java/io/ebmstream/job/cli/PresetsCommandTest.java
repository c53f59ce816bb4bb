package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.preset.Presets;
import org.junit.jupiter.api.Test;

class PresetsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void listsEveryPreset() throws Exception {
        Cli.Outcome table = Cli.run("presets");
        assertThat(table.exit()).isZero();
        assertThat(table.out().lines().skip(1).map(line -> line.split(" ")[0]))
                .containsExactlyElementsOf(Presets.names());
        assertThat(table.out()).contains("midrun               sngan32   coop_persistent   25000");
        JsonNode all = JSON.readTree(Cli.run("presets", "--json").out());
        assertThat(all.findValuesAsText("name")).containsExactlyElementsOf(Presets.names());
    }

    @Test
    void showsAllValuesOfOne() throws Exception {
        Cli.Outcome show = Cli.run("presets", "show", "midrun");
        assertThat(show.exit()).isZero();
        assertThat(show.out())
                .contains("generator_learns         false", "step_size                0.0125")
                .contains("rejuvenation             0.05", "steps                    100");
        JsonNode one = JSON.readTree(Cli.run("presets", "show", "longrun", "--json").out());
        assertThat(one.get("burn_in_updates").asInt()).isEqualTo(750);
        assertThat(one.get("temperature").asDouble()).isEqualTo(1e-4);
        assertThat(one.get("ema").asDouble()).isZero();
    }

    @Test
    void unknownNamesAreBadUsage() {
        Cli.Outcome unknown = Cli.run("presets", "show", "midran");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("expected a preset of shortrun").contains("midran");
    }
}
