package io.ebmstream.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.job.cli.ClusterJob;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether the deployment, the job's configuration and the image are made for each other. */
class DeploymentTest {
    /** What a process needs beside what Flink and JavaCPP count: code, threads, malloc. */
    private static final MemorySize LEAST_MARGIN = MemorySize.ofMebiBytes(128);

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void memoryAddsUpWithinTheContainer(String overlay) {
        Deployment deployment = Deployment.of(overlay);
        Configuration flink = deployment.flink();
        MemorySize container = deployment.memory("taskManager");
        flink.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, container);

        TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(flink);

        assertThat(
                        spec.getJvmHeapMemorySize()
                                .add(spec.getJvmDirectMemorySize())
                                .add(spec.getManagedMemorySize())
                                .add(spec.getJvmMetaspaceAndOverhead().getMetaspace())
                                .add(spec.getJvmMetaspaceAndOverhead().getOverhead()))
                .isEqualTo(container);
        // native memory of the job: planned by Flink as much as JavaCPP lets it grow
        MemorySize natives = deployment.javaProperty("org.bytedeco.javacpp.maxbytes");
        assertThat(natives).isEqualTo(spec.getTaskOffHeapSize());
        // JavaCPP collects garbage, then fails, before the kernel kills the container
        MemorySize resident = deployment.javaProperty("org.bytedeco.javacpp.maxphysicalbytes");
        assertThat(resident.add(LEAST_MARGIN)).isLessThanOrEqualTo(container);
        assertThat(resident)
                .isGreaterThan(container.subtract(spec.getJvmMetaspaceAndOverhead().getOverhead()));
        assertThat(spec.getTaskHeapSize())
                .as("what learner and purifiers keep on the heap, with as much again to work")
                .isGreaterThan(heapOf(Manifests.job(overlay)).multiply(2));

        Configuration jobManager = deployment.flink();
        jobManager.set(JobManagerOptions.TOTAL_PROCESS_MEMORY, deployment.memory("jobManager"));
        JobManagerProcessSpec master = JobManagerProcessUtils.processSpecFromConfig(jobManager);
        assertThat(master.getTotalProcessMemorySize()).isEqualTo(deployment.memory("jobManager"));
        assertThat(master.getJvmHeapMemorySize()).isGreaterThan(MemorySize.ofMebiBytes(512));
    }

    /** Replay buffer, bank, weights with moments, good states, versions kept; all on the heap. */
    private static MemorySize heapOf(JobConfig job) {
        long pixels = job.model().shape().size();
        long weights = 4L * 4 * job.model().build().parameterCount();
        long bank = 4L * pixels * job.learner().bank();
        long points = job.guard().points() * (weights + bank);
        long kept = (long) job.control().keep() * weights / 4;
        return new MemorySize(weights + bank + points + kept + pixels * job.learner().replay());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void theJobUnderstandsItsConfiguration(String overlay) {
        Deployment deployment = Deployment.of(overlay);
        JobConfig job = Manifests.job(overlay);
        assertThat(job.runtime().parallelism())
                .isEqualTo(deployment.spec().at("/job/parallelism").asInt());
        assertThat(job.runtime().parallelism() % deployment.slots())
                .as("task managers without an idle slot")
                .isZero();
        assertThat(job.runtime().flink()).as("Flink's keys belong to the cluster").isEmpty();
        assertThat(job.runtime().checkpointDir()).isEmpty();
        assertThat(deployment.spec().at("/job/entryClass").asText())
                .isEqualTo(ClusterJob.class.getName());
        JsonNode args = deployment.spec().at("/job/args");
        assertThat(Manifests.elements(args).map(JsonNode::asText))
                .startsWith("run", "--config")
                .last()
                .isEqualTo(deployment.mount("job-config") + "/job.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void flinkKnowsEveryKey(String overlay) {
        Set<String> known = options();
        Deployment.of(overlay)
                .flink()
                .toMap()
                .keySet()
                .forEach(
                        key ->
                                assertThat(
                                                known.contains(key)
                                                        || key.matches(
                                                                "kubernetes\\.operator\\..+"
                                                                        + "|external-resource\\.gpu\\..+"
                                                                        + "|metrics\\.reporter\\.prom\\..+"))
                                        .as(key)
                                        .isTrue());
    }

    /** Keys of Flink's options that manifests use; the operator's are not at hand. */
    private static Set<String> options() {
        return Stream.of(
                        TaskManagerOptions.class,
                        JobManagerOptions.class,
                        CheckpointingOptions.class,
                        StateRecoveryOptions.class,
                        HighAvailabilityOptions.class,
                        CoreOptions.class,
                        MetricOptions.class,
                        ExternalResourceOptions.class,
                        RestartStrategyOptions.class,
                        WebOptions.class)
                .flatMap(type -> Arrays.stream(type.getFields()))
                .filter(f -> Modifier.isStatic(f.getModifiers()))
                .filter(f -> f.getType() == ConfigOption.class)
                .map(
                        f -> {
                            try {
                                return ((ConfigOption<?>) f.get(null)).key();
                            } catch (IllegalAccessException e) {
                                throw new IllegalStateException(f.getName(), e);
                            }
                        })
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void podsKeepToTheRestrictedStandard(String overlay) {
        Deployment deployment = Deployment.of(overlay);
        JsonNode pod = deployment.spec().at("/podTemplate/spec");
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(9999);
        assertThat(pod.at("/securityContext/seccompProfile/type").asText())
                .isEqualTo("RuntimeDefault");
        assertThat(pod.has("hostNetwork") || pod.has("hostPID") || pod.has("initContainers"))
                .isFalse();
        assertThat(pod.path("containers")).hasSize(1);
        JsonNode container = pod.at("/containers/0");
        assertThat(container.path("name").asText()).isEqualTo("flink-main-container");
        JsonNode security = container.path("securityContext");
        assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void whatIsWrittenLiesOnVolumes(String overlay) {
        Deployment deployment = Deployment.of(overlay);
        for (String written : List.of("/scratch", "/tmp", "/opt/flink/log")) {
            assertThat(deployment.volumeAt(written).has("emptyDir")).as(written).isTrue();
            assertThat(deployment.volumeAt(written).at("/emptyDir/sizeLimit").asText())
                    .isNotEmpty();
        }
        Map<String, String> flink = deployment.flink().toMap();
        assertThat(flink.get("io.tmp.dirs")).isEqualTo("/scratch");
        assertThat(flink.get("env.java.opts.taskmanager")).contains("cachedir=/scratch/javacpp");
        assertThat(flink.get("env.java.opts.jobmanager")).contains("cachedir=/scratch/javacpp");
        assertThat(deployment.env()).doesNotContainKey("ENABLE_BUILT_IN_PLUGINS");
        assertThat(deployment.env()).containsKeys("OMP_NUM_THREADS", "MALLOC_ARENA_MAX");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void stateIsKeptWhereAllPodsReachItAndAnUpgradeTakesASavepoint(String overlay) {
        Deployment deployment = Deployment.of(overlay);
        Map<String, String> flink = deployment.flink().toMap();
        String store = overlay.equals("dev") ? "file:///state/" : "s3://ebm-stream/";
        assertThat(flink.get("execution.checkpointing.dir")).startsWith(store);
        assertThat(flink.get("execution.checkpointing.savepoint-dir")).startsWith(store);
        assertThat(flink.get("high-availability.storageDir")).startsWith(store);
        assertThat(flink.get("high-availability.type")).isEqualTo("kubernetes");
        assertThat(deployment.spec().at("/job/upgradeMode").asText()).isEqualTo("savepoint");
        assertThat(deployment.spec().at("/job/allowNonRestoredState").asBoolean(true)).isFalse();
        if (overlay.equals("dev")) {
            assertThat(deployment.volumeAt("/state").has("persistentVolumeClaim")).isTrue();
        }
        // templates of single roles would otherwise overwrite mounts by their position
        assertThat(flink.get("kubernetes.operator.pod-template.merge-arrays-by-name"))
                .isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void secretsAreReferencesOnly(String overlay) {
        Manifests manifests = Manifests.overlay(overlay);
        assertThat(manifests.of("Secret")).isEmpty();
        Deployment deployment = Deployment.of(overlay);
        JsonNode container = deployment.spec().at("/podTemplate/spec/containers/0");
        assertThat(Manifests.elements(container.path("env")))
                .filteredOn(e -> e.path("name").asText().startsWith("AWS_"))
                .hasSize(2)
                .allSatisfy(e -> assertThat(e.at("/valueFrom/secretKeyRef").isObject()).isTrue());
        assertThat(deployment.flink().toMap().keySet())
                .noneMatch(key -> key.matches(".*(password|secret|token|access-key).*"));
        Map<String, String> kafka = Manifests.job(overlay).kafka().clients();
        Matcher reference = Pattern.compile("\\$\\{directory:([^:}]+):([^:}]+)}").matcher("");
        for (String key : List.of("sasl.jaas.config", "ssl.truststore.certificates")) {
            assertThat(reference.reset(kafka.get(key)).matches()).as(kafka.get(key)).isTrue();
            assertThat(deployment.volumeAt(reference.group(1)).has("secret")).isTrue();
        }
        assertThat(deployment.volumeAt(reference.group(1)).at("/secret/secretName").asText())
                .isEqualTo("kafka-cluster-ca-cert");
        assertThat(manifests.of("KafkaUser"))
                .singleElement()
                .extracting(Manifests::name)
                .isEqualTo(deployment.volume("kafka-user").at("/secret/secretName").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu", "dev"})
    void theNetworkIsOpenWhereTheJobGoes(String overlay) {
        Manifests manifests = Manifests.overlay(overlay);
        JsonNode policy = manifests.get("NetworkPolicy", "ebm-stream").path("spec");
        assertThat(policy.path("policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
        // native mode labels all pods of a deployment with its name
        assertThat(policy.at("/podSelector/matchLabels/app").asText())
                .isEqualTo(Manifests.name(Deployment.of(overlay).node()));
        String egress = policy.path("egress").toString();
        for (String broker : Manifests.job(overlay).kafka().bootstrap().split(",")) {
            assertThat(egress).contains("\"port\":" + broker.substring(broker.indexOf(':') + 1));
        }
        assertThat(egress).contains("\"port\":53", "\"port\":443");
    }

    @Test
    void aGpuBelongsToOneSlot() {
        Deployment gpu = Deployment.of("gpu");
        JobConfig job = Manifests.job("gpu");
        String resource = job.compute().gpuResource();
        Map<String, String> flink = gpu.flink().toMap();
        assertThat(flink.get("external-resources")).isEqualTo(resource);
        assertThat(flink.get("external-resource." + resource + ".amount")).isEqualTo("1");
        assertThat(flink.get("external-resource." + resource + ".kubernetes.config-key"))
                .isEqualTo("nvidia.com/gpu");
        assertThat(flink.get("external-resource." + resource + ".driver-factory.class"))
                .isEqualTo("org.apache.flink.externalresource.gpu.GPUDriverFactory");
        assertThat(gpu.slots()).isEqualTo(1);
        assertThat(job.compute().executor())
                .as("without a GPU it must fail, not compute slowly")
                .isEqualTo("cuda");
        assertThat(EbmOptions.COMPUTE_GPU_RESOURCE.key()).isEqualTo("ebm.compute.gpu-resource");
        for (String overlay : List.of("cpu", "dev")) {
            assertThat(Deployment.of(overlay).flink().toMap())
                    .doesNotContainKey("external-resources");
        }
    }

    @Test
    void theImageIsMadeForTheDeployment() {
        String dockerfile = Manifests.read(Manifests.ROOT.resolve("Dockerfile"));
        String version = EnvironmentInformation.getVersion();
        assertThat(dockerfile).contains("ARG FLINK_VERSION=" + version + "\n");
        Deployment deployment = Deployment.of("cpu");
        String[] parts = version.split("\\.");
        assertThat(deployment.spec().path("flinkVersion").asText())
                .isEqualTo("v" + parts[0] + "_" + parts[1]);
        String jar = deployment.spec().at("/job/jarURI").asText();
        assertThat(jar).startsWith("local://");
        assertThat(dockerfile).contains(" " + jar.substring("local://".length()) + "\n");
        assertThat(dockerfile).contains("plugins/s3-fs-presto");
        // a number, so that a cluster can tell that it is not root
        assertThat(dockerfile.strip()).endsWith("USER 9999:9999");
        assertThat(dockerfile.substring(dockerfile.indexOf("AS cuda"))).contains("USER 9999:9999");
    }

    /** What the tests ask a FlinkDeployment. */
    private record Deployment(ObjectNode node) {
        static Deployment of(String overlay) {
            return new Deployment(Manifests.overlay(overlay).get("FlinkDeployment", "ebm-stream"));
        }

        JsonNode spec() {
            return node.path("spec");
        }

        Configuration flink() {
            Configuration flink = new Configuration();
            spec().path("flinkConfiguration")
                    .properties()
                    .forEach(
                            e -> {
                                assertThat(e.getValue().isTextual()).as(e.getKey()).isTrue();
                                flink.setString(e.getKey(), e.getValue().asText());
                            });
            return flink;
        }

        int slots() {
            return flink().get(TaskManagerOptions.NUM_TASK_SLOTS);
        }

        MemorySize memory(String role) {
            return MemorySize.parse(spec().path(role).at("/resource/memory").asText());
        }

        MemorySize javaProperty(String name) {
            Matcher value =
                    Pattern.compile("-D" + Pattern.quote(name) + "=(\\S+)")
                            .matcher(flink().toMap().get("env.java.opts.taskmanager"));
            assertThat(value.find()).as(name).isTrue();
            return MemorySize.parse(value.group(1));
        }

        /** Mounts of all roles. */
        private List<JsonNode> mounts() {
            return Stream.of("/podTemplate", "/jobManager/podTemplate", "/taskManager/podTemplate")
                    .flatMap(
                            path ->
                                    Manifests.elements(
                                            spec().at(path + "/spec/containers/0/volumeMounts")))
                    .toList();
        }

        String mount(String volume) {
            return mounts().stream()
                    .filter(m -> m.path("name").asText().equals(volume))
                    .findFirst()
                    .orElseThrow()
                    .path("mountPath")
                    .asText();
        }

        JsonNode volumeAt(String path) {
            Set<String> names = new HashSet<>();
            mounts().stream()
                    .filter(m -> m.path("mountPath").asText().equals(path))
                    .forEach(m -> names.add(m.path("name").asText()));
            assertThat(names).as("mounts at %s", path).hasSize(1);
            return volume(names.iterator().next());
        }

        JsonNode volume(String name) {
            return Stream.of("/podTemplate", "/jobManager/podTemplate", "/taskManager/podTemplate")
                    .flatMap(path -> Manifests.elements(spec().at(path + "/spec/volumes")))
                    .filter(v -> v.path("name").asText().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        Map<String, String> env() {
            return Manifests.elements(spec().at("/podTemplate/spec/containers/0/env"))
                    .collect(
                            Collectors.toMap(
                                    e -> e.path("name").asText(), e -> e.path("value").asText()));
        }
    }
}
