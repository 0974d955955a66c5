"""PyTorch's side of the benchmarks: the same work under the same names. Prints one JSON object, name -> value.
Usage: OMP_NUM_THREADS=1 python3 benchmarks.py"""
import json
import os
import statistics
import time

import torch

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
torch.manual_seed(0)
rows = {}


def seconds(call, minimum=0.15, repeats=7):
    def spell(count):
        start = time.perf_counter()
        for _ in range(count):
            call()
        return time.perf_counter() - start

    count = 1
    while (t := spell(count)) < minimum:
        count = max(count + 1, int(count * min(10, 1.2 * minimum / max(t, 1e-9))) + 1)
    return statistics.median(spell(count) / count for _ in range(repeats))


def small_operations():
    a = torch.randn(10, requires_grad=True)
    b = torch.randn(10, requires_grad=True)
    rows["add 10"] = seconds(lambda: a + b) * 1e6
    rows["mul 10"] = seconds(lambda: a * b) * 1e6
    rows["tanh 10"] = seconds(lambda: torch.tanh(a)) * 1e6

    def add_without_grad():
        with torch.no_grad():
            a + b

    rows["add 10 noGrad"] = seconds(add_without_grad) * 1e6
    for name, step in (("add", lambda y: y + b), ("mul", lambda y: y * b), ("tanh", torch.tanh)):
        forward, backward = [], []
        for _ in range(40):
            start = time.perf_counter()
            y = a
            for _ in range(1000):
                y = step(y)
            built = time.perf_counter()
            loss = y.sum()
            ready = time.perf_counter()
            loss.backward()
            backward.append(time.perf_counter() - ready)
            forward.append(built - start)
            a.grad = b.grad = None
        rows[f"chain 1000 {name} forward"] = statistics.median(forward[10:]) * 1e3
        rows[f"chain 1000 {name} backward"] = statistics.median(backward[10:]) * 1e3


def five_gradients(rounds=30):
    for depth, width, batch in ((20, 256, 64), (50, 64, 16)):
        layers = [torch.nn.Linear(width, width) for _ in range(depth)]
        x = torch.randn(batch, width)

        def forward():
            h = x
            for layer in layers:
                h = torch.tanh(layer(h))
            return (h * h).mean()

        choices = {
            "first5": range(5),
            "last5": range(depth - 5, depth),
            "spread5": [int(i * (depth - 1) / 4) for i in range(5)],
        }
        for name, chosen in choices.items():
            weights = [layers[i].weight for i in chosen]
            once, five = [], []
            for _ in range(rounds + 5):
                loss = forward()
                start = time.perf_counter()
                torch.autograd.grad(loss, weights)
                once.append(time.perf_counter() - start)
                loss = forward()
                start = time.perf_counter()
                for w in weights:
                    torch.autograd.grad(loss, [w], retain_graph=True)
                five.append(time.perf_counter() - start)
            rows[f"grad5 depth {depth} width {width} {name}"] = statistics.median(five[5:]) / statistics.median(once[5:])


small_operations()
five_gradients()
print(json.dumps({"version": torch.__version__, "rows": rows}))
