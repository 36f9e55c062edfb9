"""How is a failed check repeated? From a case, made when it fails and written if its test fails with it."""

from __future__ import annotations

import os
import shlex
from functools import cache
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import pytest

from gradcheck._cases.save import FOLDER, FailedCall
from gradcheck._plugin.destinations import probe
from gradcheck._results.errors import GradientError

LINES = 10  # the message has no more


class Pending(NamedTuple):
    """A case that is not yet written: a failure may be expected, or only a step on the way to a smaller one."""

    case: FailedCall
    folder: Path
    shown: str  # its path, as seen from where pytest was called


PENDING: WeakKeyDictionary[GradientError, Pending] = WeakKeyDictionary()


def promise(error: GradientError, case: FailedCall, config: pytest.Config) -> None:
    """Have a case written if its test fails with this error, and end the message with how to repeat it."""
    folder = config.rootpath / FOLDER
    if not _is_writable(folder):
        return
    shown = os.path.relpath(folder / case.file, config.invocation_params.dir)
    PENDING[error] = Pending(case, folder, Path(shown).as_posix())
    lines = str(error).splitlines()[: LINES - 1]
    error.args = ("\n".join([*lines, f"repeat   gradcheck replay {shlex.quote(shown)}"]),)


@cache
def _is_writable(folder: Path) -> bool:
    try:
        probe(folder)
    except OSError:
        return False
    return True
