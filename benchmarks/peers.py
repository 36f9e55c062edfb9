"""What does a peer say to a function and its claimed gradient, at its own default settings?

Each is imported when it is first asked; one that is not installed is left out, and named.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from benchmarks.questions import Array, Question

TEXTBOOK_STEP = 1e-6  # of the loop that every textbook has
FIDDY_STEPS = [1e-10, 1e-5]  # of the example in its documentation; a user chooses
SCIPY_RELATIVE = 1e-5  # scipy.optimize.check_grad returns a distance; what is too far is left to its user
ONE_BY_ONE = 25_000  # entries above which a checker that takes one after the other is not asked

PASSES, ACCUSES, FAILS, NOT_ASKED = "passes", "accuses", "fails", "not asked"


@dataclass(frozen=True)
class Peer:
    """A checker: its name, the package it comes with, and how it is asked."""

    name: str
    package: str
    ask: Callable[[Question], None]  # returns if satisfied; raises what the peer raises
    complaint: Callable[[], type[BaseException]]  # what it raises about a gradient, as opposed to a failure
    limit: int | None = None  # entries above which it would take too long

    @property
    def version(self) -> str:
        """The installed version, empty if there is none."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""

    def says(self, question: Question) -> str:
        """Return the peer's answer: "passes", "accuses", "fails" for an exception of another kind, "not asked"."""
        if self.limit and question.size > self.limit:
            return NOT_ASKED
        np.random.seed(0)  # noqa: NPY002  two of the peers draw their directions from it
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                self.ask(question)
            except self.complaint():
                return ACCUSES
            except Exception:  # noqa: BLE001  whatever a peer cannot cope with
                return FAILS
        return PASSES


def ask_textbook(question: Question) -> None:
    """Move each entry up and down by a fixed step, and compare; raises AssertionError if one is not close."""
    arrays = _copies(question.arrays)
    ones = np.ones(np.shape(question.value(arrays)))
    claims = question.pullback(arrays, ones)
    wrong = 0
    for array, claim in zip(arrays, claims, strict=True):
        for index in np.ndindex(array.shape):
            here = array[index]
            array[index] = here + TEXTBOOK_STEP
            above = question.value(arrays)
            array[index] = here - TEXTBOOK_STEP
            below = question.value(arrays)
            array[index] = here
            wrong += not close(float(np.sum(above - below)) / (2 * TEXTBOOK_STEP), float(claim[index]))
    if wrong:
        raise AssertionError(wrong)


def close(measured: float, claimed: float) -> bool:
    """Return whether a measured and a claimed slope agree, as textbooks have it."""
    return abs(measured - claimed) <= 1e-8 + 1e-6 * max(abs(measured), abs(claimed))


def ask_torch(question: Question, **options: Any) -> None:  # noqa: ANN401
    """Ask torch.autograd.gradcheck; raises GradcheckError."""
    import torch

    class Claimed(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:  # noqa: ANN401
            ctx.save_for_backward(*tensors)
            return torch.as_tensor(np.array(question.value(_numpy(tensors))))

        @staticmethod
        def backward(ctx: Any, cotangent: Any) -> Any:  # noqa: ANN401
            gradients = question.pullback(_numpy(ctx.saved_tensors), cotangent.numpy())
            return tuple(torch.as_tensor(np.array(g)) for g in gradients)

    tensors = tuple(torch.tensor(array, requires_grad=True) for array in question.arrays)
    torch.manual_seed(0)
    torch.autograd.gradcheck(Claimed.apply, tensors, **options)


def ask_jax(question: Question, *, double: bool) -> None:
    """Ask jax.test_util.check_grads, in reverse mode; raises AssertionError."""
    import jax
    from jax.test_util import check_grads

    question = question.cast(np.float64 if double else np.float32)
    dtype = question.arrays[0].dtype
    shapes = tuple(jax.ShapeDtypeStruct(array.shape, dtype) for array in question.arrays)
    output = jax.ShapeDtypeStruct(np.shape(question.value(_copies(question.arrays))), dtype)

    def value(*arrays: Any) -> Array:  # noqa: ANN401
        return np.asarray(question.value(_copies(arrays)), dtype)

    def pullback(cotangent: Any, *arrays: Any) -> tuple[Array, ...]:  # noqa: ANN401
        return tuple(np.asarray(g, dtype) for g in question.pullback(_copies(arrays), np.array(cotangent)))

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def claimed(*arrays: Any) -> Any:  # noqa: ANN401
        return jax.pure_callback(value, output, *arrays)

    claimed.defvjp(
        lambda *arrays: (claimed(*arrays), arrays),
        lambda arrays, cotangent: jax.pure_callback(pullback, shapes, cotangent, *arrays),
    )
    with jax_precision(double=double):
        check_grads(claimed, question.arrays, order=1, modes=("rev",))


@contextlib.contextmanager
def jax_precision(*, double: bool) -> Iterator[None]:
    """Let JAX compute in double precision, or in single, for a while."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", double)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def ask_autograd(question: Question) -> None:
    """Ask autograd.test_util.check_grads, in reverse mode; raises AssertionError."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    @primitive  # type: ignore[untyped-decorator]
    def claimed(*arrays: Array) -> Array:
        return question.value(_copies(arrays))

    def back(k: int) -> Callable[..., Callable[[Array], Array]]:
        return lambda _, *arrays: lambda dy: question.pullback(_copies(arrays), dy)[k]

    count = len(question.arrays)
    defvjp(claimed, *map(back, range(count)), argnums=range(count))
    check_grads(claimed, tuple(range(count)), modes=["rev"], order=1)(*question.arrays)


def ask_fdm(question: Question) -> None:
    """Ask fdm.check_sensitivity, whose step adapts to the function; raises AssertionError."""
    from fdm import check_sensitivity

    def back(dy: Array, _: Array, *arrays: Array) -> tuple[Array, ...]:
        return tuple(np.asarray(g) for g in question.pullback(_copies(arrays), dy))

    check_sensitivity(lambda *arrays: question.value(_copies(arrays)), back, tuple(_copies(question.arrays)))


def ask_fiddy(question: Question) -> None:
    """Ask fiddy about the sum of the outputs, with the steps and criteria of its own example; raises AssertionError.

    Raises ArithmeticError where its slopes do not agree with one another, of which it makes no derivative.
    """
    from fiddy import MethodId, get_derivative
    from fiddy.analysis import ApproximateCentral
    from fiddy.derivative_check import NumpyIsCloseDerivativeCheck
    from fiddy.success import Consistency

    apart, point = _flat(question)
    ones = np.ones(np.shape(question.value(apart(point))))
    claim = np.concatenate([np.ravel(g).astype(np.float64) for g in question.pullback(apart(point), ones)])
    derivative = get_derivative(
        function=lambda x: np.sum(question.value(apart(x)), keepdims=True).ravel(),
        point=point,
        sizes=FIDDY_STEPS,
        method_ids=[MethodId.FORWARD, MethodId.BACKWARD],
        direction_ids=[str(k) for k in range(point.size)],
        analysis_classes=[ApproximateCentral],
        success_checker=Consistency(rtol=1e-2, atol=1e-15),
    )
    if not all(one.success for one in derivative.directional_derivatives):
        msg = "its slopes do not agree with one another"
        raise ArithmeticError(msg)
    if not NumpyIsCloseDerivativeCheck(derivative, claim[np.newaxis], point)(rtol=1e-2).success:
        raise AssertionError(claim)


def _flat(question: Question) -> tuple[Callable[[Array], list[Array]], Array]:
    """Return the arrays of a question as one vector, and what takes such a vector apart."""
    shapes = [array.shape for array in question.arrays]
    ends = np.cumsum([array.size for array in question.arrays])[:-1]

    def apart(x: Array) -> list[Array]:
        pieces = np.split(x.copy(), ends)
        return [p.reshape(s).astype(a.dtype) for p, s, a in zip(pieces, shapes, question.arrays, strict=True)]

    return apart, np.concatenate([array.ravel().astype(np.float64) for array in question.arrays])


def ask_openmdao(question: Question) -> None:
    """Ask check_partials about a component with these arrays as inputs, as its own tests do; raises AssertionError.

    The tolerances are those of assert_check_partials. Each row of the claim is the pullback of one unit vector.
    """
    import openmdao.api as om
    from openmdao.utils.assert_utils import assert_check_partials

    rows = int(np.size(question.value(_copies(question.arrays))))
    names = [f"a{k}" for k in range(len(question.arrays))]

    class Claimed(om.ExplicitComponent):  # type: ignore[misc]
        def setup(self) -> None:
            for name, array in zip(names, question.arrays, strict=True):
                self.add_input(name, val=np.array(array, dtype=np.float64))
            self.add_output("y", shape=rows)
            self.declare_partials("y", "*")

        def compute(self, inputs: Any, outputs: Any) -> None:  # noqa: ANN401
            outputs["y"] = np.ravel(question.value(self._arrays(inputs)))

        def compute_partials(self, inputs: Any, partials: Any) -> None:  # noqa: ANN401
            for row, cotangent in enumerate(np.eye(rows)):
                shaped = cotangent if rows > 1 else np.ones(np.shape(question.value(self._arrays(inputs))))
                for name, claim in zip(names, question.pullback(self._arrays(inputs), shaped), strict=True):
                    partials["y", name][row] = np.ravel(claim)

        def _arrays(self, inputs: Any) -> list[Array]:  # noqa: ANN401
            pairs = zip(names, question.arrays, strict=True)
            return [np.array(inputs[name]).reshape(array.shape).astype(array.dtype) for name, array in pairs]

    problem = om.Problem(reports=False)
    problem.model.add_subsystem("c", Claimed())
    problem.setup()
    problem.run_model()
    found = problem.check_partials(out_stream=None)
    try:
        assert_check_partials(found)
    except ValueError as complaint:  # other ones are failures
        raise AssertionError(complaint) from None


def ask_scipy(question: Question) -> None:
    """Ask scipy.optimize.check_grad about one number; raises AssertionError by the rule of thumb in the header."""
    from scipy.optimize import check_grad

    apart, x = _flat(question)

    def value(x: Array) -> float:
        return float(np.reshape(question.value(apart(x)), ()))

    def gradient(x: Array) -> Array:
        pieces = question.pullback(apart(x), np.ones(()))
        return np.concatenate([np.ravel(g).astype(np.float64) for g in pieces])

    distance = check_grad(value, gradient, x)
    if not distance <= SCIPY_RELATIVE * np.linalg.norm(gradient(x)):
        raise AssertionError(distance)


def _numpy(tensors: Sequence[Any]) -> list[Array]:
    return [tensor.detach().numpy().copy() for tensor in tensors]


def _copies(arrays: Sequence[Any]) -> list[Array]:
    return [np.array(array) for array in arrays]


def _torch_error() -> type[BaseException]:
    from torch.autograd.gradcheck import GradcheckError

    error: type[BaseException] = GradcheckError
    return error


PEERS = (
    Peer("textbook loop", "numpy", ask_textbook, lambda: AssertionError, limit=ONE_BY_ONE),
    Peer("torch slow", "torch", ask_torch, _torch_error, limit=ONE_BY_ONE),
    Peer("torch fast", "torch", lambda q: ask_torch(q, fast_mode=True), _torch_error),
    Peer("JAX float64", "jax", lambda q: ask_jax(q, double=True), lambda: AssertionError),
    Peer("JAX float32", "jax", lambda q: ask_jax(q, double=False), lambda: AssertionError),
    Peer("autograd", "autograd", ask_autograd, lambda: AssertionError),
    Peer("SciPy", "scipy", ask_scipy, lambda: AssertionError, limit=ONE_BY_ONE),
    Peer("fdm", "fdm", ask_fdm, lambda: AssertionError),
    Peer("fiddy", "fiddy", ask_fiddy, lambda: AssertionError, limit=ONE_BY_ONE),
    Peer("OpenMDAO", "openmdao", ask_openmdao, lambda: AssertionError, limit=ONE_BY_ONE),
)
