"""How does a user fuzz his own constructor? With any strategies, to the smallest example that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from gradcheck import GradientError, InputError, Verdict, assert_gradients
from gradcheck._fuzz.shrink import Finding, smallest

UNTESTED = "untested"


def fuzz_gradients(
    build: Callable[..., Any],
    *,
    examples: int = 100,
    seed: int = 0,
    keywords: Mapping[str, Any] = MappingProxyType({}),
    **strategies: Any,  # noqa: ANN401
) -> None:
    """Check the gradients of random models, and raise the smallest example that is wrong.

    `build` is called `examples` times, each time with one value drawn from each of the strategies, by its name. It
    returns what `check_gradients` takes: `(model, *inputs)`, with a dict of keywords at the end if wanted. A value that
    is not a strategy is passed as it is. `keywords` are those of every check; `seed` draws the examples.

    >>> from gradcheck import fuzz_gradients
    >>> from gradcheck.networks import Tanh, mlp
    >>> from gradcheck.strategies import arrays
    >>> from hypothesis import strategies as st
    >>> def build(x, widths):
    ...     return mlp((3, *widths), Tanh(), np.random.default_rng(0)), x
    >>> fuzz_gradients(build, x=arrays((4, 3)), widths=st.lists(st.integers(1, 4), min_size=1), examples=5)

    Raises:
        GradientError: An example is wrong: the smallest that was found, and the message of `assert_gradients`; or no
            example moves the function, so that nothing was tested. What `build` raises comes through as it is.
        InputError: A strategy is called `examples` or `seed`.
    """
    __tracebackhide__ = True
    own: tuple[object, ...] = (examples, seed)
    if not all(isinstance(number, int) for number in own):
        msg = "examples= and seed= are whole numbers, of the search itself; call what you draw something else"
        raise InputError(msg)
    drawn = st.fixed_dictionaries({name: _strategy(value) for name, value in strategies.items()})

    def judge(values: dict[str, Any]) -> Finding[dict[str, Any]]:
        found = build(**values)
        model, *args = found if isinstance(found, tuple) else (found,)
        own = args.pop() if args and isinstance(args[-1], dict) else {}
        try:
            report = assert_gradients(model, *args, **{**keywords, **own})
        except GradientError as error:
            idle = error.report is not None and error.report.verdict is Verdict.UNTESTED
            return Finding(values, "" if idle else type(error).__name__, str(error), UNTESTED * idle, error=error)
        return Finding(values, report=report)

    notes: list[str] = []
    failure = smallest(drawn, judge, examples=examples, seed=seed, seen=lambda finding: notes.append(finding.note))
    if failure is not None and isinstance(failure.error, GradientError):
        call = ", ".join(f"{name}={' '.join(repr(value).split())}" for name, value in failure.example.items())
        name = getattr(build, "__name__", type(build).__name__)
        msg = f"{failure.sentence}\nsmallest {name}({call})"
        raise type(failure.error)(msg, failure.error.report)
    if notes and all(notes):
        msg = f"none of {len(notes)} examples moves the function: nothing was tested; draw others"
        raise GradientError(msg)


def _strategy(value: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401
    return value if isinstance(value, st.SearchStrategy) else st.just(value)
