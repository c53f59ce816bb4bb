package io.ebmstream.job.demo;

/**
 * What became of one image.
 *
 * @param place place in the feed
 * @param corruption what was done to it, empty for nothing
 * @param version version that purified it
 * @param energyBefore U/T of the input
 * @param energyAfter U/T of the output
 * @param displacement Euclidean distance between them
 * @param latencyMillis from event time to the output's arrival in Kafka
 * @param mseSent mean squared error of the input against the clean image
 * @param msePurified mean squared error of the output against the clean image
 */
record PurifiedRow(
        long place,
        String corruption,
        String version,
        double energyBefore,
        double energyAfter,
        double displacement,
        long latencyMillis,
        double mseSent,
        double msePurified) {}
