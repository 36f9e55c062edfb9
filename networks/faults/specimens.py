"""Which network does a fault show on? One small network for every kind of layer that can be spoiled.

A fault is only seen where it changes something: a forgotten stride where the stride is not 1, a
mask that is ignored where there is something to be masked, a tie counted twice where there are
ties. So each specimen exercises all that its layer can do, at a point where nothing is zero or
alike by chance, and is no larger than that takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..activation import ELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from ..attention import Attention
from ..autoencoder import TiedAutoencoder
from ..batch_norm import BatchNorm
from ..bilinear import Bilinear
from ..combine import Chain, Cost, mlp
from ..conv import Conv1d, Conv2d
from ..conv_transpose import ConvTranspose2d
from ..ctc import CTC
from ..decoder import CrossAttention, DecoderBlock
from ..dense import Dense
from ..dropout import Dropout
from ..embedding import Embedding
from ..gelu import GELU
from ..glu import GLU, SwiGLU
from ..heads import MultiHeadAttention, SelfAttention
from ..join import Highway, MixtureOfExperts, Parallel, Residual
from ..layer import Array, constant, parameters, rebuild
from ..likelihood import KLDivergence, LogSoftmax, NegativeLogLikelihood, WeightedCrossEntropy
from ..loss import L1, BinaryCrossEntropy, CrossEntropy, Huber, MeanSquaredError
from ..margin import CosineEmbedding, Hinge, MultiHinge, Triplet
from ..norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from ..pointwise import Pointwise
from ..pool import AveragePool1d, AveragePool2d, GlobalAveragePool, GlobalMaxPool, MaxPool1d, MaxPool2d
from ..position import PositionEmbedding, RotaryEncoding
from ..recurrent import GRUCell, LSTMCell, SimpleCell
from ..reshape import Flatten, Transpose
from ..tied import Repeat
from ..unroll import LastStep, Recurrent, Unroll, within
from .planting import Fault

Specimen = tuple[Any, ...]  # a network, and its inputs


@dataclass(frozen=True)
class Masked:
    """y = layer(x, mask=mask): a layer that is given its mask once and for all."""

    layer: Any
    mask: Any = constant()

    def forward(self, *inputs: Any) -> Any:  # noqa: ANN401 (as many as the layer has)
        *outputs, way_back = self.layer.forward(*inputs, mask=self.mask)

        def backward(*cotangents: Any) -> Any:  # noqa: ANN401
            *gradients, grad = way_back(*cotangents)
            return *gradients, replace(self, layer=grad)

        return *outputs, backward


def specimen(fault: Fault) -> Specimen:
    """Return a right network with a layer of the kind that the fault concerns, and its inputs.

    >>> from gradcheck.networks import FAULTS, specimen
    >>> network, x = specimen(FAULTS["skip_path_forgotten"])
    >>> faulty = FAULTS["skip_path_forgotten"].apply(network)
    """
    return SPECIMENS[fault.kind]()


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)


def _draw(*shape: int) -> Array:
    return np.random.default_rng(list(shape)).normal(size=shape)


def _moved(network: Any) -> Any:  # noqa: ANN401 (a network of any kind)
    """Return the network with all its parameters moved a little: none is zero or one by chance."""
    rng = np.random.default_rng(2)
    return rebuild(network, {p: a + 0.1 * rng.normal(size=a.shape) for p, a in parameters(network).items()})


def _new(kind: Any, *sizes: Any, **moves: Any) -> Any:  # noqa: ANN401
    """Return a layer of that kind with random parameters, none of them zero."""
    return _moved(kind.random(*sizes, rng=_rng(), **moves))


_X, _T, _LABELS = np.random.default_rng(0).normal(size=(6, 4)), _draw(6, 3), np.array([0, 2, 1, 1, 0, 2])
_SIGNS = np.where(_T > 0, 1.0, -1.0)


def _network(*, activation: Any = None, loss: Any = None, decay: float = 0.0, logs: bool = False) -> Specimen:  # noqa: ANN401
    """Return two dense layers with a loss on top, of logarithms of probabilities where it wants them."""
    chain = _moved(mlp((4, 5, 3), activation or Tanh(), _rng()))
    layers = (*chain.layers, LogSoftmax()) if logs else chain.layers
    return Cost(Chain(layers), loss or CrossEntropy(_LABELS), decay=decay), _X


def _image(layer: Any, *after: Any, x: Array) -> Specimen:  # noqa: ANN401
    """Return a layer for pictures, with a tanh after it."""
    return Chain((_moved(layer), Tanh(), *after)), x


def _sequence(layer: Any) -> Specimen:  # noqa: ANN401
    """Return a layer for two sequences of three places, after a dense one."""
    return Chain((Pointwise(_new(Dense, 2, 4)), _moved(layer))), _draw(2, 3, 2)


def _rows(layer: Any) -> Specimen:  # noqa: ANN401
    """Return a layer for rows, after a dense one."""
    return Chain((_new(Dense, 3, 4), _moved(layer), Tanh())), _draw(3, 3)


def _cell(kind: Any) -> Specimen:  # noqa: ANN401
    """Return a cell with two features and a state of three, at one step."""
    cell = _new(kind, 2, 3)
    return cell, _draw(2, 2), *(_draw(2, 3) + k for k in range(len(cell.rest(2))))


def _convolution() -> Specimen:
    moves = {"stride": (1, 2), "padding": (1, 2), "dilation": 2}
    return _image(_new(Conv2d, 4, 4, (3, 2), groups=2, **moves), x=_draw(2, 4, 5, 4))


def _twice(pool: Any) -> Specimen:  # noqa: ANN401
    """Return pooling over a picture that is there twice, so that every maximum is shared."""
    return Chain((Tanh(), Parallel((Identity(), Identity()), axis=3), pool)), _draw(2, 2, 4, 3)


def _unrolled() -> Specimen:
    cell, x, h = _cell(SimpleCell)
    return Masked(Unroll(cell), within([4, 2], 4)), _draw(4, *x.shape), h


def _attended() -> Specimen:
    """Return causal attention with padding: some keys are hidden by the one, some by the other."""
    there = np.ones((2, 1, 3), np.bool_)
    there[0, 0, 1] = False
    return Masked(Attention(causal=True), there), *_draw(3, 2, 3, 3)


def _embedded() -> Specimen:
    ids = np.array([[1, 2, 1], [0, 3, 2]])
    return Chain((_new(Embedding, 5, 3, padding=0), Pointwise(_new(Dense, 3, 2)))), ids


def _written() -> Specimen:
    labels, lengths = np.array([[1, 2, 2], [2, 1, 0]]), np.array([5, 4])
    return Cost(Chain((Tanh(), LogSoftmax())), CTC(labels, lengths, np.array([3, 2]))), _draw(2, 5, 3)


_IGNORED, _WEIGHTS = np.array([0, 2, -1, 1, 0, -1]), np.array([0.5, 2.0, 3.0])

SPECIMENS: dict[type, Callable[[], Specimen]] = {
    Dense: _network,
    Chain: _network,
    Cost: lambda: _network(decay=0.02),
    **{
        kind: lambda kind=kind: _network(activation=kind())  # type: ignore[misc]
        for kind in (Tanh, Sigmoid, ReLU, LeakyReLU, ELU, Softplus, SiLU, GELU, Softmax)
    },
    MeanSquaredError: lambda: _network(loss=MeanSquaredError(_T)),
    L1: lambda: _network(loss=L1(_T)),
    Huber: lambda: _network(loss=Huber(_T, delta=0.7)),
    CrossEntropy: _network,
    BinaryCrossEntropy: lambda: _network(loss=BinaryCrossEntropy((_T > 0).astype(float))),
    LogSoftmax: lambda: _network(loss=KLDivergence(_LABELS), logs=True),
    NegativeLogLikelihood: lambda: _network(loss=NegativeLogLikelihood(_IGNORED, _WEIGHTS, -1), logs=True),
    WeightedCrossEntropy: lambda: _network(loss=WeightedCrossEntropy(_IGNORED, _WEIGHTS, -1, 0.1)),
    KLDivergence: lambda: _network(loss=KLDivergence(np.exp(_T) / np.exp(_T).sum(axis=1, keepdims=True)), logs=True),
    Hinge: lambda: _network(loss=Hinge(_SIGNS, margin=0.4)),
    MultiHinge: lambda: _network(loss=MultiHinge(_LABELS)),
    Triplet: lambda: (Triplet(2.0), *_draw(3, 4, 3)),
    CosineEmbedding: lambda: (CosineEmbedding(np.array([1, -1, -1, 1]), -0.9), *_draw(2, 4, 3)),
    CTC: _written,
    Conv1d: lambda: _image(_new(Conv1d, 4, 2, 3, stride=2, padding=1), x=_draw(2, 4, 7)),
    Conv2d: _convolution,
    ConvTranspose2d: lambda: _image(_new(ConvTranspose2d, 4, 2, (3, 2), stride=2), x=_draw(2, 4, 3, 2)),
    MaxPool1d: lambda: _image(MaxPool1d(3, stride=2), x=_draw(2, 2, 7)),
    MaxPool2d: lambda: _twice(MaxPool2d((2, 6), padding=(1, 0))),
    AveragePool1d: lambda: _image(AveragePool1d(3, stride=2), x=_draw(2, 2, 7)),
    AveragePool2d: lambda: _image(AveragePool2d(3, stride=2, padding=1), x=_draw(2, 1, 5, 4)),
    GlobalAveragePool: lambda: _image(GlobalAveragePool(), x=_draw(2, 3, 3, 2)),
    GlobalMaxPool: lambda: _image(GlobalMaxPool(), x=_draw(2, 3, 3, 2)),
    Flatten: lambda: _image(Flatten(), _new(Dense, 12, 3), x=_draw(2, 2, 3, 2)),
    Transpose: lambda: _image(Transpose((0, 2, 3, 1)), x=_draw(2, 2, 3, 2)),
    BatchNorm: lambda: _image(replace(BatchNorm.plain(4), eps=0.1), x=_draw(3, 4, 3)),
    GroupNorm: lambda: _image(GroupNorm.plain(4, 2), x=_draw(2, 4, 3)),
    InstanceNorm: lambda: _image(InstanceNorm.plain(4), x=_draw(2, 4, 3)),
    LayerNorm: lambda: _rows(LayerNorm.plain(4)),
    RMSNorm: lambda: _rows(RMSNorm.plain(4)),
    Dropout: lambda: _rows(_new(Dropout, (3, 4), 0.4)),
    Embedding: _embedded,
    SimpleCell: lambda: _cell(SimpleCell),
    GRUCell: lambda: _cell(GRUCell),
    LSTMCell: lambda: _cell(LSTMCell),
    Recurrent: lambda: (Recurrent(_new(SimpleCell, 2, 2), reverse=True), _draw(2, 4, 2)),
    Unroll: _unrolled,
    LastStep: lambda: (Chain((Recurrent(_new(SimpleCell, 2, 2)), LastStep())), _draw(2, 3, 2)),
    Attention: _attended,
    MultiHeadAttention: lambda: (_new(MultiHeadAttention, 4, 2), *_draw(3, 2, 3, 4)),
    CrossAttention: lambda: (_new(CrossAttention, 4, 2), _draw(2, 3, 4), _draw(2, 4, 4)),
    DecoderBlock: lambda: (_new(DecoderBlock, 4, 2, 3), _draw(2, 3, 4), _draw(2, 4, 4)),
    SelfAttention: lambda: _sequence(_new(SelfAttention, 4, 2, causal=True)),
    PositionEmbedding: lambda: _sequence(_new(PositionEmbedding, 4, 4)),
    RotaryEncoding: lambda: _sequence(Chain((RotaryEncoding(), Tanh()))),
    GLU: lambda: _rows(GLU()),
    SwiGLU: lambda: _sequence(_new(SwiGLU, 4, 3)),
    Residual: lambda: _rows(Residual(Chain((_new(Dense, 4, 4), Tanh())))),
    Parallel: lambda: _rows(Parallel((_new(Dense, 4, 2), Chain((Tanh(), _new(Dense, 4, 2)))))),
    Highway: lambda: _rows(_new(Highway, 4, Tanh())),
    MixtureOfExperts: lambda: _rows(MixtureOfExperts((_new(Dense, 4, 4), Tanh()), _new(Dense, 4, 2))),
    Repeat: lambda: _rows(Repeat(Chain((_new(Dense, 4, 4), Tanh())), 3)),
    TiedAutoencoder: lambda: _rows(_new(TiedAutoencoder, 4, 2, Sigmoid())),
    Bilinear: lambda: (_new(Bilinear, 3, 2, 2), _draw(4, 3), _draw(4, 2)),
    Pointwise: lambda: _sequence(Chain((Pointwise(_new(Dense, 4, 3)), Tanh()))),
}
