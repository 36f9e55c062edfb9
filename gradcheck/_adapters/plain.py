"""What do NumPy's users hand in? Functions with their gradients, objects with params, reference layers."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import in_their_places
from gradcheck._adapters.claims import ways
from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.engines import of_engine
from gradcheck._adapters.function import function
from gradcheck._adapters.layer_places import is_stateful
from gradcheck._adapters.leading import call_of
from gradcheck._adapters.network_ways import LABELS, of_loss_layer, of_network, takes_labels
from gradcheck._adapters.recognise import is_layer, is_network, own_engine, quoted
from gradcheck._adapters.signatures import takes
from gradcheck._adapters.stateful_layer import stateful_layer
from gradcheck._adapters.unread import with_unread
from gradcheck._adapters.ways import AHEAD, BACK, methods, of_layer_with_cache
from gradcheck._adapters.with_cache import without_cache
from gradcheck._model.contents import attributes, written_in_python
from gradcheck._model.oracle import Oracle
from gradcheck._options import Options
from gradcheck._results.errors import InputError

SECOND = (
    "; give the Hessian, which is compared with differences of the gradient: write check_gradients({}, x, grad=g, "
    "hess=H), or hessp=Hp with Hp(x, p) = H(x) @ p"
)


def oracle(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """Return the oracle of a reference layer, an object with params, or a function with its gradient.

    Raises InputError if the model is none of these.
    """
    given = ways(options)
    if len(given) > 1:
        msg = f"{' and '.join(f'{w}=' for w in given)} mean the same; give one of them"
        raise InputError(msg)
    if isinstance(model, type) and (not given or _brings_gradient(model)):
        raise InputError(_of_class(model))
    if given and _brings_gradient(model):
        msg = f"{quoted(model)} brings its own gradient, which is what is checked; leave out {given[0]}="
        raise InputError(msg)
    _check_framework(model, options)
    if is_layer(model):
        from gradcheck._adapters.layer import layer

        return layer(model, in_their_places(model.forward, args, options.inputs), options)
    if options.loss is not None and is_stateful(model):
        msg = (
            f"loss= goes on top of a reference layer; {quoted(model)} keeps its gradients in itself, so hand in an "
            "object that has both, whose forward(x) returns the loss, and whose backward() goes back through the two"
        )
        raise InputError(msg)
    if options.loss is not None:
        msg = f"loss= goes on top of a layer or network; {quoted(model)} is not one, so put the loss into the function"
        raise InputError(msg)
    if is_network(model) or (is_stateful(model) and not given):
        return _with_parameters(model, args, options)
    if not (given and callable(model)):
        return _alone(model, args, options, given)
    return _with_claim(model, args, options, given[0])


def _alone(model: Any, args: tuple[Any, ...], options: Options, given: list[str]) -> Oracle:  # noqa: ANN401
    """Return the oracle of what brings its gradients in a way of its own; raises InputError for anything else."""
    if not given and own_engine(model, args) and callable(model):
        return of_engine(model, in_their_places(model, args, options.inputs), options)
    ours = not given and written_in_python(type(model))
    found = (_with_cache(model, args, options) or _network(model, args, options)) if ours else None
    if found is None:
        raise InputError(("" if given else own_engine(model, args)) or _unknown(model))
    return found


def _with_claim(model: Any, args: tuple[Any, ...], options: Options, way: str) -> Oracle:  # noqa: ANN401
    """Return the oracle of a function that comes with its gradient, of its arguments or of what its object holds."""
    from gradcheck._adapters.methods import of_methods

    args = in_their_places(model, args, options.inputs)
    apart = without_cache(model, options.vjp) if way == "vjp" else None
    if apart is not None:
        return function(apart[0], args, way, replace(options, vjp=apart[1]))
    found = of_methods(model, args, way, options)
    if found is not None:
        return found
    if not args:
        msg = f"{quoted(model)} was given no arguments; write check_gradients({quoted(model)}, x, {way}=...)"
        raise InputError(msg)
    return with_unread(function(model, args, way, options), model, getattr(options, way), options)


def _of_class(model: type) -> str:
    """Say what to give in the place of a class."""
    name = quoted(model)
    if all(isinstance(inspect.getattr_static(model, way, None), staticmethod) for way in ("forward", "backward")):
        return (
            f"{name} is a class whose forward and backward are called without an instance; write check_gradients("
            f"lambda *x: {name}.forward(ctx, *x), x, vjp=lambda dy: {name}.backward(ctx, dy)) with a ctx of your own"
        )
    return f"{name} is a class; give an instance of it, such as {name}(...)"


def _unknown(model: Any) -> str:  # noqa: ANN401
    """Say what to give in the place of a thing of which no gradient is known."""
    if written_in_python(type(model)) and (said := _of_ways(model)):
        return said
    if callable(model):
        return (
            f"{quoted(model)} has no claimed gradient; write grad=df for the gradient of one number, "
            "vjp=pullback or jac=J for several outputs, or value_and_grad=True if it returns (value, gradient)"
        )
    names = [name for name, value in (attributes(model) or {}).items() if type(value) is np.ndarray and is_float(value)]
    if callable(getattr(model, "loss", None)) and names:
        held, name = ", ".join(names), type(model).__name__.lower()
        return (
            f"{quoted(model)} has a loss and no dict `params`; write a function that puts its arrays into it, "
            f"def f({held}): {'; '.join(f'{name}.{each} = {each}' for each in names)}; return {name}.loss(...), and "
            f"check_gradients(f, {', '.join(f'{name}.{each}' for each in names)}, value_and_grad=True), or grad="
        )
    return (
        f"{quoted(model)} is of an unknown type ({type(model).__name__}); give a function with grad=, vjp= or "
        "value_and_grad=True, an object with a dict `params` and loss(...) -> (loss, grads), a layer with "
        "forward(x) and backward(dy), a reference layer, or Oracle(point=..., value=..., gradient=...)"
    )


def _of_ways(model: Any) -> str:  # noqa: ANN401
    """Say how a layer is handed in whose ways have other names, or whose way back takes more than a cotangent."""
    ahead, back = (next((f.__name__ for f in methods(model, called)), None) for called in (AHEAD, BACK))
    if ahead is None or back is None:
        return ""
    name = quoted(model)
    if takes(getattr(model, back), 1) is False:
        taken = inspect.signature(getattr(model, back))
        if len(taken.parameters) > 1 and any(map(LABELS.fullmatch, taken.parameters)):
            given = ", ".join(taken.parameters)
            return (
                f"{name}.{back}{taken} goes back from a loss, and {name} has no method loss({given}) that can be "
                f"called; write one that returns the number whose gradients {back} returns, and updates no parameter"
            )
        return (
            f"{name}.{back}{taken} cannot be called with the cotangent alone; write a backward(dy) "
            "that leaves the gradient of each parameter beside it, self.dW beside self.W, and updates none"
        )
    return (
        f"{name} has no forward and backward; write layer.forward, layer.backward = layer.{ahead}, layer.{back} and "
        "check_gradients(layer, x), layer being yours: backward takes the cotangent, and leaves the gradient of each "
        "parameter beside it, self.dW beside self.W"
    )


def _with_parameters(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """Return the oracle of an object that has parameters: a network with a loss, or a layer that goes back."""
    if is_network(model):
        from gradcheck._adapters.params_object import brings_all, params_object

        args = in_their_places(model.loss, args, options.inputs)
        found = None if brings_all(model, args) else _network(model, args, options)
        return found or params_object(model, args)
    labels = takes_labels(model)
    alone = takes(model.backward, 1) is False  # from a loss, which may be another method
    if labels or alone or takes(model.forward, len(args) + len(options.inputs)) is False:
        found = _network(model, args, options)
        if found:
            return found
    if labels:
        name = quoted(model)
        msg = (
            f"{name}.backward takes {labels}, and there is no loss to which it belongs; write a method loss({labels}) "
            f"and check_gradients({name.lower()}, x, {labels}), or call the argument dy if it is a cotangent"
        )
        raise InputError(msg)
    return stateful_layer(model, in_their_places(model.forward, args, options.inputs), options)


def _with_cache(model: Any, args: tuple[Any, ...], options: Options) -> Oracle | None:  # noqa: ANN401
    """Return the oracle of a layer whose forward returns what its backward takes; None of any other thing."""
    ways = of_layer_with_cache(model, args) if args else None
    return None if ways is None else stateful_layer(model, args, options, ways)


def _network(model: Any, args: tuple[Any, ...], options: Options) -> Oracle | None:  # noqa: ANN401
    """Return the oracle of a network whose loss and gradients are methods; None where it has no loss."""
    args = (*args, *options.inputs.values())
    ways = of_network(model, args) or of_loss_layer(model, args)
    return None if ways is None else stateful_layer(model, args, options, ways)


def _check_framework(model: Any, options: Options) -> None:  # noqa: ANN401
    """Refuse what only a framework can do: differentiate its own backward, or go forward."""
    asked = {"order=2": options.order > 1, "jvp=True": options.jvp is True}
    asked["batched=True"] = bool(options.batched)
    for call in [call for call, wanted in asked.items() if wanted]:
        msg = (
            f"{call} needs a PyTorch or JAX model; {quoted(model)} is not one"
            + ("; write jvp=pushforward, a function (*args, *tangents)" if call == "jvp=True" else "")
            + (SECOND.format(call_of(model)) if call == "order=2" else "")
        )
        raise InputError(msg)


def _brings_gradient(model: Any) -> bool:  # noqa: ANN401
    of = model if isinstance(model, type) else type(model)
    return is_network(model) or (dataclasses.is_dataclass(of) and callable(getattr(of, "forward", None)))
