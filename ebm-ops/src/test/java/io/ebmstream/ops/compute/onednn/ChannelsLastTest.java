package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.ExecutorContractTest;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.Set;

/** The contract in the layout that processors with AMX get, whatever the processor here. */
class ChannelsLastTest extends ExecutorContractTest {

    @Override
    protected Executor executor() {
        return new Executor() {
            @Override
            public String name() {
                return "onednn, channels last";
            }

            @Override
            public Set<Precision> precisions() {
                return EnumSet.of(Precision.FLOAT32);
            }

            @Override
            public Precision preferredPrecision() {
                return Precision.FLOAT32;
            }

            @Override
            public CompiledNetwork compile(
                    Network network, int batch, Precision precision, Mode mode) {
                if (batch < 1) {
                    throw new IllegalArgumentException("expected a batch, found " + batch);
                }
                if (precision != Precision.FLOAT32) {
                    throw new UnsupportedOperationException("not in " + precision.label());
                }
                return new OneDnnNetwork(network, batch, precision, mode, 4, Layout.CHANNELS_LAST);
            }
        };
    }
}
