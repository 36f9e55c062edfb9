"""Is the true cause named, and never a wrong one? Over all planted faults, and mistakes as users make them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causes import CAUSES, DENSE, LAYERS
from misled import MISLED
from mistakes import MISTAKES
from suspects import E, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import conclusion
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED, diagnose, joined, settled, since
from gradcheck._diagnose.evidence import Context
from gradcheck._results.report import Report, TensorResult
from gradcheck.networks import (
    FAULTS,
    SPECIMENS,
    BatchNorm,
    Chain,
    Conv2d,
    Cost,
    GRUCell,
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


@pytest.mark.parametrize("name", MISLED)
def test_what_looks_like_another_mistake_is_not_taken_for_it(name):
    """A false cause is worse than none."""
    case = MISLED[name]
    report = check_gradients(case.f, *case.args, **case.keywords)
    told = "; ".join(report.diagnosis)
    assert report.verdict is Verdict.WRONG
    assert all(words in told for words in case.said), told
    assert not any(words in told for words in case.false), told
    assert not case.said or case.said[0] in report.diagnosis[0]


OF_FUNCTIONS = {
    "sine": (lambda x: np.sum(np.sin(x)), np.cos),
    "square": (lambda x: np.sum(x**2), lambda x: 2 * x),
    "linear": (lambda x: 3 * np.sum(x), lambda x: 3 + 0 * x),
    "norm": (lambda x: np.sqrt(np.sum(x * x)), lambda x: x / np.sqrt(np.sum(x * x))),
    "rectified": (lambda x: np.sum(np.maximum(x, 0) ** 2), lambda x: 2 * np.maximum(x, 0)),
}
ERRORS = {
    "relative": lambda g, x, n: g * (1 + n),
    "absolute": lambda g, x, n: g + n,
    "smooth": lambda g, x, n: g * (1 + n.flat[0] * np.sin(3 * x + 1)),
    "upward": lambda g, x, n: g + np.abs(n) * (n > 0),
    "single precision": lambda g, x, n: (g * (1 + 9 * n)).astype(np.float32).astype(float),
}


@pytest.mark.parametrize("shape", [(3,), (12,), (4, 4)], ids=str)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", OF_FUNCTIONS)
def test_small_errors_of_no_cause_get_none(name, error, shape):
    """A hundred-thousandth of each entry, drawn at random: neither sizes nor scales nor single precision."""
    f, right = OF_FUNCTIONS[name]
    rng = np.random.default_rng(len(name) + len(error))

    def grad(x):  # draws the errors anew, so that nobody finds them among what it sees
        return ERRORS[error](right(x), x, 3e-5 * np.random.default_rng(7).normal(size=shape))

    report = check_gradients(f, np.abs(rng.normal(size=shape)) + 0.2, grad=grad)
    assert all("not recognised" in said or "wrong in" in said for said in report.diagnosis), report.diagnosis


REPORT = Path(__file__).parents[2] / "reports" / "faults.md"  # of every fault; some are run anew
QUICK = (  # of their kinds those whose check is short
    "batch_norm_beta_averaged",
    "cell_untransposed",
    "conv_bias_of_one_pixel",
    "experts_unweighted",
    "heads_input_for_output",
    "last_step_alone",
    "lstm_carry_not_forgotten",
    "relu_itself",
    "weights_of_the_wrong_class",
)
ONE_OF_EACH = {FAULTS[name].kind: name for name in (*reversed(FAULTS), *QUICK)}.values()


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


def test_a_right_gradient_needs_no_diagnosis():
    """And costs nothing more."""
    network, *inputs = specimen(FAULTS["wrong_sign"])
    assert check_gradients(network, *inputs).diagnosis == ()


def report(**tensors):
    """Return a report on tensors (layers0_W is layers[0].W), each with a claim of what was measured as 1, 2, 3, ..."""
    made = {}
    for key, claim in tensors.items():
        c, e = np.asarray(claim, dtype=float), np.arange(1.0, 1 + len(claim))
        codes = np.where(c == e, Verdict.CORRECT, Verdict.WRONG).astype(np.int8)
        name = re.sub(r"layers(\d)_", r"layers[\1].", key)
        small = np.full(len(c), 1e-12)
        made[name] = TensorResult(name, "weight", c.shape, "float64", np.arange(len(c)), c, e, small, e, e, codes)
    return Report("Net", 0, made)


RIGHT, TWICE, ODD = [1, 2, 3, 4], [2, 4, 6, 8], [9, 5, 2, 7]
FACTOR, ZERO = Cause(Slip.FACTOR, "W", "twice"), Cause(Slip.ZERO, "b", "zero")
SINCE, UNKNOWN = Cause(Slip.SINCE, "", "since layers[1]"), Cause(Slip.NOT_RECOGNISED, "", NOT_RECOGNISED)


def causes(**tensors):
    return [(c.kind, c.tensor, c.said.partition(" is ")[0]) for c in diagnose(report(**tensors), Context())]


def test_what_is_true_of_all_is_said_once():
    """Of every tensor, or of those that are wrong; else each has its own cause."""
    assert causes(a=TWICE, c=TWICE) == [(Slip.FACTOR, "", "every tensor: every entry")]
    assert causes(a=TWICE, c=TWICE, d=RIGHT) == [(Slip.FACTOR, "", "a, c: every entry")]
    assert causes(a=TWICE, c=[0, 0, 0, 0]) == [
        (Slip.FACTOR, "a", "a: every entry"),
        (Slip.ZERO, "c", "c: claimed zero throughout although the function moves: not computed, or cut off in between"),
    ]


def test_where_nothing_is_recognised_its_extent_is_told():
    """What is wrong, and what is right."""
    (cause,) = diagnose(report(a=ODD, c=ODD, d=RIGHT), Context())
    assert cause == Cause(Slip.NOT_RECOGNISED, "", f"{NOT_RECOGNISED}; wrong in a, c, right in d")


def test_only_some_tensors_are_diagnosed_one_by_one():
    """The first three."""
    tensors = {name: [n * (k + 3) for n in RIGHT] for k, name in enumerate("acdef")}
    assert [tensor for _, tensor, _ in causes(**tensors)] == ["a", "c", "d"]


@pytest.mark.parametrize(("told", "asked"), [(True, [True] * 5), (False, [True] * 3 + [False] * 2)])
def test_the_rest_are_experimented_on_if_only_experiments_told_of_the_first(told, asked, monkeypatch):
    """What is known of the first three without one is sought without one in the others."""
    wrong = [suspect(2 * E, lab="lab") for _ in range(5)]
    seen = []

    def recognised(evidence):
        seen.append(evidence.context.lab == "lab")
        return FACTOR if seen[-1] or not told else None

    monkeypatch.setattr(conclusion, "recognised", recognised)
    assert conclusion._recognised(wrong) == [FACTOR] * 5
    assert seen[:3] + seen[-2:] == asked


@pytest.mark.parametrize(
    ("guilty", "known"),
    [((FACTOR,), True), ((UNKNOWN,), False), ((Cause(Slip.JOINED, "", "each is right"),), False), ((), False)],
)
def test_a_layer_settles_it_by_a_cause_that_is_known(guilty, known):
    """By its kind."""
    assert settled(guilty) is known


def test_layers_are_named_before_that_since_which_it_is_wrong():
    """And after what is known of the whole; that nothing is known of the whole is no news then."""
    assert joined((FACTOR, SINCE), (ZERO,), ["a"]) == (FACTOR, ZERO, SINCE)
    assert joined((UNKNOWN,), (ZERO,), ["a"]) == (ZERO,)
    assert joined((UNKNOWN,), (), ["a"]) == (UNKNOWN,)


def test_that_each_layer_is_right_is_news_unless_all_that_is_wrong_has_a_cause():
    """What is known of some tensors alone may be but a consequence."""
    between, place = Cause(Slip.JOINED, "", "each is right"), Cause(Slip.PLACE, "b", "in one entry")
    of_a, of_all = replace(FACTOR, tensor="a"), replace(FACTOR, tensor="")
    assert joined((of_a, SINCE), (between,), ["a", "b"]) == (of_a, between, SINCE)
    assert joined((of_a, place), (between,), ["a", "b"]) == (of_a, place, between)
    assert joined((of_a,), (between,), ["a"]) == (of_a,)
    assert joined((of_all,), (between,), ["a", "b"]) == (of_all,)


def test_the_layer_since_which_a_chain_is_wrong_is_named():
    """All gradients above it agree, and all below it do not."""
    (cause,) = since(report(layers0_W=ODD, layers1_W=ODD, layers2_W=RIGHT))
    assert cause.kind is Slip.SINCE
    assert cause.sentence.startswith("since layers[2]: every gradient from layers[2] up agrees, every one below does")


def test_the_layers_of_two_chains_are_not_one():
    """What is right in one is neither above nor below what is wrong in the other."""
    apart = {"up.layers0_W": ODD, "up.layers1_W": ODD, "down.layers2_W": RIGHT, "down.layers3_W": RIGHT}
    assert since(report(**apart)) == ()
    (cause,) = since(report(**apart, **{"up.layers2_W": RIGHT}))
    assert "down to up.layers[1]" in cause.sentence


@pytest.mark.parametrize(
    "tensors",
    [
        {"layers0_W": RIGHT, "layers1_W": ODD, "layers2_W": RIGHT},
        {"layers0_W": ODD, "layers1_W": RIGHT},
        {"layers0_W": ODD, "layers1_W": ODD},
        {"W": ODD, "b": RIGHT},
    ],
    ids=["one in the middle", "the lowest alone", "all", "no chain"],
)
def test_no_layer_is_named_where_the_pattern_is_another(tensors):
    """The lowest alone may be at fault itself."""
    assert since(report(**tensors)) == ()


def test_of_two_layers_the_lower_is_at_fault_if_the_input_is_wrong_as_well():
    """Then it is not its weight alone, but what comes to it from the upper one."""
    made = report(layers0_W=ODD, layers1_W=RIGHT, x=ODD)
    assert since(made) == ()
    tensors = {**made.tensors, "x": replace(made.tensors["x"], kind="input")}
    (cause,) = since(replace(made, tensors=tensors))
    assert cause.sentence.startswith("since layers[1]: every gradient from layers[1] up agrees")


def test_what_explains_it_as_well_is_marked_so():
    """Where all entries are alike a factor is one of many mistakes."""
    evidence = suspect(np.full(4, 2.0), np.ones(4), values={"W": np.full(4, 0.5)})
    first, *others = conclusion._one_by_one([evidence], [FACTOR])
    assert first == FACTOR
    assert not first.as_well
    assert others
    assert all(cause.as_well for cause in others)
    assert others[-1].sentence.startswith("or another mistake: where all entries are alike")
