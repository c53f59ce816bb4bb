package io.ebmstream.job.chaos;

import io.ebmstream.job.broker.EmbeddedBroker;
import java.nio.file.Path;

/** Main class of a broker in a process of its own. */
final class BrokerChild {
    private BrokerChild() {}

    /** Folder, port, controller's port. */
    // the broker only has to be open while the parent is there
    @SuppressWarnings("try")
    public static void main(String[] args) throws Exception {
        try (EmbeddedBroker broker =
                EmbeddedBroker.start(
                        Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]))) {
            ChildProcess.serve();
        }
        System.exit(0);
    }
}
