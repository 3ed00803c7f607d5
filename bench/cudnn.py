#!/usr/bin/env python3
"""Times the benchmark's works with PyTorch's nn.LSTM, which is cuDNN on an NVIDIA GPU.

float32 with TF32 off, the same weights, samples and timing as in measure/: warm up, as many pieces in a sample as take
50 ms, wall time from the call until the results are in the processor's memory.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

SEED = 1
LEARNING_RATE = 0.001
EPSILON = 1e-10
SAMPLE_SECONDS = 0.05
MAX_TIMES = 4096
LONG_SECONDS = 8.0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", help="results.json of a run of the benchmark, or - for a list of works on stdin")
    parser.add_argument("--samples", type=int, default=30, help="samples of each work (default 30)")
    parser.add_argument("--out", help="file to write (default: stdout); npm run bench -- --cudnn FILE reads it")
    return parser.parse_args()


def works_of(text):
    """A list of works, or the works of a results.json."""
    given = json.loads(text)
    return [row["work"] for row in given["rows"]] if isinstance(given, dict) else given


def random_numbers(indices, seed=SEED):
    """Numbers in [0, 1) of mulberry32, as demo/experiments/random.ts draws them one by one.

    indices: 1 for the first number, 2 for the second: an array of int64, whose products wrap around.
    """
    word = 0xFFFFFFFF
    state = (indices * 0x6D2B79F5 + seed) & word
    mixed = ((state ^ (state >> 15)) * (state | 1)) & word
    mixed = mixed ^ ((mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & word)) & word)
    return ((mixed ^ (mixed >> 14)) & word) / 2**32


class Inputs:
    """What bench/works/inputs.ts makes, in the same order: weights, samples, targets."""

    def __init__(self, torch, work):
        self.torch = torch
        self.drawn = 0
        batch, steps, features, units = (work[name] for name in ("batch", "steps", "features", "units"))
        shapes = []
        for layer in range(work.get("layers", 1)):
            inner = features if layer == 0 else units
            shapes += [(inner, 4 * units), (units, 4 * units), (4 * units,)]
        if work["kind"] == "train":
            shapes += [(units, 1), (1,)]
        self.weights = [self.draw(shape, (6 / sum(shape)) ** 0.5) for shape in shapes]
        self.pool = 1 if work.get("isLarge") else 16
        self.x = self.draw((self.pool, batch, steps, features), 1.0)
        self.y = self.draw((self.pool, batch, 1), 1.0, least=0.0)

    def draw(self, shape, most, least=None):
        least = -most if least is None else least
        count = self.torch.Size(shape).numel()
        indices = self.torch.arange(self.drawn + 1, self.drawn + count + 1, dtype=self.torch.int64)
        self.drawn += count
        numbers = least + (most - least) * random_numbers(indices).double()
        return numbers.float().reshape(shape)


class Task:
    """A work with its network on the GPU."""

    def __init__(self, torch, work):
        nn = torch.nn
        self.torch, self.work, self.inputs = torch, work, Inputs(torch, work)
        layers, units = work.get("layers", 1), work["units"]
        self.lstm = nn.LSTM(work["features"], units, layers, batch_first=True).cuda()
        self.is_training = work["kind"] == "train"
        self.head = nn.Linear(units, 1).cuda() if self.is_training else None
        self.state = None
        with torch.no_grad():
            weights = iter(self.inputs.weights)
            for layer in range(layers):
                # The gates are in Keras' order, i, f, c, o; of the two biases one is zero.
                getattr(self.lstm, f"weight_ih_l{layer}").copy_(next(weights).T)
                getattr(self.lstm, f"weight_hh_l{layer}").copy_(next(weights).T)
                getattr(self.lstm, f"bias_ih_l{layer}").copy_(next(weights))
                getattr(self.lstm, f"bias_hh_l{layer}").zero_()
            if self.head:
                self.head.weight.copy_(next(weights).T)
                self.head.bias.copy_(next(weights))
        if self.is_training:
            # The second bias of each layer stays what it is: Keras has none.
            trained = [p for name, p in self.lstm.named_parameters() if not name.startswith("bias_hh")]
            trained += list(self.head.parameters())
            self.optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE, eps=EPSILON, fused=True)
            self.loss = nn.BCEWithLogitsLoss()
        # Pinned memory and samples that are on the GPU already would be another race: others bring theirs each time.

    def forward(self, x):
        output, state = self.lstm(x, self.state)
        if self.work["stateful"]:
            self.state = tuple(part.detach() for part in state)
        return output[:, -1]

    def run(self, times):
        if self.is_training:
            self.train(times)
            return
        with self.torch.no_grad():
            for _ in range(times):
                self.output = self.forward(self.inputs.x[0].cuda()).cpu()

    def train(self, times):
        """All samples are brought once, and the losses are read at the end, as model.fit does it."""
        order = [number % self.inputs.pool for number in range(times)]
        pool_x, pool_y = self.inputs.x.cuda(), self.inputs.y.cuda()
        losses = []
        for number in order:
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.head(self.forward(pool_x[number])), pool_y[number])
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        self.torch.stack(losses).cpu()


def timed(torch, work):
    torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def is_steady(samples):
    last = samples[-3:]
    return len(last) == 3 and max(last) - min(last) <= 0.1 * max(last)


def measure(torch, work, count):
    updates = work.get("updates", 1)
    made = []
    first = timed(torch, lambda: (made.append(Task(torch, work)), made[0].run(1)))
    task = made[0]
    result = {} if task.is_training or work["stateful"] else {"firstRow": task.output[0].tolist()}
    times, recent, begin = 1, [], time.perf_counter()
    while not is_steady(recent) and len(recent) < 12 and time.perf_counter() - begin < LONG_SECONDS:
        took = timed(torch, lambda: task.run(times * updates))
        if took < SAMPLE_SECONDS and times < MAX_TIMES:
            times, recent = 2 * times, []
        else:
            recent.append(took)
    samples = [1000 * timed(torch, lambda: task.run(times * updates)) / times for _ in range(count)]
    print(f"{work['id']}  {statistics.median(samples):.3f} ms", file=sys.stderr)
    return {"samples": samples, "times": times, "firstCall": 1000 * first, **result}


def main():
    options = arguments()
    text = sys.stdin.read() if options.works == "-" else Path(options.works).read_text()
    works = [work for work in works_of(text) if work["kind"] not in ("product", "push") and work.get("models", 1) == 1]
    try:
        import torch
    except ImportError:
        sys.exit("cudnn.py: Python has no torch here. Install PyTorch with CUDA: https://pytorch.org/get-started")
    if not torch.cuda.is_available():
        sys.exit("cudnn.py: PyTorch finds no CUDA GPU here.")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    result = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),
        "works": {work["id"]: measure(torch, work, options.samples) for work in works},
    }
    text = json.dumps(result) + "\n"
    if options.out:
        Path(options.out).write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
