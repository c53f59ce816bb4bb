package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ebm probe} and {@code ebm evaluate quality} on a model that {@code ebm train} left. */
class MeasuringCommandsTest {
    @TempDir Path dir;
    private Path images;
    private Path model;

    @BeforeEach
    void train() throws IOException {
        images = LabelledIdx.write(dir, "images", 400, 12);
        model = dir.resolve("model");
        Cli.Outcome trained =
                Cli.run(
                        "train",
                        "--images=" + images,
                        "--pad=16",
                        "--limit=40",
                        "--network=light32",
                        "--n=2",
                        "--steps=2",
                        "--batch=32",
                        "--bank=32",
                        "--updates=2",
                        "--precision=float32",
                        "--out=" + model);
        assertThat(trained.exit()).as(trained.err()).isZero();
    }

    private Cli.Outcome run(String command, String... more) {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.add("--images=" + images);
        words.add("--precision=float32");
        words.addAll(List.of(more));
        return Cli.run(words.toArray(String[]::new));
    }

    @Test
    void logZComesWithAnIntervalAndBitsPerDimension() throws IOException {
        Cli.Outcome told =
                Cli.run(
                        "logz",
                        "--model=" + model,
                        "--images=" + images,
                        "--limit=40",
                        "--chains=8",
                        "--steps=12",
                        "--json");
        assertThat(told.exit()).as(told.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(told.out());
        assertThat(json.path("log_z_low").asDouble())
                .isLessThanOrEqualTo(json.path("log_z").asDouble());
        assertThat(json.path("log_z_high").asDouble())
                .isGreaterThanOrEqualTo(json.path("log_z").asDouble());
        assertThat(json.path("images").asInt()).isEqualTo(40);
        // pixels of a box have at most log2(255 * 1.5) bits where the density is flat
        assertThat(json.path("bits_per_dimension").asDouble()).isBetween(-1e3, 1e3);
        ModelFile alone = ModelFile.read(model);
        Path both = alone.with(ModelFile.PRIOR, alone.energy()).write(dir.resolve("both"));
        Cli.Outcome more =
                Cli.run(
                        "logz",
                        "--model=" + both,
                        "--images=" + images,
                        "--limit=40",
                        "--chains=4",
                        "--steps=4",
                        "--json");
        assertThat(more.exit()).as(more.err()).isZero();
        assertThat(new ObjectMapper().readTree(more.out()).path("mean_energy").asDouble())
                .isCloseTo(2 * json.path("mean_energy").asDouble(), withinPercentage(0.1));
        Cli.Outcome text = Cli.run("logz", "--model=" + model, "--chains=4", "--steps=4");
        assertThat(text.out()).contains("log Z ", "over pixels in [-1.5, 1.5]");
        Cli.Outcome few = Cli.run("logz", "--model=" + model, "--chains=1");
        assertThat(few.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(few.err()).contains("found chains 1");
    }

    @Test
    void aStudyOfDriftComparesMethods() throws IOException {
        Cli.Outcome told =
                Cli.run(
                        "study",
                        "drift",
                        "--model=" + model,
                        "--images=" + images,
                        "--reference=100",
                        "--limit=400",
                        "--changes=noise,blur",
                        "--runs=1",
                        "--unchanged=2",
                        "--json");
        assertThat(told.exit()).as(told.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(told.out());
        assertThat(json.path("delays").size()).isEqualTo(2 * 6);
        assertThat(json.at("/false_alarms/5/images").asLong()).isEqualTo(40_000);
        assertThat(Cli.run("study").exit()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aProbeMeasuresAndGoesOn() throws IOException {
        String[] command = {
            "--model=" + model,
            "--chains=128",
            "--steps=6",
            "--superchains=3",
            "--per-superchain=2",
            "--draws=4",
            "--thinning=1",
            "--from=data,noise",
            "--out=" + dir.resolve("probe")
        };
        Cli.Outcome probed = run("probe", command);
        assertThat(probed.exit()).as(probed.err()).isZero();
        assertThat(probed.out())
                .contains("from data", "from noise", "nested R-hat", "bank: 32 of 32", "verdict: ");
        Path out = dir.resolve("probe");
        assertThat(Files.readAllLines(out.resolve("probe.csv"))).hasSize(1 + 2 * 2);
        assertThat(out.resolve("probe.png")).isNotEmptyFile();
        JsonNode report = new ObjectMapper().readTree(out.resolve("probe.json").toFile());
        assertThat(report.at("/long_run/curves/0/points/1/steps").asInt()).isEqualTo(6);
        assertThat(report.at("/mixing/quantities").size()).isEqualTo(5);

        // longer: what was measured stays, the chains go on
        command[2] = "--steps=9";
        Cli.Outcome goesOn = run("probe --json", command);
        assertThat(goesOn.exit()).isZero();
        assertThat(new ObjectMapper().readTree(goesOn.out()))
                .isEqualTo(new ObjectMapper().readTree(out.resolve("probe.json").toFile()));
        List<String> longer = Files.readAllLines(out.resolve("probe.csv"));
        command[8] = "--out=" + dir.resolve("whole");
        assertThat(run("probe", command).exit()).isZero();
        List<String> whole = Files.readAllLines(dir.resolve("whole").resolve("probe.csv"));
        assertThat(longer).hasSize(1 + 2 * 3).containsAll(whole);

        command[1] = "--chains=129";
        Cli.Outcome other = run("probe", command);
        assertThat(other.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("give another --out");
    }

    @Test
    void qualityOfChainsAndOfImages() throws IOException {
        String[] common = {"--count=32", "--block=8", "--feature-seeds=101,102"};
        Cli.Outcome bank =
                run(
                        "evaluate quality",
                        common[0],
                        common[1],
                        common[2],
                        "--model=" + model,
                        "--training=" + images,
                        "--training-limit=40",
                        "--out=" + dir.resolve("quality"));
        assertThat(bank.exit()).as(bank.err()).isZero();
        assertThat(bank.out()).contains("after 0 steps from bank", "kernel MMD^2", "real/noise");
        assertThat(bank.out()).doesNotContainIgnoringCase("FID");
        JsonNode report = new ObjectMapper().readTree(dir.resolve("quality/quality.json").toFile());
        assertThat(report.at("/quality/measures").size()).isEqualTo(5);
        assertThat(dir.resolve("quality/samples.png")).isNotEmptyFile();
        Cli.Outcome noise =
                run(
                        "evaluate quality",
                        common[0],
                        common[1],
                        common[2],
                        "--model=" + model,
                        "--from=noise",
                        "--steps=3");
        assertThat(noise.out()).contains("after 3 steps from noise");
        Cli.Outcome same =
                run(
                        "evaluate quality",
                        common[0],
                        common[1],
                        common[2],
                        "--samples=" + images,
                        "--pairs=" + images);
        assertThat(same.exit()).as(same.err()).isZero();
        assertThat(same.out()).contains("PSNR", "SSIM");
        Cli.Outcome json =
                run(
                        "evaluate quality --json",
                        common[0],
                        common[1],
                        common[2],
                        "--samples=" + images,
                        "--pairs=" + images);
        JsonNode both = new ObjectMapper().readTree(json.out());
        assertThat(both.at("/quality/measures").size()).isEqualTo(5);
        assertThat(both.at("/pairs/measures").size()).isEqualTo(2);
        assertThat(run("evaluate quality", common[0]).err())
                .contains("either --model or --samples");
        assertThat(run("evaluate quality", "--model=" + model, "--count=300").err())
                .contains("expected at least 600 images, found 400");
    }
}
