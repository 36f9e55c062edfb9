"""What is a case? A network, its input and its loss, described in one line from which all three are built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np

from gradcheck import networks
from gradcheck.strategies import losses
from gradcheck.strategies.kinds import Form, Site, Step, after, built, every, kind_of

Model: TypeAlias = Any  # a layer, or a loss on top of one
FELT = 1e-9  # a gradient below this may be rounding
FAMILIES = ("attention", "recurrent", "convolutional", "tied", "residual")  # else it is dense


@dataclass(frozen=True, repr=False)
class Case:
    """A random network with its inputs, described in one line of code; equal cases build equal arrays, bit for bit.

    It prints as that line, and unpacks into what `check_gradients` takes:

    >>> from gradcheck import check_gradients
    >>> from gradcheck.strategies import Case
    >>> case = Case(takes=("row", 3), layers=(("dense", 2), ("tanh",)), loss="cross-entropy", batch=4)
    >>> check_gradients(*case).verdict
    <Verdict.CORRECT: 1>
    """

    takes: Form = ("row", 1)  # what one example is, and its sizes
    layers: tuple[Step, ...] = ()  # each a kind and its numbers
    loss: str | None = None  # its name, such as "cross-entropy"
    decay: float = 0.0  # decay/2 times the squares of all weights are added to the loss
    batch: int = 1  # examples
    dtype: str = "float64"  # of parameters and inputs
    seed: int = 0  # of weights, inputs and labels
    fault: tuple[str, int] | None = None  # a mistake of networks.FAULTS, and in which layer of its kind

    def build(self) -> tuple[Model, tuple[Any, ...], Any]:
        """Return the network, its inputs, and the loss or None; without the fault."""
        rng = np.random.default_rng(self.seed)
        site = Site(self.takes, self.batch, rng, self.dtype)
        layers = built(site, self.layers)
        network = layers[0] if len(layers) == 1 else networks.Chain(tuple(layers))
        xs = site.inputs() if self.takes[0] != "several" else kind_of(self.layers[0]).inputs(site, *self.layers[0][1:])
        end = after(self.takes, self.layers)
        loss = None if self.loss is None else losses.LOSSES[self.loss].build(replace(site, form=end))
        return stirred(network, rng), xs, loss

    def __iter__(self) -> Iterator[Any]:
        """Yield the model, the loss on top and the fault in it, and its inputs: `check_gradients(*case)`."""
        network, xs, loss = self.build()
        model: Model = network if loss is None else networks.Cost(network, loss, self.decay) if self.layers else loss
        if self.fault is not None:
            name, index = self.fault
            model = networks.FAULTS[name].apply(model, index)
        yield model
        yield from xs

    def refuse_unknown(self) -> None:
        """Raise ValueError for an unknown layer, loss or fault."""
        after(self.takes, self.layers)
        if self.loss is not None and self.loss not in losses.LOSSES:
            msg = f"no loss is called {self.loss!r}; there are {', '.join(losses.LOSSES)}"
            raise ValueError(msg)
        if self.fault is not None and self.fault[0] not in networks.FAULTS:
            msg = f"no fault is called {self.fault[0]!r}; there are {', '.join(networks.FAULTS)}"
            raise ValueError(msg)

    @property
    def family(self) -> str:
        """What sort of network it is: the first that fits of attention, recurrent, ..., or dense."""
        groups = {kind_of(step).group for step in every(self.layers)}
        return next((family for family in FAMILIES if family in groups), "dense")

    @property
    def depth(self) -> int:
        """How many layers there are, those within others counted too, the loss not."""
        return len(list(every(self.layers)))

    def __repr__(self) -> str:
        """Write one line of code; what stands at its default is left out."""
        said = ((f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default)
        return f"Case({', '.join(f'{name}={value!r}' for name, value in said)})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: ANN401, FBT001  as IPython and Hypothesis call it
        printer.text(repr(self))

    def told(self) -> dict[str, Any]:
        """Return the case as JSON data, for `Case.read`."""
        return asdict(self)

    @classmethod
    def read(cls, told: dict[str, Any]) -> Case:
        """Return the case from the data of `told`, before or after it went through JSON.

        Raises:
            ValueError: it tells of no case, or of layers that there are not.
        """
        try:
            case = cls(**{name: _tuples(value) for name, value in told.items()})
            case.refuse_unknown()
        except (TypeError, AttributeError, KeyError, IndexError, ValueError) as error:
            msg = f"no case can be built from this: {type(error).__name__}: {error}"
            raise ValueError(msg) from error
        return case


def stirred(layer: Model, rng: np.random.Generator) -> Model:
    """Return the layer with every parameter moved a little, so that no bias is zero and no γ is one."""
    moves = {p: 0.3 * rng.standard_normal(a.shape) for p, a in networks.parameters(layer).items()}
    return networks.rebuild(layer, {p: (a + moves[p]).astype(a.dtype) for p, a in networks.parameters(layer).items()})


def gradient(case: Case) -> dict[str, np.ndarray]:
    """Return the gradients of inputs and parameters that a case claims, of its cost or along random outputs."""
    model, *xs = case
    *outputs, backward = model.forward(*xs)
    rng = np.random.default_rng(case.seed)
    *dxs, grad = backward(*(rng.standard_normal(np.shape(y)).astype(y.dtype) for y in outputs))
    inputs = {f"inputs[{i}]": dx for i, dx in enumerate(dxs) if dx is not None}
    return {**inputs, **networks.parameters(grad)}


def alive(case: Case, seeds: int = 20) -> Case:
    """Return the case, or the same with the first of the next seeds at which the cost depends on anything.

    With a ReLU or a hinge loss at zero, nothing would be tested. Where the ReLU is zero for all
    inputs, as after a log-softmax, it is left out.
    """
    later = [replace(case, seed=case.seed + k) for k in range(seeds)]
    loud = tuple(step for step in case.layers if step[0] != "relu")
    without = [replace(case, layers=loud)] if loud else []
    return next((one for one in (*later, *without) if _is_felt(one)), case)


def _is_felt(case: Case) -> bool:
    try:
        return any(np.max(np.abs(g), initial=0) > FELT for g in gradient(case).values())
    except Exception:  # noqa: BLE001  whoever checks it shall see it
        return True


def _tuples(value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
