package io.ebmstream.ops.compute.nd4j;

import java.util.List;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarSet;
import org.nd4j.linalg.api.ops.impl.transforms.any.Assign;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.AddOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.SubOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An operation between fixed arrays. A custom operation's native context is built once: ND4J builds
 * one at every call otherwise, which takes six times as long as a small operation itself (12
 * against 2 microseconds for an 8x8 product).
 *
 * <p>Elementwise operations belong on contiguous arrays, copies may be strided: on 262,144 values
 * ND4J's strided addition took 2.6 ms, its strided copy 0.16 ms, its contiguous addition 0.03 ms.
 *
 * <p>Not thread-safe. Owns its context, not the arrays.
 */
final class PreparedOp implements AutoCloseable {
    private final Op op;
    private final CustomOp custom;
    private final OpContext context;

    private PreparedOp(Op op) {
        this.op = op;
        custom = null;
        context = null;
    }

    private PreparedOp(CustomOp custom) {
        op = null;
        this.custom = custom;
        context = Nd4j.getExecutioner().buildContext();
        context.setInputArrays(arrays(custom.inputArguments()));
        context.setOutputArrays(arrays(custom.outputArguments()));
        context.setIArguments(custom.iArgs());
        context.setTArguments(custom.tArgs());
        context.setBArguments(custom.bArgs());
    }

    private static INDArray[] arrays(List<INDArray> arrays) {
        return arrays.toArray(INDArray[]::new);
    }

    static PreparedOp of(Op op) {
        return new PreparedOp(op);
    }

    static PreparedOp of(CustomOp op) {
        return new PreparedOp(op);
    }

    /** ND4J's operation of this name. */
    static PreparedOp named(String name, INDArray[] inputs, INDArray[] outputs, int... integers) {
        return of(
                DynamicCustomOp.builder(name)
                        .addInputs(inputs)
                        .addOutputs(outputs)
                        .addIntegerArguments(integers)
                        .build());
    }

    /** to = from; either may be strided. */
    static PreparedOp copy(INDArray from, INDArray to) {
        return of(new Assign(from, to));
    }

    /** y = value. */
    static PreparedOp fill(INDArray y, double value) {
        return of(new ScalarSet(y, null, y, value));
    }

    /** y = factor * x. */
    static PreparedOp scale(INDArray x, double factor, INDArray y) {
        return of(new ScalarMultiplication(x, null, y, factor));
    }

    /** y = a + b. */
    static PreparedOp add(INDArray a, INDArray b, INDArray y) {
        return of((CustomOp) new AddOp(a, b, y));
    }

    /** y = a - b. */
    static PreparedOp subtract(INDArray a, INDArray b, INDArray y) {
        return of((CustomOp) new SubOp(a, b, y));
    }

    /** y = a * b, value by value. */
    static PreparedOp multiply(INDArray a, INDArray b, INDArray y) {
        return of((CustomOp) new MulOp(a, b, y));
    }

    /** y = x + row, for every row of x. */
    static PreparedOp addRow(INDArray x, INDArray row, INDArray y) {
        return of(new BroadcastAddOp(x, row, y, 1));
    }

    /** y = x - row, for every row of x. */
    static PreparedOp subtractRow(INDArray x, INDArray row, INDArray y) {
        return of(new BroadcastSubOp(x, row, y, 1));
    }

    /** y = x * row, value by value, for every row of x. */
    static PreparedOp multiplyRow(INDArray x, INDArray row, INDArray y) {
        return of(new BroadcastMulOp(x, row, y, 1));
    }

    /** y = a b + beta y of matrices, a or b transposed where said. */
    static PreparedOp product(
            INDArray a, boolean transposeA, INDArray b, boolean transposeB, int beta, INDArray y) {
        MMulTranspose transpose =
                MMulTranspose.builder().transposeA(transposeA).transposeB(transposeB).build();
        return of((CustomOp) new Mmul(a, b, y, 1.0, beta, transpose));
    }

    void run() {
        if (op != null) {
            Nd4j.exec(op);
        } else {
            Nd4j.exec(custom, context);
        }
    }

    @Override
    public void close() {
        if (context != null) {
            try {
                context.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot free the context of " + custom.opName(), e);
            }
        }
    }
}
