package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.bank.PersistentBank;
import java.util.Arrays;

/**
 * How old the chains of a bank are. A bank whose chains are young compared with its size over the
 * batch has not been visited often enough to hold persistent chains at all.
 *
 * @param slots places of the bank
 * @param started chains in it
 * @param youngest updates that the youngest chain has been through; 0 for an empty bank
 * @param lower their lower quartile
 * @param median their median
 * @param upper their upper quartile
 * @param oldest those of the oldest chain
 * @param medianSteps median of the Langevin steps taken in a slot, those before restarts counted
 */
public record BankAges(
        int slots,
        int started,
        int youngest,
        int lower,
        int median,
        int upper,
        int oldest,
        long medianSteps) {

    /** Measures a bank. */
    public static BankAges of(PersistentBank bank) {
        int[] ages = new int[bank.started()];
        long[] steps = new long[bank.started()];
        int found = 0;
        for (int slot = 0; slot < bank.capacity(); slot++) {
            if (bank.isStarted(slot)) {
                ages[found] = bank.age(slot);
                steps[found++] = bank.steps(slot);
            }
        }
        Arrays.sort(ages);
        Arrays.sort(steps);
        if (found == 0) {
            return new BankAges(bank.capacity(), 0, 0, 0, 0, 0, 0, 0);
        }
        return new BankAges(
                bank.capacity(),
                found,
                ages[0],
                ages[found / 4],
                ages[found / 2],
                ages[3 * found / 4],
                ages[found - 1],
                steps[found / 2]);
    }
}
