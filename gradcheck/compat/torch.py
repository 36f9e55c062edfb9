"""What if a test suite calls `torch.autograd.gradcheck`? The same names and arguments, answered by gradcheck.

They return True, or raise GradcheckError: its message names the entry, and `.report` has all of the rest. What the
function or its backward raises comes through as it is, as from PyTorch's own. Like these, they look at the
given point only, and at those outputs that require a gradient; `check_gradients` looks nearby as well, and at
outputs that hide theirs. UNDECIDED entries, and a point where the function jumps, pass with an UndecidedWarning.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import torch
from torch.autograd.gradcheck import GradcheckError

from gradcheck._adapters import choose
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.torch.models import name_of
from gradcheck._check import recipe
from gradcheck._judge.tolerance import Slack
from gradcheck._model.oracle import Oracle
from gradcheck._options import Options
from gradcheck._render.failure import failure_message
from gradcheck._results.errors import CallError
from gradcheck._results.report import Report
from gradcheck.compat import _acceptance, _torch_promises
from gradcheck.compat._torch_inputs import Function, Given, Tensor, densified, of_outputs, required, tensors_of, tupled

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,  # noqa: ANN401  a tensor, or a tuple of them and of anything else
    *,
    eps: float | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Check the gradients of a function by those inputs that require one, as `torch.autograd.gradcheck` does.

    - `eps`: accepted, without effect; the step comes from the measured noise
    - `atol`, `rtol`: an error of atol + rtol * |slope| passes, in addition to the measured uncertainty; default 0
    - `raise_exception`: False returns False instead of raising
    - `nondet_tol`: by how much the gradient may change from call to call, beyond rounding; if given, linearity is not
      tested
    - `check_undefined_grad`: whether gradients of outputs may be undefined
    - `check_grad_dtypes`: whether tangents have the dtype of their outputs
    - `check_batched_grad`, `check_batched_forward_grad`: whether vmap over backward, or over forward mode, agrees
    - `check_forward_ad`: whether forward mode is right too; with `check_backward_ad=False`, only forward mode
    - `fast_mode`: look along a few random directions through all inputs, and measure only entries that disagree
    - `masked`: of a sparse input only the specified entries count

    Inputs of other dtypes than float64 are measured in float64 where the function takes that. Inputs with a stride of 0
    are treated as ordinary tensors of their shape.

    Returns:
        True, or False if the gradient is wrong and `raise_exception` is False.

    Raises:
        GradcheckError: The gradient is wrong or broken; `.report` is the whole report.
        ValueError: There is nothing to check, or an output is sparse.
        AssertionError: Arguments contradict one another.
    """
    del eps
    _agree("check_forward_ad=True or check_backward_ad=True", check_forward_ad or check_backward_ad)
    _agree("check_batched_grad=True needs check_backward_ad=True", check_backward_ad or not check_batched_grad)
    _agree(
        "check_batched_forward_grad=True needs check_forward_ad=True",
        check_forward_ad or not check_batched_forward_grad,
    )
    promises = {
        _torch_promises.undefined_gradients: check_backward_ad and check_undefined_grad,
        _torch_promises.batched_gradients: check_batched_grad,
        _torch_promises.batched_tangents: check_batched_forward_grad,
        _torch_promises.tangent_dtypes: check_forward_ad and check_grad_dtypes,
    }
    return _judged(
        func,
        tupled(inputs),
        slack=Slack(atol or 0.0, rtol or 0.0),
        nondet=nondet_tol,
        modes=(check_backward_ad, check_forward_ad),
        promises=[promise for promise, wanted in promises.items() if wanted],
        masked=bool(masked),
        fast=fast_mode,
        raising=raise_exception,
    )


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,  # noqa: ANN401  a tensor, or a tuple of them and of anything else
    grad_outputs: Any = None,  # noqa: ANN401  a tensor for each output that requires a gradient
    *,
    eps: float | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Check the gradients of the gradient, with respect to the inputs and to the gradients of the outputs.

    - `grad_outputs`: the gradients of the outputs at which that is done, drawn at random by default
    - `gen_non_contig_grad_outputs`: whether those that are drawn reach the backward as views that are not contiguous
    - `check_rev_over_rev`, `check_fwd_over_rev`: by backward over backward, by forward mode over backward

    The other arguments, the result and the exceptions are those of `gradcheck`.
    """
    _agree("check_fwd_over_rev=True or check_rev_over_rev=True", check_fwd_over_rev or check_rev_over_rev)
    _agree("check_undefined_grad=True needs check_rev_over_rev=True", check_rev_over_rev or not check_undefined_grad)
    _agree("check_batched_grad=True needs check_rev_over_rev=True", check_rev_over_rev or not check_batched_grad)
    given = tupled(inputs)
    required(given)
    cotangents = _drawn(func, given) if grad_outputs is None else tupled(grad_outputs)
    return gradcheck(
        _gradient(func, given, cotangents, gaps=gen_non_contig_grad_outputs and grad_outputs is None),
        (*given, *cotangents),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


def _agree(rule: str, kept: bool) -> None:  # noqa: FBT001
    if not kept:
        msg = f"arguments that contradict one another: {rule}"
        raise AssertionError(msg)


def _judged(func: Function, given: Given, *, raising: bool, **how: Any) -> bool:  # noqa: ANN401
    """Return whether a function passes, or raise; warn of what could not be decided."""
    for report in _reports(func, given, **how):
        if _acceptance.fails(report):
            if raising:
                _refuse(report)
            return False
        _acceptance.warn(report)
    return True


def _refuse(report: Report) -> NoReturn:
    error = GradcheckError(failure_message(report))
    error.report = report
    raise error


def _reports(
    func: Function,
    given: Given,
    *,
    slack: Slack,
    nondet: float,
    modes: tuple[bool, bool],
    promises: list[_torch_promises.Promise],
    masked: bool,
    fast: bool,
) -> Iterator[Report]:
    """Yield a report on backward mode, one on forward mode if it is to be judged by itself, one on the rest."""
    required(given)
    if not masked:
        func, given = densified(func, given)
    taken = of_outputs(func, given)
    if taken is None:
        return
    backward, forward = modes
    if forward:
        _torch_promises.try_forward_mode(taken, given)
    alone = forward and (slack != Slack() or not backward)  # what is allowed is allowed in each mode
    try:
        if backward:
            yield _measured(_asked(taken, given, jvp=forward and not alone, fast=fast), slack, nondet, fast=fast)
        if alone:
            oracle = _acceptance.forward_mode_alone(_asked(taken, given, jvp=True, fast=fast))
            yield _measured(oracle, slack, nondet, fast=fast)
    except CallError as error:
        raise error.__cause__ or error from None
    problems = [problem for promise in promises for problem in promise(taken, given)]
    yield Report(name=name_of(func), seed=0, tensors={}, problems=tuple(problems))


def _asked(func: Function, given: Given, *, jvp: bool, fast: bool) -> Oracle:
    return choose.choose(func, given, Options(jvp=jvp or None, hasty=fast))


def _measured(oracle: Oracle, slack: Slack, nondet: float, *, fast: bool) -> Report:
    return recipe.examined(_acceptance.steady(oracle, nondet), _acceptance.options(slack, fast=fast))


def _drawn(func: Function, given: Given) -> Given:
    """Draw gradients of those outputs that require one."""
    with torch.random.fork_rng():
        outputs = [y for y in tensors_of(func(*given)) if y.requires_grad]
        torch.manual_seed(0)
        return tuple(
            torch.testing.make_tensor(y.shape, dtype=y.dtype, device=y.device, low=-1, high=1, requires_grad=True)
            for y in outputs
        )


def _gradient(func: Function, given: Given, cotangents: Given, *, gaps: bool) -> Function:
    """Return the gradient of a function, as a function of its inputs and of the gradients of its outputs."""
    own = tensors_of(given)

    def gradient(*args: Any) -> tuple[Tensor, ...]:  # noqa: ANN401
        inputs, us = args[: len(given)], args[len(given) :]
        wanted = [x.requires_grad_() for x, y in zip(tensors_of(inputs), own, strict=True) if y.requires_grad]
        outputs = [y for y in tensors_of(func(*inputs)) if y.requires_grad]
        us = tuple(_with_gaps(u) if gaps else u for u in us)
        found = torch.autograd.grad(outputs, wanted, us, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    names = [*argument_names(func, len(given)), *(f"grad_output{k}" for k in range(len(cotangents)))]
    positional = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    gradient.__signature__ = inspect.Signature(positional)  # type: ignore[attr-defined]
    gradient.__qualname__ = f"the gradient of {name_of(func)}"
    return gradient


def _with_gaps(u: Tensor) -> Tensor:
    return torch.stack([u, u], dim=-1)[..., 0]
