package io.ebmstream.k8s;

import java.nio.file.Path;
import java.util.Properties;
import org.apache.flink.client.deployment.application.ApplicationClusterEntryPoint;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * Main class of a cluster for one application, as a job manager's pod runs it, with a task manager
 * in the same process. The only difference is who starts task managers.
 */
@SuppressWarnings("try") // Flink closes it, and it may be interrupted then
final class ApplicationCluster extends ApplicationClusterEntryPoint {
    private ApplicationCluster(Configuration flink, PackagedProgram program) {
        super(flink, program, StandaloneResourceManagerFactory.getInstance());
    }

    /** Folder of Flink's configuration, entry class, its arguments. */
    public static void main(String[] args) throws Exception {
        Configuration flink = GlobalConfiguration.loadConfiguration(Path.of(args[0]).toString());
        String[] arguments = new String[args.length - 2];
        System.arraycopy(args, 2, arguments, 0, arguments.length);
        PackagedProgram program =
                PackagedProgram.newBuilder()
                        .setConfiguration(flink)
                        .setEntryPointClassName(args[1])
                        .setArguments(arguments)
                        .setSavepointRestoreSettings(
                                SavepointRestoreSettings.fromConfiguration(flink))
                        .build();
        configureExecution(flink, program);
        // what Flink's scripts work out and hand to a task manager
        flink.addAll(
                ConfigurationUtils.createConfiguration(
                        properties(
                                TaskExecutorProcessUtils.generateDynamicConfigsStr(
                                        TaskExecutorProcessUtils.processSpecFromConfig(flink)))));
        Thread worker =
                new Thread(
                        () -> {
                            try {
                                TaskManagerRunner.runTaskManager(
                                        flink,
                                        PluginUtils.createPluginManagerFromRootFolder(flink));
                            } catch (Exception e) {
                                throw new IllegalStateException("the task manager failed", e);
                            }
                        },
                        "task-manager");
        worker.setDaemon(true);
        worker.start();
        ClusterEntrypoint.runClusterEntrypoint(new ApplicationCluster(flink, program));
    }

    private static Properties properties(String options) {
        Properties properties = new Properties();
        for (String option : options.replace("-D ", "").strip().split(" ")) {
            String[] sides = option.split("=", 2);
            properties.setProperty(sides[0], sides[1]);
        }
        return properties;
    }
}
