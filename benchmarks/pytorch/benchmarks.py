"""PyTorch's side of the benchmarks: the same work under the same names. Prints a line of JSON for each row.
Usage: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 benchmarks.py '{"rows": [...], "threads": 1, "patience": {...}}'"""
import json
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

from style_transfer import NETWORKS, transfer

ROWS = {}


def row(name, *args):
    """Registers what prepares a row: it returns the call to measure; or that and what runs ahead of each call, untimed; or a number."""

    def register(prepare):
        ROWS[name] = lambda: prepare(*args)
        return prepare

    return register


def seconds(work, repeat, repeats, warm, slow):
    call, before = work if isinstance(work, tuple) else (work, None)

    def spell(count):
        if before is None:
            start = time.perf_counter()
            for _ in range(count):
                call()
            return time.perf_counter() - start
        total = 0
        for _ in range(count):
            before()
            start = time.perf_counter()
            call()
            total += time.perf_counter() - start
        return total

    last = spell(1)
    if last > slow:
        return last
    start = time.perf_counter()
    while time.perf_counter() - start < warm:
        last = spell(1)
    count = 1
    while last < repeat:
        count = max(count + 1, int(count * min(10, 1.2 * repeat / max(last, 1e-9))) + 1)
        last = spell(count)
    return statistics.median(spell(count) / count for _ in range(repeats))


# ten-element operations with gradient

STEPS = {"add": lambda y, b: y + b, "mul": lambda y, b: y * b, "tanh": lambda y, b: torch.tanh(y)}


def single(name):
    a, b = torch.randn(10, requires_grad=True), torch.randn(10, requires_grad=True)
    return {"add": lambda: a + b, "mul": lambda: a * b, "tanh": lambda: torch.tanh(a)}[name]


def chain(name):
    a, b = torch.randn(10, requires_grad=True), torch.randn(10, requires_grad=True)
    step = STEPS[name]

    def call():
        y = a
        for _ in range(1000):
            y = step(y, b)
        y.sum().backward()
        a.grad = b.grad = None

    return call


for name in STEPS:
    row(f"{name}, 10 elements", name)(single)
    row(f"chain of 1,000 {name}, forward + backward", name)(chain)


# the tutorial's names model

LETTERS, HIDDEN, LANGUAGES = 57, 128, 18


class OutputOfInput(nn.Module):
    def __init__(self):
        super().__init__()
        self.i2h = nn.Linear(LETTERS + HIDDEN, HIDDEN)
        self.i2o = nn.Linear(LETTERS + HIDDEN, LANGUAGES)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x, h):
        both = torch.cat((x, h), 1)
        return self.softmax(self.i2o(both)), self.i2h(both)


class OutputOfHidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.i2h = nn.Linear(LETTERS + HIDDEN, HIDDEN)
        self.h2o = nn.Linear(HIDDEN, LANGUAGES)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x, h):
        h = self.i2h(torch.cat((x, h), 1))
        return self.softmax(self.h2o(h)), h


def encode(n):
    line = torch.zeros(5 + n % 6, 1, LETTERS)
    for i in range(len(line)):
        line[i][0][(7 * n + 11 * i) % 52] = 1
    return line


@row("names model, output of input and hidden", OutputOfInput)
@row("names model, output of hidden", OutputOfHidden)
def names_model(cell):
    model, count = cell(), 50
    lines = [encode(n) for n in range(count)]
    classes = [torch.tensor([n % LANGUAGES]) for n in range(count)]
    criterion = nn.NLLLoss()

    def train(line, category):
        h = torch.zeros(1, HIDDEN)
        model.zero_grad(set_to_none=True)
        for i in range(line.size(0)):
            output, h = model(line[i], h)
        loss = criterion(output, category)
        loss.backward()
        for p in model.parameters():
            p.data.add_(p.grad.data, alpha=-0.005)
        return loss.item()

    def call():
        for line, category in zip(lines, classes):
            train(line, category)

    return call


@row("RNN, 64 × 10", nn.RNN)
@row("LSTM, 64 × 10", nn.LSTM)
@row("GRU, 64 × 10", nn.GRU)
def recurrent(kind):
    layer, head = kind(LETTERS, HIDDEN), nn.Linear(HIDDEN, LANGUAGES)
    optimizer = torch.optim.SGD([*layer.parameters(), *head.parameters()], lr=0.005)
    x = torch.zeros(10, 64, LETTERS).scatter_(2, torch.randint(0, LETTERS, (10, 64, 1)), 1.0)
    y = torch.randint(0, LANGUAGES, (64,))
    criterion = nn.CrossEntropyLoss()

    def call():
        optimizer.zero_grad(set_to_none=True)
        _, h = layer(x)
        h = h[0] if isinstance(h, tuple) else h
        criterion(head(h[0]), y).backward()
        optimizer.step()

    return call


def product(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


for n in (256, 512, 1024):
    row(f"matmul {n} × {n}", n)(product)


def convolution(channels, size):
    x = torch.randn(1, channels, size, size, requires_grad=True)
    weight = torch.randn(channels, channels, 3, 3, requires_grad=True)
    bias = torch.randn(channels, requires_grad=True)
    gradient = torch.randn(1, channels, size, size)
    return lambda: torch.autograd.grad(F.conv2d(x, weight, bias, padding=1), [x, weight, bias], gradient)


for channels, size in ((64, 128), (128, 64), (256, 32)):
    row(f"conv 3×3, {channels} channels, {size}², forward + gradients", channels, size)(convolution)


# pointwise

MILLION = 1_000_000


def fresh(name, elements):
    a, b = torch.randn(elements), torch.randn(elements)
    return {
        "add": lambda: a + b,
        "mul": lambda: a * b,
        "sum": lambda: a.sum(),
        "relu": lambda: torch.relu(a),
        "exp": lambda: torch.exp(a),
        "tanh": lambda: torch.tanh(a),
        "sigmoid": lambda: torch.sigmoid(a),
        "gelu": lambda: F.gelu(a),
    }[name]


def recycled(name):
    a, b, out = torch.randn(MILLION), torch.randn(MILLION), torch.randn(MILLION)
    return {
        "add": lambda: torch.add(a, b, out=out),
        "mul": lambda: torch.mul(a, b, out=out),
        "exp": lambda: torch.exp(a, out=out),
        "tanh": lambda: torch.tanh(a, out=out),
    }[name]


for name in ("add", "mul", "sum", "relu", "exp", "tanh", "sigmoid", "gelu"):
    row(f"{name}, 10k", name, 10_000)(fresh)
    row(f"{name}, 1M", name, MILLION)(fresh)
for name in ("add", "mul", "exp", "tanh"):
    row(f"{name}, 1M in place", name)(recycled)


@row("softmax, 1000 × 1000", torch.softmax)
@row("log-softmax, 1000 × 1000", torch.log_softmax)
def softmax(function):
    x = torch.randn(1000, 1000)
    return lambda: function(x, 1)


@row("layer norm, 1000 × 1000")
def layer_norm():
    x, weight, bias = torch.randn(1000, 1000), torch.randn(1000), torch.randn(1000)
    return lambda: F.layer_norm(x, (1000,), weight, bias)


@row("layer norm, forward + backward, 1000 × 1000")
def layer_norm_backward():
    x, weight, bias = (torch.randn(*shape, requires_grad=True) for shape in ((1000, 1000), (1000,), (1000,)))
    gradient = torch.randn(1000, 1000)
    return lambda: torch.autograd.grad(F.layer_norm(x, (1000,), weight, bias), [x, weight, bias], gradient)


# small models


def classifier(model, x):
    y = torch.randint(0, 10, (64,))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def call():
        optimizer.zero_grad(set_to_none=True)
        criterion(model(x), y).backward()
        optimizer.step()

    return call


@row("MLP 784-512-256-10")
def mlp():
    return classifier(
        nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)),
        torch.randn(64, 784),
    )


@row("LeNet-5")
def lenet():
    return classifier(
        nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
        ),
        torch.randn(64, 1, 28, 28),
    )


@row("transformer layer", 0.0)
@row("transformer layer, dropout 0.1", 0.1)
def transformer(dropout):
    layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=dropout, batch_first=True)
    x, gradient = torch.randn(16, 64, 128), torch.randn(16, 64, 128)

    def call():
        layer.zero_grad(set_to_none=True)
        layer(x).backward(gradient)

    return call


# style transfer

for name in NETWORKS:
    for size in (128, 256):
        row(f"style transfer, {name}, {size}", name, size)(transfer)


# five gradients in one call against five calls


def five_gradients(depth, width, batch, chosen):
    layers = [nn.Linear(width, width) for _ in range(depth)]
    weights = [layers[i].weight for i in chosen]
    x = torch.randn(batch, width)

    def cost(call):
        h = x
        for layer in layers:
            h = torch.tanh(layer(h))
        loss = (h * h).mean()
        start = time.perf_counter()
        call(loss)
        return time.perf_counter() - start

    once, five = [], []
    for _ in range(35):
        once.append(cost(lambda loss: torch.autograd.grad(loss, weights)))
        five.append(cost(lambda loss: [torch.autograd.grad(loss, [w], retain_graph=True) for w in weights]))
    return statistics.median(five[5:]) / statistics.median(once[5:])


for depth, width, batch in ((20, 256, 64), (50, 64, 16)):
    spread = [i * (depth - 1) // 4 for i in range(5)]
    for choice, chosen in (("first", range(5)), ("last", range(depth - 5, depth)), ("spread", spread)):
        row(f"five gradients, depth {depth}, width {width}, {choice} layers", depth, width, batch, chosen)(five_gradients)


@row("peak memory, style transfer, VGG19 to conv5_1, 256")
def peak_memory():
    evaluate = transfer("VGG19 to conv5_1", 256)
    for _ in range(5):
        evaluate()
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
for name in job["rows"]:
    if name not in ROWS:
        continue
    work = ROWS[name]()
    if callable(work) or isinstance(work, tuple):
        work = seconds(work, **job["patience"])
    print(json.dumps({"row": name, "measured": work}), flush=True)
