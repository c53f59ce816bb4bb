// Runs a grid: block after block, thread after thread. The threads of a kernel with barriers are
// fibers: each runs up to the barrier, then the next one does.

namespace emulator {

struct Fiber {
    // Contexts of ucontext switch with a system call each, so that they serve for the start only.
    ucontext_t start;
    jmp_buf at;
    void* stack = nullptr;
    bool started = false;
    bool done = false;
};

struct Fibers {
    std::vector<Fiber> all;
    jmp_buf home;
    ucontext_t home_context;
    Fiber* current = nullptr;
    void (*body)(const void*) = nullptr;
    const void* state = nullptr;
    bool failed = false;

    ~Fibers() {
        for (Fiber& fiber : all) {
            free(fiber.stack);
        }
    }
};

static thread_local Fibers fibers;

#if EBM_SWAPCONTEXT
// For the address sanitiser, which does not follow jumps between stacks.
static void leave(Fiber* fiber) {
    swapcontext(&fiber->start, &fibers.home_context);
}

static void enter(Fiber* fiber) {
    swapcontext(&fibers.home_context, &fiber->start);
}
#else
static void __attribute__((noinline)) leave(Fiber* fiber) {
    // All memory may be another after the jump back.
    asm volatile("" ::: "memory");
    if (_setjmp(fiber->at) == 0) {
        _longjmp(fibers.home, 1);
    }
}

static void __attribute__((noinline)) enter(Fiber* fiber) {
    asm volatile("" ::: "memory");
    if (_setjmp(fibers.home) == 0) {
        if (fiber->started) {
            _longjmp(fiber->at, 1);
        }
        fiber->started = true;
        setcontext(&fiber->start);
    }
}
#endif

static void life() {
    for (;;) {
        fibers.body(fibers.state);
        fibers.current->done = true;
        leave(fibers.current);
    }
}

// Before any fiber starts: a started one must not move.
static void prepare(size_t threads) {
    const size_t stack = 256 << 10;
    if (fibers.all.size() >= threads) {
        return;
    }
    if (fibers.all.empty()) {
        fibers.all.reserve(1024);
    }
    while (fibers.all.size() < threads) {
        fibers.all.emplace_back();
        Fiber& fiber = fibers.all.back();
        fiber.stack = malloc(stack);
        getcontext(&fiber.start);
        fiber.start.uc_stack.ss_sp = fiber.stack;
        fiber.start.uc_stack.ss_size = stack;
        fiber.start.uc_link = nullptr;
        makecontext(&fiber.start, life, 0);
    }
}

static void run_block(unsigned int threads) {
    for (unsigned int t = 0; t < threads; t++) {
        fibers.all[t].done = false;
    }
    for (;;) {
        unsigned int done = 0;
        for (unsigned int t = 0; t < threads; t++) {
            Fiber* fiber = &fibers.all[t];
            threadIdx.x = t;
            fibers.current = fiber;
            enter(fiber);
            done += fiber->done;
        }
        if (done == threads) {
            return;
        }
        if (done > 0) {
            // The others would never get on, and their stacks cannot be left.
            fprintf(stderr, "threads of a block ended while others waited at a barrier\n");
            abort();
        }
    }
}

static const char* run(
        bool barriers,
        unsigned int blocks,
        unsigned int threads,
        void (*body)(const void*),
        const void* state) {
    gridDim = {blocks, 1, 1};
    blockDim = {threads, 1, 1};
    threadIdx = {0, 0, 0};
    fibers.failed = false;
    fibers.current = nullptr;
    if (barriers) {
        prepare(threads);
        fibers.body = body;
        fibers.state = state;
    }
    for (unsigned int b = 0; b < blocks; b++) {
        blockIdx = {b, 0, 0};
        if (barriers) {
            run_block(threads);
        } else {
            for (unsigned int t = 0; t < threads; t++) {
                threadIdx.x = t;
                body(state);
            }
        }
    }
    return fibers.failed ? "a barrier in a kernel that was taken for one without" : nullptr;
}

template <typename A>
constexpr char code(A) {
    return sizeof(A) == 8 ? 'l' : 'i';
}

template <>
constexpr char code(float) {
    return 'f';
}

template <typename A>
A argument(long long slot) {
    A value;
    memcpy(&value, &slot, sizeof value);
    return value;
}

template <typename... A>
struct Call {
    void (*kernel)(A...);
    const long long* slots;

    template <size_t... I>
    void with(std::index_sequence<I...>) const {
        kernel(argument<A>(slots[I])...);
    }

    static void body(const void* state) {
        ((const Call*) state)->with(std::index_sequence_for<A...>());
    }
};

template <typename... A>
const char* launch(
        void (*kernel)(A...), int barriers, int blocks, int threads, const long long* slots) {
    Call<A...> call = {kernel, slots};
    return run(barriers != 0, blocks, threads, Call<A...>::body, &call);
}

// One letter for each parameter: p a pointer, l 64 bits, i 32 bits, f a float.
template <typename... A>
const char* signature(void (*)(A...)) {
    static const char letters[] = {
            (std::is_pointer<A>::value ? 'p' : code(A()))..., 0};
    return letters;
}

}  // namespace emulator

void __syncthreads() {
    if (emulator::fibers.current == nullptr) {
        emulator::fibers.failed = true;
    } else {
        emulator::leave(emulator::fibers.current);
    }
}

#if __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

// Makes a range such that every access to it is an error, or none.
extern "C" void poison(void* address, long long bytes, int poisoned) {
    if (poisoned) {
        __asan_poison_memory_region(address, (size_t) bytes);
    } else {
        __asan_unpoison_memory_region(address, (size_t) bytes);
    }
}
#endif

#define EMULATE(SPACE, NAME)                                                                  \
    extern "C" const char* emulated_##NAME(                                                   \
            int barriers, int blocks, int threads, const long long* slots) {                  \
        return emulator::launch(SPACE::NAME, barriers, blocks, threads, slots);               \
    }                                                                                         \
    extern "C" const char* signature_##NAME() {                                               \
        return emulator::signature(SPACE::NAME);                                              \
    }
