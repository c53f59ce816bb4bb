package io.ebmstream.ops.compute.cuda.driver;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudnn.cudnnBackendDescriptor_t;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A descriptor of cuDNN's backend interface: made of a type, given attributes, then finished. Named
 * in messages by what it is for.
 */
final class Descriptor implements AutoCloseable {
    private final cudnnBackendDescriptor_t pointer = new cudnnBackendDescriptor_t();
    private final String what;
    private boolean closed;

    /**
     * @param type CUDNN_BACKEND_.._DESCRIPTOR
     */
    Descriptor(int type, String what) {
        this.what = what;
        Cudnn.check(cudnn.cudnnBackendCreateDescriptor(type, pointer), "to describe " + what);
    }

    cudnnBackendDescriptor_t pointer() {
        return pointer;
    }

    Descriptor longs(int name, long... values) {
        try (LongPointer elements = new LongPointer(values)) {
            return set(name, cudnn.CUDNN_TYPE_INT64, values.length, elements);
        }
    }

    /** A number of an enumeration. */
    Descriptor number(int name, int type, int value) {
        try (IntPointer element = new IntPointer(new int[] {value})) {
            return set(name, type, 1, element);
        }
    }

    Descriptor decimal(int name, double value) {
        try (DoublePointer element = new DoublePointer(new double[] {value})) {
            return set(name, cudnn.CUDNN_TYPE_DOUBLE, 1, element);
        }
    }

    Descriptor flag(int name, boolean value) {
        try (BoolPointer element = new BoolPointer(1)) {
            element.put(value);
            return set(name, cudnn.CUDNN_TYPE_BOOLEAN, 1, element);
        }
    }

    Descriptor text(int name, String value) {
        try (BytePointer elements = new BytePointer(value)) {
            return set(name, cudnn.CUDNN_TYPE_CHAR, elements.capacity(), elements);
        }
    }

    /** Something that is passed by its address, as a handle. */
    Descriptor address(int name, int type, Pointer value) {
        try (PointerPointer<Pointer> element = new PointerPointer<>(1)) {
            element.put(0, value);
            return set(name, type, 1, element);
        }
    }

    Descriptor descriptors(int name, Descriptor... values) {
        try (PointerPointer<Pointer> elements = new PointerPointer<>(values.length)) {
            for (int i = 0; i < values.length; i++) {
                elements.put(i, values[i].pointer);
            }
            return set(name, cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR, values.length, elements);
        }
    }

    /** Addresses on the device. */
    Descriptor addresses(int name, long... values) {
        try (LongPointer elements = new LongPointer(values)) {
            return set(name, cudnn.CUDNN_TYPE_VOID_PTR, values.length, elements);
        }
    }

    private Descriptor set(int name, int type, long count, Pointer elements) {
        Cudnn.check(
                cudnn.cudnnBackendSetAttribute(pointer, name, type, count, elements),
                "to take attribute " + name + " of " + what);
        return this;
    }

    /** Completes it. */
    Descriptor finish() {
        Cudnn.check(cudnn.cudnnBackendFinalize(pointer), "to take " + what);
        return this;
    }

    /** Completes it, or says that cuDNN has nothing of that kind. */
    boolean finishIfSupported() {
        return cudnn.cudnnBackendFinalize(pointer) == cudnn.CUDNN_STATUS_SUCCESS;
    }

    long longValue(int name) {
        try (LongPointer value = new LongPointer(1)) {
            Cudnn.check(
                    cudnn.cudnnBackendGetAttribute(
                            pointer, name, cudnn.CUDNN_TYPE_INT64, 1, new long[1], value),
                    "to tell attribute " + name + " of " + what);
            return value.get();
        }
    }

    /** Numbers of an enumeration. */
    List<Integer> numbers(int name, int type, int most) {
        long[] count = {0};
        try (IntPointer values = new IntPointer(most)) {
            Cudnn.check(
                    cudnn.cudnnBackendGetAttribute(pointer, name, type, most, count, values),
                    "to tell attribute " + name + " of " + what);
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < Math.min(count[0], most); i++) {
                numbers.add(values.get(i));
            }
            return numbers;
        }
    }

    /** Descriptors that this one answers with; the caller's. */
    List<Descriptor> answers(int name, int type, String answer, int most) {
        List<Descriptor> answers = new ArrayList<>();
        long[] count = {0};
        boolean done = false;
        try (PointerPointer<Pointer> elements = new PointerPointer<>(most)) {
            for (int i = 0; i < most; i++) {
                answers.add(new Descriptor(type, answer));
                elements.put(i, answers.get(i).pointer);
            }
            Cudnn.check(
                    cudnn.cudnnBackendGetAttribute(
                            pointer,
                            name,
                            cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR,
                            most,
                            count,
                            elements),
                    "to tell attribute " + name + " of " + what);
            int found = (int) Math.min(count[0], most);
            List<Descriptor> rest = answers.subList(found, most);
            rest.forEach(Descriptor::close);
            rest.clear();
            done = true;
            return answers;
        } finally {
            if (!done) {
                answers.forEach(Descriptor::close);
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cudnn.cudnnBackendDestroyDescriptor(pointer);
        }
    }
}
