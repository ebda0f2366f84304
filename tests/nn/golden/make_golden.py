#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Computes golden_values.h with PyTorch in double precision.

What it is independent of: it reads a network's text with its own few lines, works out every size and padding
by TensorFlow's and PyTorch's rules, and takes convolution, pooling, softmax, automatic differentiation and the
optimisers from PyTorch. It shares with tests/nn/support.c only the formula of the inputs (class Numbers), so the
header holds results and no inputs.

How to run (only when a network or an optimiser is added; the header is committed):

    apt-get install python3-torch
    /usr/bin/python3 tests/nn/golden/make_golden.py > tests/nn/golden/golden_values.h

The same digits came out of every run. Made with Debian 12's python3-torch 1.13.1 (torch 1.13.0a0) and Python 3.11.

Layouts: ours are NHWC, HWIO and in x out; PyTorch's are NCHW, OIHW and out x in. Tensors are made and
summarised in our layout and turned around in between.
"""
import re
import textwrap
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Numbers:
    """Multiples of 2^-23 in [-1, 1), exact in fp32: a linear congruential generator's upper 24 bits."""

    def __init__(self, seed):
        self.state = seed

    def word(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state

    def tensor(self, shape, scale=1.0):
        count = 1
        for size in shape:
            count *= size
        return torch.tensor([((self.word() >> 8) - 2**23) * 2.0**-23 * scale for _ in range(count)]).reshape(shape)


# The networks together hold every layer: convolution with pad none, same (even and odd kernels, strides) and n;
# ReLU folded into a convolution or a dense layer and alone; pools of both kinds that overlap, that do not, that are padded;
# dropout at rate 0; both ways to a vector; residuals, branches and batch normalisation, inside one another.
NETWORKS = [
    # name, text, input h w c, images
    ("tutorial", "conv(4,3) relu maxpool(2) conv(5,3,pad=same) relu flatten dense(6) relu dense(3)", (8, 8, 2), 5),
    ("padded", "conv(3,5,stride=2,pad=2) relu maxpool(3,1,pad=1) relu conv(9,2) globalavgpool dense(4)", (9, 7, 1), 4),
    ("even", "conv(6,4,stride=3,pad=same) dropout(0) relu maxpool(3,stride=1) flatten dense(17) dropout(0) dense(4)",
     (11, 10, 3), 3),
    ("pooled", "maxpool(2,pad=same) conv(8,3,stride=2,pad=same) maxpool(2,stride=1,pad=same) relu globalavgpool relu "
               "dense(5)", (11, 9, 2), 4),
    ("vector", "relu flatten dense(7) dense(3) relu dense(2)", (3, 5, 1), 9),
    ("chain", "conv(17,1) conv(2,3,1,same) relu conv(16,3,stride=2) relu maxpool(2,2) globalavgpool", (12, 13, 3), 2),
    ("residual", "conv(4,3) relu residual(conv(4,3,pad=same) relu conv(4,3,pad=same)) relu "
                 "residual(conv(6,3,stride=2,pad=same) relu|conv(6,1,stride=2)) globalavgpool dense(3)", (8, 7, 2), 3),
    ("inception", "conv(4,3) relu branches(conv(3,1) relu|conv(2,1) relu conv(5,3,pad=same)|maxpool(3,1,same) conv(2,1)|) "
                  "maxpool(2) branches(|residual(conv(14,3,pad=same) relu)) flatten dense(4)", (8, 8, 1), 3),
    # A bias before a normalisation would have no gradient but rounding: ReLUs are in between.
    ("normed", "conv(5,3) relu batchnorm conv(4,2) relu batchnorm(0.9,0.01) relu maxpool(2) flatten dense(6) relu "
               "batchnorm(momentum=0.5) dense(3)", (8, 7, 2), 5),
    ("normed_residual", "conv(4,3) relu batchnorm residual(relu conv(4,3,pad=same) relu batchnorm relu "
                        "conv(4,3,pad=same) relu|batchnorm relu) batchnorm relu globalavgpool dense(3)", (7, 7, 1), 4),
    ("averaged", "conv(5,3) relu avgpool(2) conv(7,2,pad=same) avgpool(3,2,pad=same) relu avgpool(2,1,pad=1) flatten "
                 "dense(3)", (13, 12, 2), 4),
]


def read(text):
    """A chain: [(word, {position or name: value}, [chains of a group])]"""
    tokens = re.findall(r"[\w.+-]+|[(),=|]", text)
    chain, rest = read_chain(tokens)
    assert not rest
    return chain


def read_chain(tokens):
    """The chain and what is left from a '|' or ')' on."""
    items = []
    while tokens and tokens[0] not in ("|", ")"):
        word, tokens = tokens[0], tokens[1:]
        args, parts = {}, []
        if word in ("residual", "branches"):
            while tokens[0] != ")":
                part, tokens = read_chain(tokens[1:])  # past '(' or '|'
                parts.append(part)
            tokens = tokens[1:]
        elif tokens and tokens[0] == "(":
            end = tokens.index(")")
            for at, arg in enumerate("".join(tokens[1:end]).split(",")):
                key, _, value = arg.rpartition("=")
                args[key or at] = value
            tokens = tokens[end + 1:]
        items.append((word, args, parts))
    return items, tokens


def get(args, position, name, default=None):
    return args.get(position, args.get(name, default))


def pads(size, kernel, stride, pad):
    """(before, after) as TensorFlow's 'SAME', or a number on both sides as PyTorch's."""
    if pad != "same":
        return int(pad), int(pad)
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def padded(x, kernel, stride, pad, value):
    top, bottom = pads(x.shape[2], kernel, stride, pad)
    left, right = pads(x.shape[3], kernel, stride, pad)
    return F.pad(x, (left, right, top, bottom), value=value)


MARGIN = 2e-5  # so that fp32 takes the same branch in every ReLU and every window


def relu(x):
    assert x[x != 0].abs().min() > MARGIN, "a value too close to 0"
    return F.relu(x)


def maxpool(x, kernel, stride, pad):
    x = padded(x, kernel, stride, pad, -1e30)
    windows = F.unfold(x.detach().reshape(-1, 1, *x.shape[2:]), kernel, stride=stride)
    if kernel > 1:
        best = windows.topk(2, dim=1).values
        gap = best[:, 0] - best[:, 1]
        assert gap[(gap > 0)].min() > MARGIN, "two values of a window too close"
    return F.max_pool2d(x, kernel, stride)


class Network:
    def __init__(self, text, size, images, numbers):
        h, w, c = size
        self.chain, self.params, self.states = read(text), [], []
        self.input = numbers.tensor((images, h, w, c))
        self.forward(False, shapes=True)  # says which parameters it needs, in order
        for name, shape in self.wanted:
            values = numbers.tensor(shape, 0.5)
            self.params.append(values + 1 if name == "variance" else values)
            if name not in ("mean", "variance"):
                self.params[-1].requires_grad_(True)
        classes = self.wanted[-1][1][0]  # as many as the last bias has
        self.label = torch.tensor([(numbers.word() >> 16) % classes for _ in range(images)])

    def forward(self, training, shapes=False):
        """The logits; or with `shapes` only self.wanted, names and shapes of parameters in our layout."""
        self.training, self.shapes, self.wanted = training, shapes, []
        self.after = {}  # states after this pass, by their place among the parameters
        return self.run(self.chain, self.input.permute(0, 3, 1, 2))

    def take(self, name, shape):
        self.wanted.append((name, shape))
        return torch.ones(shape) if self.shapes else self.params[len(self.wanted) - 1]

    def run(self, chain, x):
        for word, args, parts in chain:
            if word == "residual":
                x = self.run(parts[0], x) + (self.run(parts[1], x) if len(parts) > 1 else x)
            elif word == "branches":
                x = torch.cat([self.run(part, x) for part in parts], 1)
            else:
                x = getattr(self, word)(args, x)
        return x

    def conv(self, args, x):
        n, k = int(get(args, 0, "filters")), int(get(args, 1, "kernel"))
        stride, pad = int(get(args, 2, "stride", 1)), get(args, 3, "pad", "0")
        weights, bias = self.take("kernel", (k, k, x.shape[1], n)), self.take("bias", (n,))
        return F.conv2d(padded(x, k, stride, pad, 0.0), weights.permute(3, 2, 0, 1), bias, stride=stride)

    def dense(self, args, x):
        assert x.dim() == 2
        n = int(get(args, 0, "units"))
        weights, bias = self.take("kernel", (x.shape[1], n)), self.take("bias", (n,))
        return F.linear(x, weights.t(), bias)

    def batchnorm(self, args, x):
        momentum, epsilon = float(get(args, 0, "momentum", 0.99)), float(get(args, 1, "epsilon", 0.001))
        gamma, beta, mean, var = [self.take(name, (x.shape[1],)) for name in ("gamma", "beta", "mean", "variance")]
        if self.training:
            at, axes = len(self.wanted), [0] + list(range(2, x.dim()))
            self.after[at - 2] = momentum * mean + (1 - momentum) * x.detach().mean(axes)
            self.after[at - 1] = momentum * var + (1 - momentum) * x.detach().var(axes, unbiased=False)
            return F.batch_norm(x, None, None, gamma, beta, True, 0.0, epsilon)
        return F.batch_norm(x, mean, var, gamma, beta, False, 0.0, epsilon)

    def maxpool(self, args, x):
        k = int(get(args, 0, "size"))
        stride, pad = int(get(args, 1, "stride", k)), get(args, 2, "pad", "0")
        return F.max_pool2d(padded(x, k, stride, pad, -1e30), k, stride) if self.shapes else maxpool(x, k, stride, pad)

    def avgpool(self, args, x):
        k = int(get(args, 0, "size"))
        stride, pad = int(get(args, 1, "stride", k)), get(args, 2, "pad", "0")
        sums = [F.avg_pool2d(padded(t, k, stride, pad, 0.0), k, stride) for t in (x, torch.ones_like(x))]
        return sums[0] / sums[1]  # padding is not counted

    def globalavgpool(self, args, x):
        return x.mean(dim=(2, 3))

    def relu(self, args, x):
        return x if self.shapes else relu(x)

    def dropout(self, args, x):
        assert float(get(args, 0, "rate")) == 0
        return x

    def flatten(self, args, x):
        return x.permute(0, 2, 3, 1).flatten(1)

    def losses(self, training=True):
        return F.cross_entropy(self.forward(training), self.label, reduction="none")

    def results(self):
        """Of a training pass: the gradient of each parameter, and each state as the pass left it."""
        self.losses().mean().backward()
        return [self.after[i] if i in self.after else p.grad for i, p in enumerate(self.params)]


# ---------------------------------------------------------------- output

def number(x):
    return "%.10g" % float(x)


def tidy(x):
    """A sum that cancels leaves rounding, which differs from run to run."""
    return 0.0 if abs(float(x)) < 1e-13 else x


def numbers_of(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def summary(tensor):
    """count, sum, sum with weights that do not repeat, and eight entries spread over the tensor."""
    flat = tensor.detach().flatten()
    flat = torch.where(flat.abs() < 1e-15, torch.zeros_like(flat), flat)
    weights = Numbers(77).tensor(flat.shape)
    entries = [flat[i * (len(flat) - 1) // 7] for i in range(8)]
    return "{%d, %s, %s, %s}" % (len(flat), number(tidy(flat.sum())), number((flat * weights).sum()), numbers_of(entries))


def wrapped(line):
    """Lines of at most 110 columns."""
    return "\n".join(textwrap.wrap(line, 110, subsequent_indent="     ", break_long_words=False))


def say(line):
    print(wrapped(line))


def networks():
    for at, (name, text, size, images) in enumerate(NETWORKS):
        net = Network(text, size, images, Numbers(1000 + at))
        logits = net.forward(False)
        losses = F.cross_entropy(logits, net.label, reduction="none")
        say("static const double %s_logits[] = %s;" % (name, numbers_of(logits.detach().flatten())))
        say("static const double %s_losses[] = %s;" % (name, numbers_of(losses.detach())))
        say("static const golden_tensor %s_grads[] = {%s};" % (name, ", ".join(summary(r) for r in net.results())))
        print()
    print("static const golden_network golden_networks[] = {")
    for at, (name, text, size, images) in enumerate(NETWORKS):
        params = len(Network(text, size, images, Numbers(1000 + at)).params)
        print('    {"%s",\n     "%s",\n     {%d, %d, %d}, %d, %d, %s_logits, %s_losses, %s_grads},' % (
            name, text, *size, images, params, name, name, name))
    print("};\n")


OPTIMISERS = [
    # kind, lr, momentum, nesterov, weight decay
    ("LW_SGD", 0.1, 0.0, False, 0.0),
    ("LW_SGD", 0.1, 0.0, False, 0.05),
    ("LW_SGD", 0.05, 0.9, False, 0.0),
    ("LW_SGD", 0.05, 0.9, False, 0.02),
    ("LW_SGD", 0.05, 0.875, True, 0.0),
    ("LW_SGD", 0.05, 0.875, True, 0.02),
    ("LW_ADAM", 0.01, 0.0, False, 0.0),
    ("LW_ADAM", 0.01, 0.0, False, 0.03),
    ("LW_ADAMW", 0.01, 0.0, False, 0.2),
]


def make_optimiser(row, params):
    kind, lr, momentum, nesterov, decay = row
    if kind == "LW_SGD":
        return torch.optim.SGD(params, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    maker = torch.optim.Adam if kind == "LW_ADAM" else torch.optim.AdamW
    return maker(params, lr=lr, betas=(0.9, 0.999), eps=1e-7, weight_decay=decay)


STEPS, VALUES, TINY = 5, 19, 3


def optimisers():
    """Parameters after five steps on gradients from the formula: the first gradient is always 0, three more are
    tiny, where Adam's epsilon shows."""
    rows = []
    for row in OPTIMISERS:
        numbers = Numbers(500)
        w = numbers.tensor((VALUES,)).requires_grad_(True)
        optimiser = make_optimiser(row, [w])
        for _ in range(STEPS):
            w.grad = numbers.tensor((VALUES,), 0.125)
            w.grad[0] = 0
            w.grad[1:1 + TINY] *= 2.0**-20
            optimiser.step()
        rows.append((row, w.detach().clone()))
    print("enum { GOLDEN_STEPS = %d, GOLDEN_VALUES = %d, GOLDEN_TINY = %d };\n" % (STEPS, VALUES, TINY))
    print("static const golden_optimiser golden_optimisers[] = {")
    for (kind, lr, momentum, nesterov, decay), w in rows:
        say("    {%s, %g, %g, %s, %g, %s}," % (kind, lr, momentum, str(nesterov).lower(), decay, numbers_of(w)))
    print("};\n")


def trajectories():
    """The mean loss before each of eight steps of the first network on one batch. A value near a kink changes
    these by as little as itself."""
    global MARGIN
    MARGIN = 0
    print("enum { GOLDEN_LOSSES = 8 };\n")
    print("static const golden_trajectory golden_trajectories[] = {")
    name, text, size, images = NETWORKS[0]
    for at in (0, 3, 5, 6, 8):
        net = Network(text, size, images, Numbers(1000))  # its first parameters, anew for each optimiser
        optimiser = make_optimiser(OPTIMISERS[at], net.params)
        losses = []
        for _ in range(8):
            optimiser.zero_grad()
            loss = net.losses().mean()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        say("    {%d, %s}," % (at, numbers_of(losses)))
    print("};\n")


def softmax():
    """Loss, probabilities and the mean loss' gradient of logits over fp32's whole range of exp."""
    logits = torch.tensor([
        [0.0, 0, 0, 0], [1, 2, 3, 4], [-1000, 0, 1000, 999], [88, 89, 88.5, -88], [-104, -1, -103, 0],
        [3e4, -3e4, 2.9990e4, 0], [-1e3, -1.001e3, -1.002e3, -1.003e3]], requires_grad=True)
    label = torch.tensor([2, 0, 0, 3, 0, 2, 3])
    losses = F.cross_entropy(logits, label, reduction="none")
    losses.mean().backward()
    prob = torch.softmax(logits, 1)
    rows, cols = logits.shape
    print("enum { GOLDEN_ROWS = %d, GOLDEN_COLS = %d };\n" % (rows, cols))
    say("static const float golden_softmax_logits[] = %s;" % numbers_of(logits.detach().flatten()))
    say("static const int golden_softmax_labels[] = %s;" % numbers_of(label))
    say("static const double golden_softmax_losses[] = %s;" % numbers_of(losses.detach()))
    say("static const double golden_softmax_prob[] = %s;" % numbers_of(prob.detach().flatten()))
    say("static const double golden_softmax_diff[] = %s;" % numbers_of(logits.grad.flatten()))


if __name__ == "__main__":
    print("/* SPDX-License-Identifier: BSD-3-Clause")
    print(" * golden_values.h: written by make_golden.py; do not edit. */")
    print("#ifndef GOLDEN_VALUES_H\n#define GOLDEN_VALUES_H\n")
    print('#include "golden/golden.h"\n')
    networks()
    optimisers()
    trajectories()
    softmax()
    print("\n#endif")
