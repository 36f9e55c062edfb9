"""How do tests see the package with one thing changed? A plugin of pytest, loaded before the package is."""

from __future__ import annotations

import json
import os
from functools import partial

from benchmarks.ablation import sources, worker

EDIT = "ABLATION_EDIT"  # the environment variable that tells what is changed

if EDIT in os.environ:
    _edit = json.loads(os.environ[EDIT])
    sources.install({_edit["module"]: partial(worker.changed, _edit)})
