"""A function at a point, ready to be gone back through."""

from __future__ import annotations

import numpy as np

from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.choice import chosen, named
from gradcheck._adapters.torch.state import Constants, sources
from gradcheck._adapters.torch.trial import Occasion
from gradcheck._model.rng import Pins


def place(f, *args):
    """Return a function where it is called, its cotangent all ones, and the list of how many gradients it is asked."""
    asked = []
    arguments = {f"x{k}": arg for k, arg in enumerate(args)}
    moved, _ = chosen([*named(f, arguments, None)], arguments, None)
    call = TorchCall(f, (args, {}), moved, loss=None, modules=[], constants=Constants([]), others=[])
    point = {path: np.array(array) for one in moved for path, array in one.arrays().items()}
    size = f(*args).numel()
    return Occasion.of(call, point, np.ones(size), Pins(sources=sources([], [])), asked.append), asked
