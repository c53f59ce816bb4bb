package io.ebmstream.ops.compute.cuda.emulator;

import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Skips a class of properties where the kernels cannot be compiled; assumptions cannot. */
public final class NeedsCompiler implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return EmulatedGpu.available()
                ? SkipResult.doNotSkip()
                : SkipResult.skip(EmulatedGpu.NO_COMPILER);
    }
}
