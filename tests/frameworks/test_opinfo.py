"""Is each sample of PyTorch's operators asked as PyTorch's own tests ask it, and every disagreement shown?"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # without which PyTorch's database cannot be imported

from benchmarks import opinfo, samples  # noqa: E402
from benchmarks.operators import TRUTHS  # noqa: E402
from gradcheck.compat.torch import gradcheck, gradgradcheck  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # PyTorch's samples warn of PyTorch's functions


@pytest.fixture(scope="module")
def operators():
    from torch.testing._internal.common_methods_invocations import op_db

    return {op.name + f".{op.variant_test_name}" * bool(op.variant_test_name): op for op in op_db}


def cases_of(operator):
    return [
        samples.case_of(operator, k, sample)
        for k, sample in enumerate(operator.sample_inputs("cpu", torch.float64, requires_grad=True))
    ]


def asked(case, **said):
    """Return a row with made-up answers, "passes" where none is given."""
    answers = {who: opinfo.Answer(said.get(who.replace(".", "_"), opinfo.PASSES), "why") for who in opinfo.CHECKERS}
    return opinfo.OperatorRow(case, answers)


def test_a_wrong_operator_is_found_by_all(operators):
    """Its own backward scaled: who passes that, passes everything."""

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, y):
            return y.clone()

        @staticmethod
        def backward(ctx, g):
            return 1.5 * g

    case = cases_of(operators["addmm"])[0]
    wrong = replace(case, function=lambda *given: Scaled.apply(case.function(*given)))
    assert {answer.says for answer in opinfo.ask(wrong).answers.values()} == {opinfo.ACCUSES}
    assert {answer.says for answer in opinfo.ask(case).answers.values()} == {opinfo.PASSES}


@pytest.mark.parametrize("name", ["addmm", "cat", "clamp", "lerp", "nn.functional.layer_norm"])
def test_tensors_come_to_their_places(operators, name):
    """Other tensors in the places of those that require a gradient, in lists and keywords as well."""
    found = list(operators[name].sample_inputs("cpu", torch.float64, requires_grad=True))
    for sample, case in zip(found, cases_of(operators[name]), strict=True):
        expected = operators[name].op(sample.input, *sample.args, **sample.kwargs)
        torch.testing.assert_close(case.function(*sample_tensors(sample)), expected, equal_nan=True)
        assert len(case.tensors) == len(sample_tensors(sample))


def sample_tensors(sample):
    from torch.utils._pytree import tree_leaves

    leaves = tree_leaves([sample.input, sample.args, sample.kwargs])
    return [t for t in leaves if isinstance(t, torch.Tensor) and t.requires_grad]


def test_cases_are_bounded():
    """Few of each operator, none of them large or empty, and the same each time."""
    first, again = (list(islice(samples.cases(), 12)) for _ in range(2))
    assert all(0 < case.entries <= samples.LARGEST for case in first)
    assert max([c.operator for c in first].count(name) for name in {c.operator for c in first}) <= samples.MOST
    assert [(c.operator, c.sample, c.what) for c in first] == [(c.operator, c.sample, c.what) for c in again]
    assert all(
        torch.equal(s, t) for a, b in zip(first, again, strict=True) for s, t in zip(a.tensors, b.tensors, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "marked"), [("cov", True), ("normal", True), ("native_group_norm", True), ("sin", False), ("polar", False)]
)
def test_what_pytorch_marks(operators, name, marked):
    """Skipped in its own tests, or expected to fail there."""
    assert samples.is_marked(operators[name]) is marked


def test_disagreements_are_shown_with_what_is_true(operators):
    """One line for each operator; what nobody worked out is called so."""
    case = cases_of(operators["sin"])[0]
    rows = [
        asked(replace(case, operator="polar"), gradcheck=opinfo.ACCUSES),
        asked(replace(case, operator="sin"), torch=opinfo.ACCUSES),
        asked(replace(case, operator="cos")),
        asked(replace(case, operator="exp"), gradcheck_compat=opinfo.UNKNOWN),
        asked(replace(case, operator="normal", marked=True), torch=opinfo.ACCUSES, gradcheck=opinfo.ACCUSES),
        asked(replace(case, operator="tan", marked=True)),
    ]
    shown = [line.split(" | ") for line in opinfo.page(rows).splitlines() if line.startswith("| `")]
    lines = {cells[0].strip("| `"): " ".join(cells) for cells in shown if len(cells) == 8}
    assert [*lines] == ["polar", "sin", "exp", "normal"]
    assert TRUTHS["polar"][1] in lines["polar"]
    assert "not worked out" in lines["sin"]
    assert opinfo.UNKNOWN in lines["exp"]


def test_every_truth_is_of_an_operator(operators):
    """None is left over from an operator that is gone."""
    assert set(TRUTHS) <= set(operators)


@pytest.mark.parametrize("name", ["abs", "linalg.det", "sort", "nn.functional.conv2d", "fft.fft", "index_add"])
def test_no_right_operator_is_accused(operators, name):
    """A few of different kinds, through both of ours."""
    small = [case for case in cases_of(operators[name]) if 0 < case.entries <= samples.LARGEST][:2]
    assert small
    for case in small:
        assert {opinfo._timed(f, case).says for f in (opinfo._ours, opinfo._door)} == {opinfo.PASSES}, case.what


FUNCTIONS = [
    *("NumpyCube", "NumpyExpMarkDirty", "NumpyMul", "NumpyCubeNotComposable", "NumpyTake", "Select"),
    *("CubeGenVmap", "MulGenVmap", "ScaleGradGenVmap", "ZeroGradientsGenVmap", "ForwardHasDefaultArgs"),
]
CUSTOM = ["NumpyCube", "NumpyMul", "NumpyMulScalar", "NumpySort", "NumpyTake", "NumpyViewCopy", "NumpySplitCopy"]


@pytest.fixture(scope="module")
def functions():
    from torch.testing._internal.autograd_function_db import autograd_function_db
    from torch.testing._internal.custom_op_db import custom_op_db

    return {op.name: op for op in (*autograd_function_db, *custom_op_db)}


@pytest.mark.parametrize("name", [f"{n}AutogradFunction" for n in FUNCTIONS] + [f"{n}CustomOp" for n in CUSTOM])
def test_functions_of_pytorchs_tests(functions, name):
    """Some are wrong on purpose: both say the same, of the first and of the second derivative."""
    case = cases_of(functions[name])[0]
    for ours, theirs in ((gradcheck, torch.autograd.gradcheck), (gradgradcheck, torch.autograd.gradgradcheck)):
        expected = theirs(case.function, case.tensors, raise_exception=False)
        assert ours(case.function, case.tensors, raise_exception=False) is expected
