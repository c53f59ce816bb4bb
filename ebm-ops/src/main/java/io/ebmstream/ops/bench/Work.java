package io.ebmstream.ops.bench;

import io.ebmstream.ops.energy.Network;

/** What is measured. */
public enum Work {
    /** One Langevin step of every chain: forward, input gradient, noise and update. */
    LANGEVIN,
    /**
     * The gradient of a parameter update on a batch of data and as many chains, at weights that
     * were just set:
     *
     * <pre>grad = mean grad_theta U(x+) - mean grad_theta U(x-)</pre>
     *
     * The optimizer's own step on the weights is left out, for every executor and peer alike.
     */
    UPDATE;

    /** Name in reports: {@code langevin}, {@code update}. */
    public String label() {
        return this == LANGEVIN ? "langevin" : "update";
    }

    /** Images that one run of the work takes. */
    int images(int batch) {
        return this == LANGEVIN ? batch : 2 * batch;
    }

    /**
     * Nominal floating point operations for one image: the forward pass once for itself, once for
     * the input gradient and, in an update, once for the weights' gradient.
     */
    double flops(Network network) {
        return (this == LANGEVIN ? 2.0 : 3.0) * network.forwardFlops();
    }

    /** The network's name in reports: an update must not pass for Langevin steps. */
    String network(String name) {
        return this == LANGEVIN ? name : name + " update";
    }
}
