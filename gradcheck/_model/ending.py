"""Which exceptions end a check, wherever they are raised? Those that mean stop, not those that mean no value here."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

from gradcheck._model.patience import EndlessError

ENDING = (TimeoutError, MemoryError)
MEASURING = "gradcheck was measuring"  # what is noted of an interrupt
# What names of classes of other packages begin with that say the same, and of those of PyTorch and CuPy for a device.
NAMED = ("timeout", "timedout", "outofmemory", "accelerator", "cuda", "hiperror", "nccl", "cublas", "cudnn")
# What is said by a device, or of memory, in an exception whose class says nothing: PyTorch's, XLA's.
SAID = re.compile(
    r"\b(CUDA|HIP|XPU|MPS|ROCm|NCCL|cuDNN|cuBLAS|cuFFT|cuSPARSE)( driver| runtime| backend)? (error|out of memory)"
    r"|device-side assert|can't allocate memory|^(RESOURCE_EXHAUSTED|UNAVAILABLE|DEADLINE_EXCEEDED|DATA_LOSS):"
)


def ends(error: BaseException) -> bool:
    """Return whether an exception, or what it was raised from, says that time, memory or a device is gone."""
    return any(_says_stop(e) for e in _causes(error))


def said(error: BaseException) -> str:
    """Return what an exception says; nothing where it cannot say it."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001  the user's own, which may raise anything
        return ""


@contextmanager
def forgiven() -> Iterator[None]:
    """Let the user's code raise anything, except what ends a check."""
    try:
        yield
    except Exception as error:
        if ends(error):
            raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _says_stop(error: BaseException) -> bool:
    names = [kind.__name__.lower().replace("_", "") for kind in type(error).__mro__]
    told = isinstance(error, RuntimeError) and SAID.search(said(error)) is not None
    return isinstance(error, ENDING) or told or any(name.startswith(NAMED) for name in names) or _of_a_signal(error)


def _of_a_signal(error: BaseException) -> bool:
    """Return whether an exception was raised in a handler of a signal: by an alarm, whatever it is called."""
    if isinstance(error, EndlessError):
        return False
    codes, trace = set(), error.__traceback__
    while trace is not None:
        codes.add(trace.tb_frame.f_code)
        trace = trace.tb_next
    return not codes.isdisjoint(_handlers())


def _handlers() -> Iterator[CodeType]:
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        if isinstance(code, CodeType):
            yield code
