package io.ebmstream.job.cli;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.control.ControlAction;
import io.ebmstream.job.control.ControlClient;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.ControlEventKind;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm control}: an order to a running job, and its answer. */
@Command(
        name = "control",
        description = {
            "Give an order to a running job and wait for its answer, which comes with the job's"
                    + " next checkpoint. The job must have ebm.control.enabled; see"
                    + " docs/CONTROL.md.",
            "Ends with 0 when the order was carried out or had been, with 1 when it was rejected"
                    + " or not answered."
        })
final class ControlCommandLine implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private KafkaOptions kafka;

    @Parameters(index = "0", paramLabel = "ORDER", description = "One of ${COMPLETION-CANDIDATES}.")
    private ControlAction action;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VALUE",
            description =
                    "pin, roll-back: the version, for example 0.12 (epoch and counter). steps:"
                            + " Langevin steps of a purification.")
    private String value;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Name of the job's model.")
    private String model;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            showDefaultValue = Visibility.NEVER,
            description = "Why, for whoever reads the topic later.")
    private String reason;

    @Option(
            names = "--id",
            paramLabel = "ID",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Identity of the order: one that was not answered can be given again with its"
                            + " id and is carried out once. Another one each time if it is not"
                            + " given.")
    private String id;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for the answer; 0 sends the order and ends.")
    private int patience;

    @Option(
            names = "--control-topic",
            paramLabel = "NAME",
            defaultValue = Topics.CONTROL,
            description = "Topic of orders.")
    private String controlTopic;

    @Option(
            names = "--events-topic",
            paramLabel = "NAME",
            defaultValue = Topics.EVENTS,
            description = "Topic of answers.")
    private String eventsTopic;

    @Option(
            names = "--json",
            description = "The answer as one JSON object; with --wait 0, the order's id.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, WireFormatException {
        ControlCommand command = command();
        TopicCheck.ensure(
                kafka.properties(),
                List.of(
                        new NewTopic(controlTopic, 1, (short) 1),
                        new NewTopic(eventsTopic, 1, (short) 1)),
                false);
        PrintWriter out = spec.commandLine().getOut();
        try (ControlClient client =
                new ControlClient(kafka.properties(), controlTopic, eventsTopic)) {
            client.send(command);
            if (patience == 0) {
                out.println(
                        json
                                ? JsonText.of(Map.of("id", command.getCommandId()))
                                : "sent " + action + " with id " + command.getCommandId());
                out.flush();
                return ExitCode.OK;
            }
            ConsumerRecord<byte[], byte[]> answer =
                    client.answer(command.getCommandId(), Duration.ofSeconds(patience))
                            .orElseThrow(() -> unanswered(command));
            ControlEvent event = WireFormat.EVENT.decode(answer.value());
            out.println(json ? WatchKind.EVENTS.json(answer) : WatchKind.event(event));
            out.flush();
            return event.getKind() == ControlEventKind.DONE
                            || event.getKind() == ControlEventKind.ALREADY_DONE
                    ? ExitCode.OK
                    : ExitCode.FAILED;
        }
    }

    private IllegalStateException unanswered(ControlCommand command) {
        return new IllegalStateException(
                "expected an answer on "
                        + eventsTopic
                        + " within "
                        + patience
                        + " s, found none; is the job running with ebm.control.enabled, and is its"
                        + " checkpoint interval shorter? The order stays on "
                        + controlTopic
                        + "; to ask again use --id "
                        + command.getCommandId());
    }

    private ControlCommand command() {
        if (patience < 0) {
            throw new UsageException("--wait: expected at least 0, found " + patience);
        }
        try {
            return action.command(
                    id == null ? UUID.randomUUID().toString() : id,
                    model,
                    value,
                    reason,
                    System.currentTimeMillis());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }
}
