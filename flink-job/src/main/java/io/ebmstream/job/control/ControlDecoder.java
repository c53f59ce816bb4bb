package io.ebmstream.job.control;

import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.ControlCommand;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes the control topic. What is no command, or could not be answered by its id, is a dead
 * letter; whether a command can be carried out is for the learner to say.
 */
public final class ControlDecoder extends ProcessFunction<KafkaRecord, ControlOrder> {
    private static final long serialVersionUID = 1L;

    /** Name of this step in dead letters. */
    public static final String STAGE = "control";

    /** Longest id and model name, characters. */
    public static final int MAX_NAME = 256;

    /** Longest reason, characters. */
    public static final int MAX_REASON = 4_096;

    /** Records that are no commands. */
    public static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("control-dead-letters", TypeInformation.of(DeadLetter.class));

    private transient Counter dead;

    @Override
    public void open(OpenContext context) {
        dead = EbmMetrics.counter(EbmMetrics.group(getRuntimeContext()), EbmMetrics.DEAD_LETTERS);
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<ControlOrder> out) {
        ControlOrder order;
        try {
            order = order(record);
        } catch (WireFormatException | RuntimeException e) {
            dead.inc();
            context.output(
                    DEAD_LETTERS,
                    new DeadLetter(
                            record, STAGE, e.getClass().getName(), String.valueOf(e.getMessage())));
            return;
        }
        out.collect(order);
    }

    /**
     * The command of a record.
     *
     * @throws WireFormatException if it is none
     * @throws IllegalArgumentException if a text of it is too long, or its version is none
     */
    static ControlOrder order(KafkaRecord record) throws WireFormatException {
        ControlCommand command = WireFormat.CONTROL.decode(record.value());
        check("command_id", command.getCommandId(), 1, MAX_NAME);
        check("model", command.getModel(), 1, MAX_NAME);
        check("reason", command.getReason(), 0, MAX_REASON);
        return new ControlOrder(
                command.getCommandId(),
                command.getModel(),
                command.getKind(),
                AvroVersions.from(command.getTargetVersion()),
                command.getSteps(),
                command.getReason());
    }

    private static void check(String field, String text, int least, int most) {
        if (text.length() < least || text.length() > most) {
            throw new IllegalArgumentException(
                    "expected "
                            + field
                            + " of "
                            + least
                            + " to "
                            + most
                            + " characters, found "
                            + text.length());
        }
    }
}
