package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.state.NamedState;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where an update's negative samples x- come from. The learner goes through
 *
 * <pre>
 * begin(round)         chains are drawn, and started where they must be
 * advance(nanos) ..    they move, until it says true
 * images()             x-, from which the learner takes its gradient and energies
 * commit(round)        what lasts is kept: banks, ages, a generator's step; not if the update is
 *                      dropped
 * </pre>
 *
 * and never begins a round before the last one is complete; a round is given up by beginning the
 * next one or by restoring. What it holds beyond {@link #state()} is working memory: until {@code
 * commit}, the state is that before the round, and a round begun again on equal state has equal
 * results, bit for bit, however the work was sliced.
 *
 * <p>Not thread-safe. Owns its arrays and plans, those of its {@link ChainSetting} excepted: close
 * it.
 */
public interface NegativeChains extends AutoCloseable {
    /** Begins a round. Short: work that takes long belongs to {@link #advance}. */
    void begin(ChainRound round);

    /**
     * Does one piece of work.
     *
     * @param nanos time that it may take; it is at least one indivisible piece, such as a Langevin
     *     step of one part
     * @return true when the samples are complete
     */
    boolean advance(long nanos);

    /**
     * x- in parts: float32 [n, c, h, w] of {@code config.part()} images, the last part of as many
     * as are left of {@code config.batch()}. Always the same arrays; the caller only reads.
     */
    INDArray[] images();

    /** r, mean L2 norm of the chains' displacement (eps^2/2) grad[..] in their last step. */
    double displacement();

    /**
     * Whether all that it computed beside the images and the displacement is finite, such as a
     * generator's gradient. If not, the update is dropped.
     */
    boolean finite();

    /** Chains of the round that restarted, those of slots drawn for the first time not counted. */
    int rejuvenated();

    /** Langevin steps times images computed since the beginning. */
    long imageSteps();

    /** Keeps what lasts of the round, as it is after {@link #advance} said true. */
    void commit(ChainRound round);

    /** What it consists of; the same objects for its whole life. Empty without anything lasting. */
    List<NamedState> state();

    /**
     * The bank of images from which updates draw, or null if chains do not last. Read it; give
     * chains up with {@link PersistentBank#empty} between rounds: they restart when next drawn.
     */
    PersistentBank bank();

    /** The generator that starts chains or is part of them, or null. */
    default LearnedGenerator generator() {
        return null;
    }

    /** A copy of the weights of the prior that chains follow beside the energy, or null. */
    default float[] priorWeights() {
        return null;
    }

    /** Frees native memory. Closing twice is harmless. */
    @Override
    void close();
}
