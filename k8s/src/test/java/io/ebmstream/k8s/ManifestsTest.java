package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    @SuppressWarnings("unused") // names the overlays to the parameterized tests
    static final java.util.List<String> OVERLAYS = Manifests.OVERLAYS;

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void everyResourceIsWhatItsOperatorKnows(String overlay) {
        Manifests manifests = Manifests.overlay(overlay);
        assertThat(manifests.all()).hasSizeGreaterThan(15);
        assertThat(manifests.all()).allSatisfy(node -> assertThat(Strict.read(node)).isNotNull());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/spec",
                "/spec/job",
                "/spec/taskManager/resource",
                "/spec/podTemplate/spec",
                "/spec/podTemplate/spec/securityContext",
                "/spec/podTemplate/spec/containers/0/securityContext"
            })
    void aTypoInADeploymentIsFound(String where) {
        rejectsATypo(Manifests.overlay("gpu").get("FlinkDeployment", "ebm-stream"), where);
    }

    @Test
    void aTypoInAnyOtherKindIsFound() {
        Manifests dev = Manifests.overlay("dev");
        rejectsATypo(dev.get("KafkaTopic", "ebm.images"), "/spec");
        rejectsATypo(dev.get("KafkaUser", "ebm-stream"), "/spec/authorization");
        rejectsATypo(dev.get("Kafka", "kafka"), "/spec/kafka");
        rejectsATypo(dev.get("KafkaNodePool", "all"), "/spec/storage");
        rejectsATypo(dev.get("NetworkPolicy", "ebm-stream"), "/spec/egress/0");
        rejectsATypo(dev.get("PersistentVolumeClaim", "ebm-state"), "/spec");
        rejectsATypo(dev.get("Role", "ebm-stream"), "/rules/0");
        Manifests cpu = Manifests.overlay("cpu");
        rejectsATypo(cpu.get("PodMonitor", "ebm-stream"), "/spec/podMetricsEndpoints/0");
        rejectsATypo(cpu.get("PrometheusRule", "ebm-stream"), "/spec/groups/0/rules/0");
    }

    private static void rejectsATypo(ObjectNode resource, String where) {
        ((ObjectNode) resource.at(where)).put("typo", 1);
        assertThatIllegalArgumentException()
                .as(where)
                .isThrownBy(() -> Strict.read(resource))
                .withMessageContaining("typo");
    }

    @Test
    void everyFileIsPartOfSomething() throws IOException {
        Set<Path> used = new HashSet<>();
        try (Stream<Path> files = manifests()) {
            for (Path file : files.filter(f -> f.endsWith("kustomization.yaml")).toList()) {
                used.add(file);
                JsonNode root = Manifests.documents(Manifests.read(file)).get(0);
                Stream.of("resources", "components", "configurations")
                        .flatMap(field -> Manifests.elements(root.path(field)))
                        .map(JsonNode::asText)
                        .forEach(name -> used.add(file.resolveSibling(name).normalize()));
                Manifests.elements(root.path("patches"))
                        .filter(patch -> patch.has("path"))
                        .forEach(p -> used.add(file.resolveSibling(p.path("path").asText())));
                Manifests.elements(root.path("configMapGenerator"))
                        .flatMap(map -> Manifests.elements(map.path("files")))
                        .forEach(name -> used.add(file.resolveSibling(name.asText())));
            }
        }
        try (Stream<Path> files = manifests()) {
            assertThat(files.toList()).allSatisfy(file -> assertThat(used).contains(file));
        }
    }

    private static Stream<Path> manifests() throws IOException {
        return Stream.of("base", "components", "overlays")
                .flatMap(
                        folder -> {
                            try (Stream<Path> files = Files.walk(Manifests.ROOT.resolve(folder))) {
                                return files.filter(Files::isRegularFile).toList().stream();
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
    }
}
