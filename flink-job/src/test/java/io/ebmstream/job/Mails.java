package io.ebmstream.job;

import java.util.Optional;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/** Runs the mails that a task would run. */
public final class Mails {
    private Mails() {}

    /** Runs mails until none is left. */
    public static void runAll(AbstractStreamOperatorTestHarness<?> harness) throws Exception {
        while (run(harness, 1_000) > 0) {}
    }

    /**
     * Runs at most a number of mails.
     *
     * @return how many there were to run
     */
    public static int run(AbstractStreamOperatorTestHarness<?> harness, int most) throws Exception {
        for (int i = 0; i < most; i++) {
            Optional<Mail> mail = harness.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
            if (mail.isEmpty()) {
                return i;
            }
            mail.get().run();
        }
        return most;
    }
}
