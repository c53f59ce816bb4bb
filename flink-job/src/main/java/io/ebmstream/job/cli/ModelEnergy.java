package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.density.EnergyFunction;
import io.ebmstream.ops.density.EnergySum;
import io.ebmstream.ops.density.NetworkEnergy;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The energy whose density a model is, U(x)/T + |x|^2/(2 tau^2) and its prior's U0(x)/T0. Not
 * thread-safe. Close it.
 */
final class ModelEnergy implements EnergyFunction, AutoCloseable {
    private final Deque<Runnable> open = new ArrayDeque<>();
    private final EnergyFunction energy;

    /**
     * @throws UsageException if the executor is unknown or does not work here
     */
    ModelEnergy(ModelFile file, EnergyOptions options) {
        LangevinConfig langevin = file.langevin();
        EnergyFunction own = open(options.compile(file.energy()), langevin);
        if (!file.others().containsKey(ModelFile.PRIOR)) {
            energy = own;
            return;
        }
        LangevinConfig prior =
                new LangevinConfig(langevin.stepSize(), file.priorTemperature(), 0, 0);
        energy = new EnergySum(own, open(options.compile(file.other(ModelFile.PRIOR)), prior));
    }

    private NetworkEnergy open(CompiledNetwork network, LangevinConfig langevin) {
        open.push(network::close);
        NetworkEnergy found = new NetworkEnergy(network, langevin);
        open.push(found::close);
        return found;
    }

    @Override
    public void evaluate(float[] points, int n, double[] energies, float[] gradients) {
        energy.evaluate(points, n, energies, gradients);
    }

    @Override
    public void close() {
        open.forEach(Runnable::run);
    }
}
