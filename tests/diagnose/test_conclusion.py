"""Is the true cause named, and never a wrong one? Over all planted faults, and mistakes as users make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from causes import CAUSES, DENSE, LAYERS
from mistakes import MISTAKES

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck.networks import (
    FAULTS,
    L1,
    SPECIMENS,
    BatchNorm,
    BinaryCrossEntropy,
    Chain,
    Conv2d,
    Cost,
    CrossEntropy,
    Dense,
    GRUCell,
    Huber,
    MeanSquaredError,
    Tanh,
    mlp,
    parameters,
    rebuild,
    specimen,
)


def diagnosed(name):
    case = MISTAKES[name]
    report = check_gradients(case.f, *case.args, **case.keywords)
    return report, report.diagnosis


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistakes_of_users_are_named(name):
    """The first sentence has the words of the table."""
    report, sentences = diagnosed(name)
    assert report.verdict is Verdict.WRONG
    assert all(words in sentences[0] for words in MISTAKES[name].words), sentences


RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
T = RNG.normal(size=(6, 3))
LOSSES = {
    MeanSquaredError: MeanSquaredError(T),
    L1: L1(T),
    Huber: Huber(T, delta=0.7),
    BinaryCrossEntropy: BinaryCrossEntropy(RNG.integers(0, 2, (6, 3)).astype(float)),
    CrossEntropy: CrossEntropy(np.array([0, 2, 1, 1, 0, 2])),
}
PLAIN = {Dense, Chain, Cost, *LOSSES}


def suited(fault):
    """Return a network with a layer of the kind that a fault concerns, and its cost."""
    chain = mlp((4, 5, 3), Tanh() if fault.kind in PLAIN else fault.kind(), np.random.default_rng(1))
    moved = {p: a + 0.1 * np.random.default_rng(2).normal(size=a.shape) for p, a in parameters(chain).items()}
    loss = LOSSES.get(fault.kind, LOSSES[CrossEntropy])
    return Cost(rebuild(chain, moved), loss, decay=0.02 if fault.kind is Cost else 0.0)


REPORT = Path(__file__).parents[2] / "reports" / "faults.md"  # of every fault; some are run anew
ONE_OF_EACH = [next(name for name, fault in FAULTS.items() if fault.kind is kind) for kind in SPECIMENS]


@pytest.mark.parametrize("name", dict.fromkeys([*list(DENSE)[::3], *ONE_OF_EACH]))
def test_the_planted_faults_are_named(name):
    """The cause stands in the first sentence, or it says that the cause is not recognised."""
    network, *inputs = specimen(FAULTS[name])
    report = check_gradients(FAULTS[name].apply(network), *inputs)
    assert report.verdict is Verdict.WRONG
    assert (CAUSES[name] or NOT_RECOGNISED) in report.diagnosis[0], report.diagnosis


def reported():
    """Return the first sentence on each fault, as the report has it."""
    rows = [line.split(" | ") for line in REPORT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {row[0].strip("|` "): row[-1].rstrip("| ") for row in rows}


def test_all_are_named_in_the_report():
    """Run `python -m benchmarks faults --output reports/faults.md` if this fails."""
    sentences = reported()
    assert set(CAUSES) == set(FAULTS) == set(sentences)
    assert [n for n, words in CAUSES.items() if (words or NOT_RECOGNISED) not in sentences[n]] == []


def test_the_layer_is_named_of_nine_in_ten_faults():
    """Wherever it is one of several: it is wrong when it is taken alone."""
    kinds = {name: fault.kind for name, fault in FAULTS.items() if isinstance(specimen(fault)[0], Chain | Cost)}
    blamed = [f"({kind.__name__}) taken alone is wrong" in reported()[name] for name, kind in kinds.items()]
    assert sum(blamed) >= 0.9 * len(blamed)


def test_nine_in_ten_faults_of_dense_networks_are_named():
    """Of those that are planted, and of the mistakes of users; the others are not guessed at."""
    named = [bool(words) for words in DENSE.values()] + ["recognised" not in m.words[0] for m in MISTAKES.values()]
    assert sum(named) >= 0.9 * len(named)


def test_nine_in_ten_faults_of_all_are_named():
    """The others are not guessed at."""
    assert sum(map(bool, CAUSES.values())) >= 0.9 * len(CAUSES)
    assert sum(map(bool, LAYERS.values())) >= 0.9 * len(LAYERS)


def noisy(layer):
    """Return the layer with noise on all that its way back returns."""
    kind = type(layer)

    def forward(self, *inputs):
        *outputs, way_back = kind.forward(self, *inputs)

        def backward(*cotangents):
            rng = np.random.default_rng(5)
            *gradients, grad = way_back(*cotangents)
            moved = {path: a + 0.1 * rng.normal(size=a.shape) for path, a in parameters(grad).items()}
            return *(g + 0.1 * rng.normal(size=g.shape) for g in gradients), rebuild(grad, moved)

        return *outputs, backward

    return type(kind.__name__, (kind,), {"forward": forward})(**vars(layer))


@pytest.mark.parametrize("kind", [BatchNorm, Conv2d, GRUCell], ids=lambda k: k.__name__)
def test_noise_has_no_cause(kind):
    """Of all the settings, products and terms that are tried none is blamed for it."""
    network, *inputs = SPECIMENS[kind]()
    layer = network.layers[0] if isinstance(network, Chain) else network
    report = check_gradients(noisy(layer), *inputs)
    assert report.verdict is Verdict.WRONG
    assert NOT_RECOGNISED in report.diagnosis[0], report.diagnosis


def test_one_wrong_entry_among_others_of_every_size_is_named():
    """No pattern takes the right ones for witnesses."""
    x = 10.0 ** np.arange(-12, 13, 3)
    report = check_gradients(lambda x: float(np.log(x).sum()), x, grad=lambda x: np.append(1 / x[:-1], 1.01 / x[-1]))
    assert report.diagnosis[0] == "x: wrong in one entry, [8]; the other 8 agree"


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("name", ["forgotten_mean", "wrong_sign", "columns_shifted"])
def test_the_layer_is_named(name, index):
    """Wherever in the chain it stands."""
    chain = suited(FAULTS[name]).network
    report = check_gradients(FAULTS[name].apply(chain, index=index), X, loss=LOSSES[CrossEntropy])
    assert report.diagnosis[0].startswith(f"layers[{2 * index}] (Dense) taken alone is wrong: ")


def test_a_loss_on_top_is_a_layer_too():
    """And is named as the loss."""
    fault = FAULTS["square_without_2"]
    report = check_gradients(suited(fault).network, X, loss=fault.apply(LOSSES[MeanSquaredError]))
    assert report.diagnosis[0].startswith("the loss (MeanSquaredError) taken alone is wrong: ")


def test_a_right_gradient_needs_no_diagnosis():
    """And costs nothing more."""
    assert check_gradients(suited(FAULTS["wrong_sign"]), X).diagnosis == ()
