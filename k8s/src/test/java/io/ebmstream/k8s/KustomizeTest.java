package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where kustomize or kubectl is installed, it renders what the other tests look at. */
class KustomizeTest {
    private static final String HASH = "ebm-job-[a-z0-9]{10}";

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void rendersWhatTheOtherTestsLookAt(String overlay) throws Exception {
        Optional<String> rendered = render(overlay);
        assumeThat(rendered)
                .as("neither kustomize nor kubectl runs here: its rendering is not compared")
                .isPresent();

        List<ObjectNode> found = Manifests.documents(rendered.get());

        assertThat(
                        found.stream()
                                .filter(node -> Manifests.kind(node).equals("ConfigMap"))
                                .map(Manifests::name))
                .as("a changed configuration is a changed name, and so an upgrade")
                .anySatisfy(name -> assertThat(name).matches(HASH));
        assertThat(byName(Manifests.documents(rendered.get().replaceAll(HASH, "ebm-job"))))
                .isEqualTo(byName(Manifests.overlay(overlay).all()));
    }

    private static TreeMap<String, ObjectNode> byName(List<ObjectNode> resources) {
        TreeMap<String, ObjectNode> map = new TreeMap<>();
        resources.forEach(r -> map.put(Manifests.kind(r) + "/" + Manifests.name(r), r));
        return map;
    }

    private static Optional<String> render(String overlay) throws Exception {
        for (List<String> command :
                List.of(List.of("kustomize", "build"), List.of("kubectl", "kustomize"))) {
            Process process;
            try {
                process =
                        new ProcessBuilder(
                                        Stream.concat(
                                                        command.stream(),
                                                        Stream.of("overlays/" + overlay))
                                                .toList())
                                .directory(Manifests.ROOT.toFile())
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start();
            } catch (IOException e) {
                continue; // not installed
            }
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s %s", command, overlay).isZero();
            return Optional.of(out);
        }
        return Optional.empty();
    }
}
