package io.ebmstream.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.python.Python;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The Python example's energies against those of the reference. */
@Timeout(120)
class PythonEnergyTest {
    private static final ImageShape SHAPE = new ImageShape(1, 32, 32);
    private static final int IMAGES = 3;
    private static final double TEMPERATURE = 1e-4;

    @TempDir Path dir;

    @Test
    void pythonComputesTheSameEnergies() throws Exception {
        Python python = Python.withTorch(dir);
        NetworkSpec spec = new NetworkSpec("light32", 4, SHAPE);
        Network network = spec.build();
        float[] weights = Initializer.weights(network, 5);
        Path model =
                new ModelFile(
                                new ModelFile.Part(spec, weights),
                                Map.of(),
                                new LangevinConfig(0.01, TEMPERATURE, 0, 0),
                                20,
                                "",
                                new ModelVersion(0, 1),
                                1,
                                Map.of())
                        .write(dir.resolve("model"));
        float[] pixels = new float[IMAGES * SHAPE.size()];
        new UniformNoise().fill(3, 0, 0, pixels, 0, pixels.length);
        Path images = dir.resolve("images.f32");
        Files.write(images, FloatBytes.toBytes(pixels));
        List<String> lines =
                python.run("../schemas/examples/energy.py", "" + model, "" + images)
                        .lines()
                        .toList();
        assertThat(lines).hasSize(IMAGES);
        float[] expected = energies(network, weights, pixels);
        for (int i = 0; i < IMAGES; i++) {
            String[] numbers = lines.get(i).split(" ");
            // float32 sums over a few thousand products against double precision
            assertThat(Double.parseDouble(numbers[0]))
                    .isCloseTo(expected[i], Offset.offset(1e-4 * (1 + Math.abs(expected[i]))));
            assertThat(Double.parseDouble(numbers[1]))
                    .isCloseTo(
                            expected[i] / TEMPERATURE,
                            Offset.offset(1e-4 * (1 + Math.abs(expected[i])) / TEMPERATURE));
        }
        // images differ, and so must their energies, or the comparison shows nothing
        assertThat(Math.abs(expected[0] - expected[1])).isGreaterThan(1e-3f);
    }

    private static float[] energies(Network network, float[] weights, float[] pixels) {
        float[] energies = new float[IMAGES];
        try (CompiledNetwork plan =
                        new ReferenceExecutor().compile(network, IMAGES, Precision.FLOAT32);
                INDArray parameters =
                        Nd4j.create(weights, new long[] {weights.length}, DataType.FLOAT);
                INDArray images =
                        Nd4j.create(
                                pixels,
                                new long[] {IMAGES, 1, SHAPE.height(), SHAPE.width()},
                                DataType.FLOAT)) {
            plan.setParameters(parameters);
            plan.energies(images, energies);
        }
        return energies;
    }
}
