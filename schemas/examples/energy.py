#!/usr/bin/env python3
"""Energies U(x) of images under an exported model of network light32, by PyTorch alone.

    ./ebm snapshots export --bootstrap kafka:9092 --out model
    python3 schemas/examples/energy.py model/model.safetensors images.f32

images.f32 holds the pixels of one image after the other, [channels, rows, columns], as little-endian float32
in [-1, 1]: a pixel u of 0 to 255 is 2 u / 255 - 1. Prints one line for each image: U(x) and U(x)/T. Low is likely.
"""
import json
import struct
import sys

import torch
import torch.nn.functional as functional

LEAK = 0.05


def read(path):
    """Metadata and tensors of a safetensors file: 8 bytes of header length, JSON, values."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            sys.exit(f"expected tensors of F32, found {entry['dtype']} in {name}")
        start, end = entry["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, count=(end - start) // 4, offset=start)
        tensors[name] = values.reshape(entry["shape"])
    return metadata, tensors


def energies(tensors, images):
    """U of images [n, c, h, w]: a 3x3 convolution, 4x4 ones that halve, and one of what is left to a number."""
    x = functional.conv2d(images, tensors["conv0.weight"], tensors["conv0.bias"], padding=1)
    x = functional.leaky_relu(x, LEAK)
    stage = 1
    while f"conv{stage}.weight" in tensors:
        weight, bias = tensors[f"conv{stage}.weight"], tensors[f"conv{stage}.bias"]
        x = functional.leaky_relu(functional.conv2d(x, weight, bias, stride=2, padding=1), LEAK)
        stage += 1
    return functional.conv2d(x, tensors["head.weight"], tensors["head.bias"]).flatten()


def main(model, images):
    metadata, tensors = read(model)
    if metadata.get("energy.network") != "light32":
        sys.exit(f"expected a model of light32, found {metadata.get('energy.network')}")
    shape = [int(size) for size in metadata["energy.image"].split("x")]
    with open(images, "rb") as file:
        pixels = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    temperature = float(metadata["temperature"])
    with torch.no_grad():
        for energy in energies(tensors, pixels.reshape(-1, *shape)).tolist():
            print(f"{energy:.9g} {energy / temperature:.9g}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: energy.py model.safetensors images.f32")
    main(sys.argv[1], sys.argv[2])
