"""Do the recipes of docs/frameworks.md do what the page says, with PyTorch, JAX and everybody else?"""

from __future__ import annotations

import ast
import re
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from pages import readme, structure

from gradcheck import InputError, Oracle, Verdict, check_gradients

PAGE = readme.ROOT / "docs" / "frameworks.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = list(readme.BLOCK.finditer(TEXT))
X, Y = np.linspace(-1, 1, 4), np.linspace(2, 3, 4)
HEAD = ["head.weight", "head.bias"]
WEIGHTS = ["bias", "kernel"]
ABOVE = [f"model/dense_1/{w}" for w in WEIGHTS]
MENDED = {  # the mistake in each example, and what is right
    "torch_function.py": ("dy.mean(0)", "dy.sum(0)"),
    "torch_module.py": ("(1 - y)", "(1 - y**2)"),
    "torch_order.py": ("x.detach()", "x"),
    "torch_forward.py": ("-dx *", "dx *"),
    "torch_detached.py": ("code.detach()", "code"),
    "torch_suite_changed.py": ("1e-6 * ctx", "2e-6 * ctx"),
    "JAX_PLATFORMS=cpu jax_rule.py": (
        "dy * scale / rms,",
        "dy * scale / rms - x * (dy * scale @ x) / rms**3 / x.size,",
    ),
    "autograd_rule.py": ("lambda dz: dz * x", "lambda dz: -dz * x"),
    "DEV=PYTHON tinygrad_function.py": ("dE * m * v", "dE * m * v * 2"),
    "KERAS_BACKEND=torch keras_torch.py": ("dy * x", "2 * dy * x"),
    "JAX_PLATFORMS=cpu KERAS_BACKEND=jax keras_jax.py": ("dy * x", "2 * dy * x"),
}


def packages(name):
    """Yield what an example imports, itself or by way of another."""
    for node in ast.walk(ast.parse((readme.EXAMPLES / name).read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for root in {name.partition(".")[0] for name in names}:
                yield from packages(f"{root}.py") if (readme.EXAMPLES / f"{root}.py").exists() else [root]


def skip_unless_installed(called):
    for package in packages(called.split(" ")[-1]):
        if find_spec(package) is None:
            pytest.skip(f"could not find {package}")


def names(text, verdict):
    """Return what stands beside a verdict: before it in the table of a report, after it in a list of two columns."""
    rows = [line.split() for line in text.splitlines() if verdict in line.split()]
    return {row[0] if row[-1] == verdict else row[1] for row in rows if row[-1] == verdict or len(row) == 2}


# ------------------------------------------------------------------------------------------- the page


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block[2]} {block[3]}")
def test_each_block_is_what_its_example_prints(block):
    """Run `make reports` if this fails."""
    if block[2] == "output":
        skip_unless_installed(block[3])
    assert structure(readme.written(block[0])) == structure(block[0])


def test_every_block_is_filled_by_something():
    """A word that nobody knows would be left as it is."""
    assert {block[2] for block in BLOCKS} <= set(readme.WORDS)
    assert TEXT.count("<!-- end -->") == len(BLOCKS)


def test_every_example_is_shown():
    """An example that is on no page is dead."""
    pages = (TEXT, *(page.read_text(encoding="utf-8") for page in readme.PAGES))
    shown = {word for page in pages for word in page.split()}
    assert {example.name for example in readme.EXAMPLES.glob("*.py")} <= shown


@pytest.mark.parametrize(
    ("example", "wrong", "right"),
    [
        ("torch_function.py", ["b"], ["x", "W"]),
        ("torch_module.py", ["encoder.0.weight", "encoder.0.bias", "encoder.1.weight", "encoder.1.bias", "x"], HEAD),
        ("jax_rule.py", ["x"], ["scale"]),
        ("tinygrad_function.py", ["v"], ["m"]),
        (
            "keras_torch.py",
            [f"_torch_params.model/dense/{w}" for w in WEIGHTS] + ["x"],
            [f"_torch_params.{w}" for w in ABOVE],
        ),
        ("keras_jax.py", [f"weights.model/dense/{w}" for w in WEIGHTS] + ["x"], [f"weights.{w}" for w in ABOVE]),
    ],
)
def test_a_wrong_derivative_is_found_by_name(example, wrong, right):
    """The page, which is held against what is printed, names the wrong tensors of each example, and no others."""
    shown = next(block[0] for block in BLOCKS if block[2] == "output" and example in block[3])
    assert names(shown, "WRONG") == set(wrong)
    assert names(shown, "CORRECT") == set(right)


@pytest.mark.parametrize("called", MENDED)
def test_each_example_passes_once_its_mistake_is_mended(called, tmp_path, monkeypatch):
    """It is the mistake that is found, and nothing else."""
    skip_unless_installed(called)
    mistake, right = MENDED[called]
    texts = {example.name: example.read_text(encoding="utf-8") for example in readme.EXAMPLES.glob("*.py")}
    assert mistake in texts[called.split(" ")[-1]] + texts["keras_model.py"]
    for name, text in texts.items():
        (tmp_path / name).write_text(text.replace(mistake, right), encoding="utf-8")
    monkeypatch.setattr(readme, "EXAMPLES", tmp_path)
    printed = readme.run(called, sys.executable)
    assert not re.search("WRONG|claimed", printed)
    assert ("CORRECT" in printed) or printed == {"autograd_rule.py": "", "torch_suite_changed.py": "True"}[called]


# ------------------------------------------------------------------------------------- HIPS autograd


def ratio(sign):
    """Return x / y with a rule of its own, the gradient of y times a sign."""
    extend = pytest.importorskip("autograd.extend")
    made = extend.primitive(lambda x, y: x / y)
    extend.defvjp(made, lambda _z, _x, y: lambda u: u / y, lambda _z, x, y: lambda u: -sign * u * x / y**2)
    return made


@pytest.mark.parametrize(("sign", "verdict"), [(-1, Verdict.WRONG), (1, Verdict.CORRECT)])
def test_rules_of_autograd_through_vjp_and_value_and_grad(sign, verdict):
    """Many outputs with the pullback that autograd makes of the rules, and one number with its gradient."""
    f = ratio(sign)
    from autograd import make_vjp, value_and_grad

    report = check_gradients(f, X, Y, vjp=lambda x, y, u: [make_vjp(f, k)(x, y)[0](u) for k in (0, 1)])
    assert [t.verdict for _, t in sorted(report.tensors.items())] == [Verdict.CORRECT, verdict]
    both = value_and_grad(lambda y: f(X, y) @ Y)
    assert check_gradients(both, Y, value_and_grad=True).verdict is verdict


# ------------------------------------------------------------------------------------------ tinygrad


@pytest.fixture
def tinygrad():
    """The module, which interprets, so that it needs no compiler."""
    module = pytest.importorskip("tinygrad")
    with module.helpers.Context(DEV="PYTHON"):
        yield module


def both_of(tinygrad, loss):
    """Return a loss of tinygrad and its gradient, as functions of one NumPy array."""

    def gradient(x):
        x = tinygrad.Tensor(x)
        return loss(x).gradient(x)[0].numpy()

    return lambda x: loss(tinygrad.Tensor(x)).numpy(), gradient


def test_a_term_of_tinygrad_that_is_detached_is_found(tinygrad):
    """Every entry of x moves the term whose gradient is lost."""
    value, gradient = both_of(tinygrad, lambda x: (x * x.exp().detach()).sum())
    report = check_gradients(value, X, grad=gradient)
    assert [(e.tensor, e.verdict) for e in report.wrong] == [("x", Verdict.WRONG)] * X.size


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_gradient_of_tinygrad_passes(tinygrad, dtype):
    """Through `grad=`, and as an Oracle."""
    value, gradient = both_of(tinygrad, lambda x: (x * x.exp()).sum())
    x = X.astype(dtype)
    assert check_gradients(value, x, grad=gradient).verdict is Verdict.CORRECT
    assert check_gradients(Oracle(point=x, value=value, gradient=gradient)).verdict is Verdict.CORRECT


def test_a_kink_of_tinygrad_is_not_judged(tinygrad):
    """At zero a ReLU has no derivative, and what tinygrad claims there lies between the slopes."""
    value, gradient = both_of(tinygrad, lambda x: x.relu().sum())
    report = check_gradients(value, np.array([-1.0, 0.0, 1.0]), grad=gradient)
    assert report.verdict is Verdict.KINK
    assert not report.wrong


def test_a_tensor_of_tinygrad_is_refused_with_what_to_hand_in(tinygrad):
    """It is no NumPy array."""
    x = tinygrad.Tensor([1.0, 2.0])
    with pytest.raises(InputError, match="as NumPy arrays"):
        check_gradients(lambda x: x.sum(), x, grad=lambda x: x.ones_like())
