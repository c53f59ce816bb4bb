package io.ebmstream.job.chaos;

/**
 * One kill.
 *
 * @param number from 1
 * @param parallelism of the job that was killed
 * @param restored checkpoint that it had begun from, empty for none
 * @param millis from its start to the kill
 * @param running whether it had come up
 * @param committed images that were committed at the kill
 * @param broker whether the broker was killed too
 */
public record ChaosKill(
        int number,
        int parallelism,
        String restored,
        long millis,
        boolean running,
        long committed,
        boolean broker) {}
