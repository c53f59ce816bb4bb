package io.ebmstream.ops.defense;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which chains of a batch run together: parts of chains with the same number of steps behind them,
 * those with most steps first. Stateless, thread-safe.
 */
public final class StepParts {
    private StepParts() {}

    /**
     * @param steps that each chain has behind it
     * @param part most chains in a part, at least 1
     * @return places of each part's chains; every chain is in one
     */
    public static List<int[]> of(int[] steps, int part) {
        int[] order =
                IntStream.range(0, steps.length)
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> -steps[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        List<int[]> parts = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= order.length; to++) {
            if (to == order.length || to - from == part || steps[order[to]] != steps[order[from]]) {
                parts.add(Arrays.copyOfRange(order, from, to));
                from = to;
            }
        }
        return parts;
    }
}
