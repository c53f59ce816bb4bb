package io.ebmstream.job.topology;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The reference executor, whose next Langevin run fails once it is told so. */
final class FailingOnceExecutor implements Executor {
    static final AtomicBoolean ARMED = new AtomicBoolean();
    static final AtomicInteger FAILURES = new AtomicInteger();

    private final ReferenceExecutor real = new ReferenceExecutor();

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public Set<Precision> precisions() {
        return real.precisions();
    }

    @Override
    public Precision preferredPrecision() {
        return real.preferredPrecision();
    }

    @Override
    public CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode) {
        CompiledNetwork compiled = real.compile(network, batch, precision, mode);
        return new CompiledNetwork() {
            @Override
            public Network network() {
                return compiled.network();
            }

            @Override
            public int batch() {
                return compiled.batch();
            }

            @Override
            public Precision precision() {
                return compiled.precision();
            }

            @Override
            public Mode mode() {
                return compiled.mode();
            }

            @Override
            public void forward(INDArray inputs, INDArray outputs) {
                compiled.forward(inputs, outputs);
            }

            @Override
            public void gradient(
                    INDArray inputs,
                    Loss loss,
                    INDArray inputGradient,
                    float scale,
                    INDArray accumulator) {
                compiled.gradient(inputs, loss, inputGradient, scale, accumulator);
            }

            @Override
            public void updateRunningStatistics(INDArray parameters) {
                compiled.updateRunningStatistics(parameters);
            }

            @Override
            public void setParameters(INDArray parameters) {
                compiled.setParameters(parameters);
            }

            @Override
            public void energies(INDArray images, float[] energies) {
                compiled.energies(images, energies);
            }

            @Override
            public void inputGradient(INDArray images, INDArray gradient) {
                compiled.inputGradient(images, gradient);
            }

            @Override
            public void parameterGradient(
                    INDArray images, float scale, INDArray accumulator, float[] energies) {
                compiled.parameterGradient(images, scale, accumulator, energies);
            }

            @Override
            public void langevin(
                    INDArray images,
                    LangevinConfig config,
                    long seed,
                    long[] chains,
                    long[] firstSteps,
                    int steps,
                    float[] displacement) {
                compiled.langevin(images, config, seed, chains, firstSteps, steps, displacement);
                if (ARMED.compareAndSet(true, false)) {
                    FAILURES.incrementAndGet();
                    throw new IllegalStateException("the failure that the test asked for");
                }
            }

            @Override
            public void close() {
                compiled.close();
            }
        };
    }
}
