package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.hat.AutoencoderFile;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the graph must have before anything runs. */
class EbmTopologyTest {
    private static StreamGraph graph;
    private static Map<String, StreamNode> nodes;

    @BeforeAll
    static void build() {
        JobConfig config =
                JobConfig.of(
                        Map.of(
                                "ebm.job.parallelism", "3",
                                "ebm.job.max-parallelism", "24"));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        EbmTopology.build(env, config);
        graph = env.getStreamGraph();
        nodes =
                graph.getStreamNodes().stream()
                        .collect(Collectors.toMap(StreamNode::getOperatorName, node -> node));
    }

    @Test
    void everyOperatorHasAUidAndTheMaxParallelism() {
        Collection<StreamNode> all = graph.getStreamNodes();
        assertThat(all).hasSizeGreaterThan(15);
        assertThat(all)
                .allSatisfy(
                        node -> {
                            assertThat(node.getTransformationUID())
                                    .as("uid of " + node.getOperatorName())
                                    .isNotBlank();
                            assertThat(graph.getExecutionConfig().getMaxParallelism())
                                    .isEqualTo(24);
                        });
        assertThat(all).extracting(StreamNode::getTransformationUID).doesNotHaveDuplicates();
    }

    @Test
    void uidsAreThoseOfTheFirstRelease() {
        assertThat(nodes.values())
                .extracting(StreamNode::getTransformationUID)
                .contains(
                        "images",
                        "decode",
                        "learner",
                        "model-addresser",
                        "purifier",
                        "energies",
                        "density-monitor",
                        "dead-letters-encode",
                        "diagnostics-encode",
                        "snapshots-encode",
                        "purified-encode");
    }

    @Test
    void busyOperatorsAreHeadsOfTheirChainsWithUnalignedInputs() {
        for (String name : new String[] {"learner", "purifier"}) {
            StreamNode node = nodes.get(name);
            assertThat(node.getOperatorFactory().getChainingStrategy())
                    .as(name)
                    .isEqualTo(ChainingStrategy.HEAD);
            assertThat(node.getInEdges())
                    .as("inputs of " + name)
                    .isNotEmpty()
                    .allMatch(StreamEdge::supportsUnalignedCheckpoints);
        }
        assertThat(nodes.get("purifier").getInEdges()).hasSize(2);
    }

    @Test
    void theLearnersParallelismIsItsNumberOfShards() {
        assertThat(nodes.get("learner").getParallelism()).isEqualTo(1);
        assertThat(nodes.get("purifier").getParallelism()).isEqualTo(3);
        assertThat(nodes.get("snapshots-encode").getParallelism()).isEqualTo(1);
    }

    @Test
    void imagesWithLatentsAreNotLearnedFromWhereTheyAreRefined(@TempDir Path folder)
            throws Exception {
        assertThat(nodes).doesNotContainKey("learner-data");
        NetworkSpec decoder = new NetworkSpec("autoencoder-decoder", 2, new ImageShape(1, 32, 32));
        NetworkSpec encoder = new NetworkSpec("autoencoder-encoder", 2, new ImageShape(1, 32, 32));
        new AutoencoderFile(part(encoder), part(decoder), Map.of())
                .write(folder.resolve(AutoencoderFile.NAME));
        Map<String, String> values =
                Map.of("ebm.hat.generator", folder.toString(), "ebm.image.channels", "1");
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        EbmTopology.build(env, JobConfig.of(values));
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("learner-data");

        JobConfig colour = JobConfig.of(Map.of("ebm.hat.generator", folder.toString()));
        assertThatThrownBy(
                        () ->
                                EbmTopology.build(
                                        StreamExecutionEnvironment.getExecutionEnvironment(
                                                new Configuration()),
                                        colour))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model's shape 3x32x32")
                .hasMessageContaining("1x32x32");
    }

    private static ModelFile.Part part(NetworkSpec spec) {
        return new ModelFile.Part(spec, Initializer.weights(spec.build(), 1));
    }
}
