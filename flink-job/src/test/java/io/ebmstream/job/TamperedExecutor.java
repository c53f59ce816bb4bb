package io.ebmstream.job;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Network;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/** The reference executor, whose networks' calls something is done to when they are over. */
public class TamperedExecutor implements Executor {
    /** What is done. */
    @FunctionalInterface
    public interface Tampering {
        /**
         * @param method name of the method of {@link CompiledNetwork}
         * @param arguments those of the call
         */
        void after(String method, Object[] arguments);
    }

    private final ReferenceExecutor real = new ReferenceExecutor();
    private final Tampering tampering;

    public TamperedExecutor(Tampering tampering) {
        this.tampering = tampering;
    }

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
                                tampering.after(method.getName(), arguments);
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
