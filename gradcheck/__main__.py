"""Is `python -m gradcheck` the same as `gradcheck`? It is."""

from __future__ import annotations

import sys

from gradcheck._cli.main import main

sys.exit(main())
