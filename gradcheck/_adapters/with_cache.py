"""How is a way back called that takes what the way forward kept: forward(x) -> (y, cache), then backward(dy, cache)?"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from gradcheck._adapters.introspect import PLACES, parameters_of
from gradcheck._adapters.recognise import quoted
from gradcheck._results.errors import InputError

CACHE = re.compile("caches?|cached|ctx|saved|tape|intermediates?", re.IGNORECASE)
Pair = tuple[Callable[..., Any], Callable[..., Any]]


def without_cache(f: Callable[..., Any], back: Any) -> Pair | None:  # noqa: ANN401
    """Return the two ways without the cache, back(*args, cotangent); None of a way back that takes none by its name."""
    names = [p.name for p in parameters_of(back) if p.kind in PLACES and p.default is p.empty]
    own = {p.name for p in parameters_of(f)}
    at = [k for k, name in enumerate(names) if CACHE.fullmatch(name) and name not in own]
    if len(names) < 2 or at not in ([0], [len(names) - 1]):
        return None

    def split(*args: Any) -> tuple[tuple[Any, ...], Any]:  # noqa: ANN401
        result = f(*args)
        if not isinstance(result, tuple) or len(result) != len(names):
            got = f"{len(result)} things" if isinstance(result, tuple) else f"a {type(result).__name__}"
            msg = (
                f"{quoted(back)} takes {', '.join(names)}, and {quoted(f)} returned {got}; let it return "
                f"({'y, ' if len(names) == 2 else f'{len(names) - 1} outputs, '}{names[at[0]]})"
            )
            raise InputError(msg)
        return result[:-1], result[-1]

    def value(*args: Any) -> Any:  # noqa: ANN401
        outputs = split(*args)[0]
        return outputs if len(outputs) > 1 else outputs[0]

    def pullback(*given: Any) -> Any:  # noqa: ANN401
        *args, cotangent = given
        cotangents = cotangent if len(names) > 2 else (cotangent,)
        kept = split(*args)[1]
        return back(kept, *cotangents) if at == [0] else back(*cotangents, kept)

    functools.update_wrapper(value, f)
    value.user_function, pullback.user_function = f, back  # type: ignore[attr-defined]
    pullback.__name__ = pullback.__qualname__ = quoted(back)
    return value, pullback
