"""How many examples does a test of the strategies draw? The same every time: `make soak` looks for new ones."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from gradcheck import Verdict

FAILING = (Verdict.WRONG, Verdict.BROKEN)

same = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
few = settings(max_examples=10, **same)
some = settings(max_examples=60, **same)
