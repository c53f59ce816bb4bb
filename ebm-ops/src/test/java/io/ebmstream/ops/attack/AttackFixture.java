package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.Logits;
import io.ebmstream.ops.classifier.NetworkClassifier;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.List;

/** A smooth energy and a smooth classifier of small images, on the reference executor. */
final class AttackFixture implements AutoCloseable {
    static final ImageShape SHAPE = new ImageShape(1, 6, 6);
    static final Executor EXECUTOR = new ReferenceExecutor();
    static final Network ENERGY = network("energy", 4, 1);
    static final Network NETWORK = network("classes", 4, 3);
    static final float[] WEIGHTS = scaled(ENERGY, 11, 4);
    static final int PART = 2;

    final WorkerPool pool;
    final NetworkClassifier classifier =
            new NetworkClassifier(NETWORK, EXECUTOR, Precision.FLOAT32, 4, scaled(NETWORK, 12, 3));
    final ParallelPurifier purifier;
    final Eot eot;

    AttackFixture(int workers, int steps, EotMean how) {
        pool = new WorkerPool(workers, "attack");
        purifier =
                new ParallelPurifier(
                        ENERGY, EXECUTOR, Precision.FLOAT32, config(steps), PART, pool, WEIGHTS);
        eot = new Eot(purifier, classifier, how);
    }

    static PurifierConfig config(int steps) {
        return new PurifierConfig(new LangevinConfig(0.1, 0.02, 1, 0), steps, 5);
    }

    private static Network network(String name, int n, int out) {
        return new Network(
                name,
                SHAPE,
                List.of(
                        new Network.Node("conv", new Layer.Conv2d(1, n, 3, 1, 1), List.of(-1)),
                        new Network.Node("act", new Layer.Tanh(), List.of(0)),
                        new Network.Node("head", new Layer.Conv2d(n, out, 6, 1, 0), List.of(1))));
    }

    /** Larger weights bend more. */
    private static float[] scaled(Network network, long seed, float factor) {
        float[] weights = Initializer.weights(network, seed);
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= factor;
        }
        return weights;
    }

    /** Images whose true class is the bare classifier's answer. */
    TrialImages images(int n) {
        int size = SHAPE.size();
        float[] pixels = new float[n * size];
        new GaussianNoise().fill(1, 2, 0, pixels, 0, pixels.length);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Math.max(-1, Math.min(1, 0.4f * pixels[i]));
        }
        float[][] logits = new float[n][3];
        eot.logits(pixels, logits);
        int[] labels = new int[n];
        long[] ids = new long[n];
        for (int i = 0; i < n; i++) {
            labels[i] = Logits.argmax(logits[i]);
            ids[i] = 100 + i;
        }
        return new TrialImages(0, pixels, labels, ids);
    }

    static AttackConfig attack(int steps) {
        return new AttackConfig(new PerturbationBall(Norm.LINF, 0.08, 0.02), steps, true, 9);
    }

    @Override
    public void close() {
        purifier.close();
        classifier.close();
        pool.close();
    }
}
