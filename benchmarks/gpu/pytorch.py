"""Times what the device `webgpu` is measured on with PyTorch on CUDA: python3 pytorch.py OUT.json [CASES.json]. Products in full float32 (no TF32)."""

import json
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pytorch"))
from style_transfer import NETWORKS, transfer

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
CLASSES = 18


def wait():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def clock(times, work):
    """Milliseconds of a call, by the device's clock where there is one."""
    if DEVICE == "cpu":
        start = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - start) * 1e3 / times
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(times):
        work()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / times


def kernels(work):
    """The median of five rounds behind work that keeps the clocks up."""
    for _ in range(3):
        work()
    wait()
    times = max(1, min(200, int(8 / max(clock(2, work), 1e-3))))
    rounds = []
    for _ in range(5):
        busy(10)
        rounds.append(clock(times, work))
    return statistics.median(rounds)


def calls(work, least):
    """Milliseconds of a call by the wall's clock, when many are made before the device is waited for: the median of three rounds."""

    def turn(times):
        start = time.perf_counter()
        for _ in range(times):
            work()
        wait()
        return (time.perf_counter() - start) * 1e3 / times

    turn(1)
    turn(3)
    times = max(1, -int(-least // turn(3)))
    return statistics.median(turn(times) for _ in range(3))


def busy(ms):
    if DEVICE == "cuda":
        for _ in range(max(1, int(ms / 0.4))):
            FILLER @ FILLER


def uniform(*shape):
    return torch.rand(*shape, device=DEVICE) - 0.5


def products(sides):
    for side in sides:
        a, b = uniform(side, side), uniform(side, side)
        yield f"product {side} nn", lambda: a @ b
        yield f"product {side} nt", lambda: a @ b.t()
        yield f"product {side} tn", lambda: a.t() @ b


def convolutions(cases):
    for name, c in cases.items():
        x = uniform(c["batch"], c["channels"], c["size"], c["size"])
        w = uniform(c["out"], c["channels"], c["kernel"], c["kernel"])
        stride, padding = [c["stride"]] * 2, [c["padding"]] * 2
        g = torch.rand_like(F.conv2d(x, w, None, stride, padding))

        def back(mask):
            return torch.ops.aten.convolution_backward(g, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, mask)

        yield f"{name}, forward", lambda: F.conv2d(x, w, None, stride, padding)
        yield f"{name}, input", lambda: back([True, False, False])
        yield f"{name}, weight", lambda: back([False, True, False])


def step(parameters, loss):
    optimizer = torch.optim.SGD(parameters, lr=0.005)

    def call():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return call


def labels(batch):
    return torch.randint(CLASSES, (batch,), device=DEVICE)


def lstm(letters, hidden, batch, length):
    layer, head = nn.LSTM(letters, hidden).to(DEVICE), nn.Linear(hidden, CLASSES).to(DEVICE)
    x = F.one_hot(torch.randint(letters, (length, batch)), letters).float().to(DEVICE)
    y = labels(batch)
    return step(
        [*layer.parameters(), *head.parameters()], lambda: F.cross_entropy(head(layer(x)[1][0][0]), y)
    )


def mlp(batch, inputs, hidden):
    model = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES)
    ).to(DEVICE)
    x, y = torch.randn(batch, inputs, device=DEVICE), labels(batch)
    return step(model.parameters(), lambda: F.cross_entropy(model(x), y))


def programs(cases):
    for size in cases["styleTransfer"]:
        for name in NETWORKS:
            yield f"style transfer, {name}, {size} pixels: evaluation with gradient", transfer(name, size, DEVICE)
    for c in cases["lstm"]:
        name = f"LSTM {c['letters']} → {c['hidden']}, batch {c['batch']}, {c['length']} steps: training step"
        yield name, lstm(**c)
    for c in cases["mlp"]:
        name = f"MLP {c['inputs']} → {c['hidden']} → {c['hidden']} → {CLASSES}, batch {c['batch']}: training step"
        yield name, mlp(**c)


if __name__ == "__main__":
    given = sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).with_name("cases.json")
    cases = json.loads(pathlib.Path(given).read_text())
    FILLER = uniform(2048, 2048)
    busy(1000)
    rows = {}
    for measure, family in [
        (kernels, products(cases["products"])),
        (kernels, convolutions(cases["convolutions"])),
        (lambda work: calls(work, 300), programs(cases)),
    ]:
        for name, work in family:
            rows[name] = measure(work)
            print(f"{name}: {rows[name]:.4f} ms", flush=True)
    named = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
    result = {"machine": named, "pytorch": f"PyTorch {torch.__version__}", "rows": rows}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(result))
