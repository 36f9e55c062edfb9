"""Is every weight of a module judged by shifts where it is met in products alone, at the price of few calls?"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from gradcheck import Verdict, check_gradients  # noqa: E402

SHIFTS = "shifts of pre-activations"
LABELS = torch.arange(16) % 6


def data(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def linear(inward, outward, seed=0):
    layer = nn.Linear(inward, outward).double()
    with torch.no_grad():
        layer.weight.copy_(data(outward, inward, seed=seed) / inward**0.5)
        layer.bias.copy_(data(outward, seed=seed + 1) / 2)
    return layer


def chain(*between, last=6):
    return nn.Sequential(linear(20, 30), *between, linear(30, last, 2)).double()


def counted(model):
    calls = []
    model.register_forward_pre_hook(lambda *_: calls.append(1))
    return calls


def by_shifts(report):
    return {tensor.name for tensor in report.tensors.values() if tensor.means == SHIFTS}


def affine(spoil):
    """Return a layer whose backward does something to the gradients of its weight and its bias."""

    class Affine(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, W, b):
            ctx.save_for_backward(x, W)
            return x @ W.t() + b

        @staticmethod
        def backward(ctx, dy):
            x, W = ctx.saved_tensors
            return dy @ W, *spoil(dy.t() @ x, dy)

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.W, self.b = nn.Parameter(data(30, 20)), nn.Parameter(data(30))
            self.last = linear(30, 6)

        def forward(self, x):
            return self.last(torch.tanh(Affine.apply(x, self.W, self.b)))

    return Layer()


def one_entry(G, dy):
    G[7, 3] *= 1 + 1e-5
    return G, dy.sum(0)


def a_row(G, dy):
    G[7] *= 1.01
    return G, dy.sum(0)


@pytest.mark.parametrize(
    ("spoil", "name", "wrong"),
    [
        (one_entry, "W", [(7, 3)]),
        (a_row, "W", [(7, j) for j in range(20)]),
        (lambda G, dy: (2 * G, dy.sum(0)), "W", [*np.ndindex(30, 20)]),
        (lambda G, dy: (G, dy.mean(0)), "b", [(j,) for j in range(30)]),
    ],
    ids=["one entry", "a row", "doubled", "mean of the bias"],
)
def test_what_is_wrong_in_a_hand_written_layer_is_found_by_name_and_index(spoil, name, wrong):
    """And nothing else is accused; its forward is followed below autograd."""
    report = check_gradients(affine(spoil), data(16, 20), neighbours=0)
    assert [t.name for t in report.tensors.values() if t.wrong] == [name]
    assert {tuple(found.index) for found in report.wrong} <= set(wrong)
    assert report.tensors[name].wrong == len(wrong)
    assert report.tensors[name].means == SHIFTS


def test_a_right_one_takes_few_calls():
    """One by one they are 1,142 entries, and twice as many evaluations."""
    model = affine(lambda G, dy: (G, dy.sum(0)))
    calls = counted(model)
    report = check_gradients(model, data(16, 20), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"W", "b", "last.weight", "last.bias", "x"}
    assert report.evaluations < 100
    assert len(calls) < 100


LOSSES = {
    "cross entropy": lambda z: F.cross_entropy(z, LABELS),
    "smoothed labels": lambda z: F.cross_entropy(z, LABELS, label_smoothing=0.1),
    "weighted classes": lambda z: F.cross_entropy(z, LABELS, weight=torch.arange(1, 7).to(z.dtype)),
    "negative log likelihood, summed": lambda z: F.nll_loss(z.log_softmax(1), LABELS, reduction="sum") / 7,
    "mean square": lambda z: F.mse_loss(z, torch.ones_like(z)),
    "absolute": lambda z: F.l1_loss(z, torch.ones_like(z)),
    "smooth absolute": lambda z: F.smooth_l1_loss(z, torch.ones_like(z)),
    "huber": lambda z: F.huber_loss(z, torch.ones_like(z), delta=0.5),
    "logits": lambda z: F.binary_cross_entropy_with_logits(z, torch.ones_like(z)),
    "probabilities": lambda z: F.binary_cross_entropy(z.sigmoid(), torch.ones_like(z)),
    "divergence": lambda z: F.kl_div(z.log_softmax(1), torch.full_like(z, 1 / 6), reduction="batchmean"),
    "by hand, of two": lambda z: 0.5 * (z**2).mean() - z.sin().sum() / 3,
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_opened(name):
    """Into what each sample adds; within a module or on top of it."""
    report = check_gradients(chain(nn.Tanh()), data(16, 20), loss=LOSSES[name], neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"0.weight", "0.bias", "2.weight", "2.bias", "input"}
    assert report.evaluations < 150


def test_what_is_done_in_place_and_norms_that_stand_still_are_followed():
    """Dropout as well: its mask is the same in each call."""
    model = chain(nn.BatchNorm1d(30).eval(), nn.ReLU(inplace=True), nn.Dropout(0.5))
    report = check_gradients(model, data(16, 20), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert {"0.weight", "0.bias", "4.weight", "4.bias"} <= by_shifts(report)


class Decayed(nn.Module):
    """A loss that reads a weight by itself."""

    def __init__(self):
        super().__init__()
        self.net = chain(nn.Tanh())

    def forward(self, x):
        return F.cross_entropy(self.net(x), LABELS) + 0.01 * (self.net[0].weight ** 2).sum()


class Filled(nn.Module):
    """Rows are put into memory that was there before."""

    def __init__(self):
        super().__init__()
        self.net = chain(nn.Tanh())

    def forward(self, x):
        y = x.new_zeros(len(x), 6)
        for k, row in enumerate(self.net(x)):
            y[k] = row
        return y


class Unseen(nn.Module):
    """Goes by way of NumPy, where nothing can be followed; its backward is right."""

    def __init__(self):
        super().__init__()
        self.net = chain(nn.Tanh())

    class Sine(torch.autograd.Function):
        """Computed by NumPy."""

        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return torch.from_numpy(np.sin(z.detach().numpy()))

        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.saved_tensors[0].cos()

    def forward(self, x):
        return self.Sine.apply(self.net(x))


REFUSED = {
    "batch norm in training": (chain(nn.BatchNorm1d(30), nn.Tanh()), None, {"0.weight", "0.bias"}),
    "contrastive": (chain(nn.Tanh()), lambda z: F.cross_entropy(z @ z.t(), torch.arange(16)), {"0.weight", "2.bias"}),
    "spectral norm": (
        nn.Sequential(nn.utils.parametrizations.spectral_norm(linear(20, 30)), nn.Tanh(), linear(30, 6)).eval(),
        None,
        {"0.parametrizations.weight.original"},
    ),
    "weight norm": (
        nn.Sequential(nn.utils.parametrizations.weight_norm(linear(20, 30)), nn.Tanh(), linear(30, 6)),
        None,
        {"0.parametrizations.weight.original1"},
    ),
    "weight decay": (Decayed(), None, {"net.0.weight"}),
    "filled memory": (Filled(), None, {"net.0.weight", "net.2.weight"}),
    "beyond PyTorch": (Unseen(), None, {"net.0.weight", "net.2.weight"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_that_does_not_hold_it_is_measured_otherwise(name):
    """And is right all the same."""
    model, loss, refused = REFUSED[name]
    report = check_gradients(model, data(16, 20), loss=loss, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert not refused & by_shifts(report)


def test_weights_that_are_met_twice_have_the_sum_of_their_slopes():
    """Tied layers."""
    layer = linear(20, 20)
    report = check_gradients(nn.Sequential(layer, nn.Tanh(), layer), data(16, 20), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) >= {"0.weight = 2.weight", "0.bias = 2.bias"}


def test_recurrent_weights_are_met_at_each_step():
    """The hidden ones once a step, the others in all steps at once."""
    model = nn.GRU(24, 16, batch_first=True).double()
    report = check_gradients(model, data(6, 4, 24), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "input"}


def test_transformers_hear_within_a_sample_alone():
    """One position after the other is shifted, in all samples."""
    model = nn.TransformerEncoderLayer(24, 2, 32, dropout=0.0, batch_first=True).double()
    report = check_gradients(model, data(5, 4, 24), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert {"self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight", "linear2.weight", "src"} <= (
        by_shifts(report)
    )


def test_functions_of_weights_are_modules_too():
    """Weights that are handed in."""

    def model(x, W, b):
        return torch.tanh(x @ W + b)

    report = check_gradients(model, data(16, 20), data(20, 12), data(12), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"x", "W", "b"}


def test_few_entries_are_measured_one_by_one():
    """For them it is not worth it."""
    report = check_gradients(linear(3, 4), data(5, 3), neighbours=0)
    assert not by_shifts(report)


def test_a_model_is_as_it_was():
    """Weights, inputs, statistics, and random numbers."""
    model, x = chain(nn.BatchNorm1d(30), nn.Dropout(0.5)).float(), data(16, 20).float()
    before, state = {k: v.clone() for k, v in model.state_dict().items()}, torch.get_rng_state()
    given = x.clone()
    check_gradients(model, x, neighbours=0)
    assert torch.equal(x, given)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: nn.GRU(24, 16, batch_first=True).double(), "weight_hh_l0"),
        (lambda: nn.TransformerEncoderLayer(24, 2, 32, 0.0, batch_first=True).double(), "self_attn.in_proj_weight"),
        (lambda: chain(nn.ReLU(), nn.Dropout(0.5)), "0.weight"),
    ],
    ids=["recurrent", "transformer", "dropout"],
)
def test_one_wrong_entry_is_found_in_each(make, name):
    """Off by a thousandth, where samples hear within themselves, a weight is met several times, or a mask is drawn."""
    torch.manual_seed(0)
    model = make()

    def spoil(gradient):
        wrong = gradient.clone()
        wrong[5, 7] *= 1.001
        return wrong

    dict(model.named_parameters())[name].register_hook(spoil)
    report = check_gradients(model, data(16, 20) if name == "0.weight" else data(5, 4, 24), neighbours=0)
    assert [(found.tensor, tuple(found.index)) for found in report.wrong] == [(name, (5, 7))]
    assert report.tensors[name].means == SHIFTS


class Pictures(nn.Module):
    """Two convolutions, of which the second has more weights than pre-activations; its backward may be spoiled."""

    def __init__(self, axes=2, spoil=lambda G: G, seed=0, bias=True, **moves):
        super().__init__()
        self.conv, self.spoil, self.moves = getattr(F, f"conv{axes}d"), spoil, moves
        kernel = (3,) * axes
        self.first = nn.Parameter(data(6, 2, *kernel, seed=seed) / 4)
        self.W = nn.Parameter(data(12, 6, *kernel, seed=seed + 1) / 6)
        self.b = nn.Parameter(data(12, seed=seed + 2) / 2) if bias else None
        self.last = linear(12, 3, seed + 3)

    def forward(self, x):
        y = torch.tanh(self.conv(x, self.first, stride=2))
        weight = Spoiled.apply(self.W, self.spoil)
        y = torch.tanh(self.conv(y, weight, self.b, **self.moves))
        return self.last(y.flatten(2).mean(-1))


class Spoiled(torch.autograd.Function):
    """The identity, with a backward that is not."""

    @staticmethod
    def forward(ctx, W, spoil):
        ctx.spoil = spoil
        return W.view_as(W)

    @staticmethod
    def backward(ctx, dW):
        return ctx.spoil(dW.clone()), None


def one_tap(G):
    G[5, 2, 1] *= 1 + 1e-4
    return G


@pytest.mark.parametrize("axes", [1, 2])
def test_a_wrong_tap_of_a_convolution_is_named(axes):
    """Of every one of its weights, judged by shifts of what each place of each channel says."""
    x = data(5, 2, *(7,) * axes)
    report = check_gradients(Pictures(axes, one_tap), x, wrt=["W", "b", "last*"], neighbours=0)
    assert {tuple(found.index)[:3] for found in report.wrong} == {(5, 2, 1)}
    assert len(report.wrong) == 3 ** (axes - 1)
    assert by_shifts(report) >= {"W"}


@pytest.mark.parametrize(
    ("axes", "keywords"),
    [
        (1, {"padding": 1}),
        (2, {"padding": 1, "stride": 2}),
        (2, {"padding": (0, 1)}),
        (1, {"dilation": 1, "bias": False}),
        (2, {"padding": 2, "dilation": 2, "bias": False}),
    ],
    ids=["padded", "strided", "one way", "no bias", "dilated"],
)
def test_right_convolutions_pass_by_shifts(axes, keywords):
    """However the window moves."""
    report = check_gradients(Pictures(axes, **keywords), data(5, 2, *(7,) * axes), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) >= {"W"}
    assert ("b" in by_shifts(report)) is keywords.get("bias", True)


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(12, 12, 3, groups=2), nn.ConvTranspose2d(12, 12, 3), nn.Conv3d(12, 6, (3, 3, 1))],
    ids=["groups", "transposed", "three axes"],
)
def test_other_convolutions_are_measured_otherwise(layer):
    """They have no rows that are patches of one image."""
    model = nn.Sequential(layer, nn.Tanh(), nn.Flatten(), nn.LazyLinear(2))
    x = data(2, 12, 3, 3, *([1] if isinstance(layer, nn.Conv3d) else []))
    with torch.no_grad():
        model.float()(x.float())
    report = check_gradients(model.double(), x, wrt="0.*", neighbours=0, entries=40)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == set()
