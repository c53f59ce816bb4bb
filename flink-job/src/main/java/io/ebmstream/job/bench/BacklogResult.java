package io.ebmstream.job.bench;

/**
 * What {@link BacklogBench} measured.
 *
 * @param work what was computed
 * @param images images of the backlog
 * @param seconds from the job's start to the last image that is out
 * @param heapLimit most heap that the JVM takes, MiB
 * @param heapPeak most heap in use, garbage included, MiB
 * @param liveEarly heap after a collection when a tenth was out, MiB
 * @param liveEnd heap after a collection when all was out, MiB
 * @param residentPeak most resident memory of the process, MiB; 0 where the system does not tell
 */
public record BacklogResult(
        Workload work,
        int images,
        double seconds,
        long heapLimit,
        long heapPeak,
        long liveEarly,
        long liveEnd,
        long residentPeak) {}
