package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.WorkerPool;

/** A peer, on one thread of its own that leads as many as it is given. */
final class PeerContender extends Contender {
    private final int images;
    private Peer.Run run;

    /**
     * @param pool of one worker
     */
    PeerContender(Peer peer, Work work, Peer.Task task, WorkerPool pool) {
        super(pool);
        this.images = task.images().length / task.network().input().size();
        pool.runOnEach(w -> run = work == Work.LANGEVIN ? peer.langevin(task) : peer.update(task));
    }

    @Override
    void run(int times) {
        pool().runOnEach(w -> run.run(times));
    }

    @Override
    int part() {
        return images;
    }

    @Override
    public void close() {
        pool().runOnEach(w -> run.close());
    }
}
