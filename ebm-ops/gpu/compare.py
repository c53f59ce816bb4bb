#!/usr/bin/env python3
"""Executor cuda beside PyTorch on the same GPU and the same work.

Runs langevin_torch.py and `./ebm bench --executor cuda` in turns, network by network and batch by batch, and writes one JSON object
to standard output: image-steps per second of each, the ratio to PyTorch's best way, the share of a large matrix product's rate, and
the floor that FLOP and bytes set. A table goes to standard error. From the project's root on a machine with a GPU:

  EBM_PROFILES=cuda13 ./ebm doctor
  python3 ebm-ops/gpu/compare.py --bandwidth 4.3e12 > gpu.json
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(command):
    print("$", *command, file=sys.stderr)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"compare: expected {command[0]} to end well, found exit code {done.returncode}; see above")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=["light32", "sngan32"])
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 256, 1024, 4096])
    parser.add_argument("--precision", default="bf16", choices=["bf16", "tf32", "float32"])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--bandwidth", type=float, help="bytes per second of the device's memory, for the floor")
    parser.add_argument("--executor", default="cuda")
    parser.add_argument("--torch-device", default="cuda")
    options = parser.parse_args()
    result = {"precision": options.precision, "rows": []}
    for network in options.networks:
        for batch in options.batches:
            peer = run([sys.executable, "ebm-ops/gpu/langevin_torch.py", "--networks", network, "--batches", str(batch),
                        "--precision", options.precision, "--seconds", str(options.seconds), "--device", options.torch_device])
            own = run(["./ebm", "bench", "--executor", options.executor, "--precision", options.precision, "--network", network,
                       "--batch", str(batch), "--workers", "1", "--seconds", str(options.seconds), "--no-peers", "--json"])
            row = peer["rows"][0]
            rate = own[0]["img_steps_per_second"]
            best = max(row["image_steps_per_second"].values(), default=None)
            limits = [peer["matmul_flops"] / row["flops_per_image_step"]]
            if options.bandwidth:
                limits.append(options.bandwidth / row["bytes_per_image_step"])
            row.update(ebm=rate, ratio_to_best=best and rate / best, floor=min(limits),
                       matmul_share=rate * row["flops_per_image_step"] / peer["matmul_flops"])
            result.update(torch=peer["torch"], device=peer["device"], matmul_flops=peer["matmul_flops"])
            result["rows"].append(row)
            print(f"{network} batch {batch}: {rate:.0f} image-steps/s, {row['ratio_to_best'] or 0:.2f} times PyTorch's best, "
                  f"{100 * row['matmul_share']:.0f} % of the matrix product's rate", file=sys.stderr)
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
