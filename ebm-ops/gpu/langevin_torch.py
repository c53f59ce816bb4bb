#!/usr/bin/env python3
"""Times Langevin steps of light32 and sngan32 in PyTorch, as a yardstick for executor cuda.

One step is the forward pass, the gradient by the image, fresh normal noise and the update; chains stay on the device in float32,
the network runs in channels_last. Three ways: eager, torch.compile, and a CUDA graph of the compiled (or else eager) step.
Writes one JSON object to standard output, progress to standard error.

  python3 langevin_torch.py --networks light32 sngan32 --batches 64 256 1024 4096 --precision bf16
"""
import argparse
import json
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

STEP_SIZE = 1e-2
TEMPERATURE = 1e-4


class Light32(nn.Module):
    """conv3x3 3->n, conv4x4/2 to 2n, 4n, 8n, leaky ReLU 0.05 behind each, conv4x4 valid to 1."""

    def __init__(self, n=32):
        super().__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(3, n, 3, 1, 1)] + [nn.Conv2d(n << i, 2 * n << i, 4, 2, 1) for i in range(3)])
        self.head = nn.Conv2d(8 * n, 1, 4)

    def forward(self, x):
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.05)
        return self.head(x).flatten()


class Block(nn.Module):
    """(ReLU,) conv3x3, ReLU, conv3x3 (, average pool 2), plus the shortcut."""

    def __init__(self, ins, outs, pool, stem=False):
        super().__init__()
        self.first, self.second = nn.Conv2d(ins, outs, 3, 1, 1), nn.Conv2d(outs, outs, 3, 1, 1)
        self.shortcut = nn.Conv2d(ins, outs, 1) if ins != outs or pool else None
        self.pool, self.stem = pool, stem

    def forward(self, x):
        y = self.second(F.relu(self.first(x if self.stem else F.relu(x))))
        if self.stem:
            return F.avg_pool2d(y, 2) + self.shortcut(F.avg_pool2d(x, 2))
        if self.shortcut is not None:
            x = self.shortcut(x)
        return F.avg_pool2d(y, 2) + F.avg_pool2d(x, 2) if self.pool else y + x


class Sngan32(nn.Module):
    """Stem 3->n pooled, block pooled, two blocks, ReLU, global average pool, linear without bias."""

    def __init__(self, n=256):
        super().__init__()
        self.blocks = nn.Sequential(
            Block(3, n, True, stem=True), Block(n, n, True), Block(n, n, False), Block(n, n, False))
        self.head = nn.Linear(n, 1, bias=False)

    def forward(self, x):
        return self.head(F.relu(self.blocks(x)).mean((2, 3))).flatten()


NETWORKS = {"light32": Light32, "sngan32": Sngan32}


def costs(model, element_bytes):
    """FLOP and bytes that one image's step cannot do without: products of both passes; every
    convolution's input and output once forward, both gradients and the activation once back."""
    flops = moved = 0

    def count(module, inputs, output):
        nonlocal flops, moved
        weights = module.weight.numel() // output.shape[1]
        flops += 2 * weights * output.numel()
        values = inputs[0].numel() + output.numel()
        moved += (2 * values + inputs[0].numel()) * element_bytes

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(torch.zeros(1, 3, 32, 32, dtype=next(model.parameters()).dtype, device=next(model.parameters()).device))
    for hook in hooks:
        hook.remove()
    return 2 * flops, moved


def stepper(energy, x, dtype):
    factor = STEP_SIZE ** 2 / (2 * TEMPERATURE)

    def step():
        image = x.detach().to(dtype, memory_format=torch.channels_last).requires_grad_(True)
        gradient, = torch.autograd.grad(energy(image).sum(), image)
        with torch.no_grad():
            x.add_(gradient.float(), alpha=-factor).add_(torch.randn_like(x), alpha=STEP_SIZE)

    return step


def captured(step):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def seconds(step, least, device):
    """Median time of a step over rounds of at least a fifth of the time."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(3):
        step()
    wait()
    rounds, count, begin = [], 1, time.perf_counter()
    while time.perf_counter() - begin < least or len(rounds) < 3:
        start = time.perf_counter()
        for _ in range(count):
            step()
        wait()
        took = time.perf_counter() - start
        if took < least / 10 and count < 10_000:
            count *= 2
        else:
            rounds.append(took / count)
    return sorted(rounds)[len(rounds) // 2]


def matmul_rate(dtype, device, size):
    a = torch.randn(size, size, device=device).to(dtype)
    b = torch.randn(size, size, device=device).to(dtype)
    return 2 * size ** 3 / seconds(lambda: torch.mm(a, b), 2, device)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 256, 1024, 4096])
    parser.add_argument("--precision", default="bf16", choices=["bf16", "tf32", "float32"])
    parser.add_argument("--modes", nargs="+", default=["eager", "compile", "graph"], choices=["eager", "compile", "graph"])
    parser.add_argument("--seconds", type=float, default=5, help="time for each way")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--width", type=int, help="channels of the first layer; the papers' width by default")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("langevin_torch: expected a GPU that PyTorch sees, found none; give --device cpu to try the script")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    cuda = options.device == "cuda"
    result = {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if cuda else "cpu",
        "precision": options.precision,
        "matmul_flops": matmul_rate(dtype, options.device, 8192 if cuda else 512),
        "rows": [],
    }
    for name in options.networks:
        for batch in options.batches:
            torch.manual_seed(1)
            model = NETWORKS[name](options.width) if options.width else NETWORKS[name]()
            model = model.to(options.device, dtype, memory_format=torch.channels_last).requires_grad_(False)
            flops, moved = costs(model, 2 if dtype == torch.bfloat16 else 4)
            row = {"network": name, "batch": batch, "flops_per_image_step": flops, "bytes_per_image_step": moved,
                   "image_steps_per_second": {}, "left_out": {}}
            x = torch.rand(batch, 3, 32, 32, device=options.device) * 2 - 1
            energy = model
            for mode in options.modes:
                try:
                    if mode == "compile":
                        energy = torch.compile(model)
                    step = stepper(energy, x, dtype)
                    took = seconds(captured(step) if mode == "graph" else step, options.seconds, options.device)
                    row["image_steps_per_second"][mode] = batch / took
                except Exception as e:  # a way that this PyTorch or GPU has not; said in the result
                    row["left_out"][mode] = f"{type(e).__name__}: {e}".splitlines()[0]
                print(name, batch, mode, row["image_steps_per_second"].get(mode, row["left_out"].get(mode)), file=sys.stderr)
            result["rows"].append(row)
            del model, energy, x
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
