package io.ebmstream.ops.guard;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Network;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The reference executor, whose weight gradients are not a number, or whose data energies sink,
 * while it is told so.
 */
final class PoisonExecutor implements Executor {
    boolean poisoned;

    /** Taken off the energies of data. */
    float sunk;

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
        return (CompiledNetwork)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {CompiledNetwork.class},
                        (proxy, method, arguments) -> {
                            try {
                                Object result = method.invoke(compiled, arguments);
                                if (method.getName().equals("parameterGradient")) {
                                    spoil(arguments);
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    /** Of (images, scale, accumulator, energies); data come with a scale above 0. */
    private void spoil(Object[] arguments) {
        if (poisoned) {
            ((INDArray) arguments[2]).putScalar(0, Float.NaN);
        }
        float[] energies = (float[]) arguments[3];
        for (int i = 0; (float) arguments[1] > 0 && i < energies.length; i++) {
            energies[i] -= sunk;
        }
    }
}
