"""Neural networks written to be read: each layer's way forward and back, side by side, in NumPy.

How a network learns
--------------------

A network is a function with many dials: its weights and biases. Show it the picture of a
handwritten three, and it answers with ten numbers, one for each digit; the largest is its guess.
In the beginning the dials are set at random, and so is the guess. Which of them should be turned,
which way, and how far?

*Predict.* The picture runs through the layers, from the input to the output: `forward`.

*Compare.* A loss holds the answer against the truth and says in one number, the cost, how wrong
it was. It is also the first to say what should change: output seven was too large and should come
down, output three was too small and should go up, the others hardly matter.

*Go backward.* But an output cannot be turned, only the dials can. So the last layer is asked: if
the cost is so sensitive to each of your outputs (dy), how sensitive is it to each of your weights
and biases (grad), and to each of the numbers you were given (dx)? What it was given is what the
layer before put out, so its dx is that layer's dy, and the same question goes from layer to layer
until it reaches the picture: `backward`. No layer needs to know more than its own derivative; and
a single walk back, at the price of about two walks forward, answers for every dial, be it ten or
ten million.

*Change.* The gradient of a weight says how much the cost would rise if the weight did. So every
weight and bias moves the other way, by as much as the cost is sensitive to it: those that matter
move, those that do not stay.

*Average.* This was what one picture asks for. Another, of a seven, pulls at the same dials in
other directions, and obeying each in turn would mean forgetting the one before. So the pulls of a
mini-batch of examples are averaged: where they contradict one another they cancel, what they
agree on remains, and that is the step.

*Repeat* with the next mini-batch, until every example has been seen; and then all over again.

>>> import numpy as np
>>> from gradcheck.networks import SGD, Tanh, accuracy, load_digits, mlp, train
>>> data = load_digits()
>>> network = mlp((64, 32, 10), Tanh(), np.random.default_rng(0))
>>> network, history = train(network, data.x_train, data.y_train, optimiser=SGD(0.5), epochs=10)
>>> accuracy(network, data.x_test, data.y_test) > 0.95
True

Where to read on: dense.py, the layer that everything begins with; loss.py, where the walk back
begins; combine.py, the chain rule in a dozen lines; train.py, the loop. layer.py says what a layer
is, and the folder faults holds layers that are wrong on purpose.
"""

from .activation import ELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from .apart import per_example
from .architecture import convnet
from .attention import Attention
from .autoencoder import TiedAutoencoder, autoencoder
from .batch_norm import BatchNorm, Running
from .bilinear import Bilinear
from .clip import Clipped, clipped, global_norm
from .combine import Chain, Cost, mlp
from .conv import Conv1d, Conv2d
from .conv_transpose import ConvTranspose1d, ConvTranspose2d
from .ctc import CTC
from .decoder import CrossAttention, DecoderBlock
from .dense import Dense
from .digits import Digits, load_digits
from .dropout import Dropout
from .embedding import Embedding
from .explain import Promise, Pull, Sensitivity, Wish, promise, pull, sensitivity, wishes
from .faults import FAULTS, SPECIMENS, Fault, forgotten_mean, specimen
from .gelu import GELU, GELUTanh
from .glu import GLU, SwiGLU
from .heads import MultiHeadAttention, SelfAttention
from .init import glorot, he
from .join import Highway, MixtureOfExperts, Parallel, Residual
from .layer import Array, Backward, Layer, constant, parameters, rebuild
from .likelihood import KLDivergence, LogSoftmax, NegativeLogLikelihood, WeightedCrossEntropy
from .loss import L1, BinaryCrossEntropy, CrossEntropy, Huber, Loss, MeanSquaredError
from .margin import CosineEmbedding, Hinge, MultiHinge, Triplet
from .norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from .optimiser import SGD, Adam, AdamW, Optimiser
from .pointwise import Pointwise
from .pool import AveragePool1d, AveragePool2d, GlobalAveragePool, GlobalMaxPool, MaxPool1d, MaxPool2d
from .position import PositionalEncoding, PositionEmbedding, RotaryEncoding
from .recurrent import GRUCell, LSTMCell, SimpleCell
from .reshape import Flatten, Reshape, Transpose
from .schedule import (
    CosineDecay,
    ExponentialDecay,
    InverseRootDecay,
    LinearDecay,
    Schedule,
    Scheduled,
    StepDecay,
    Warmup,
)
from .score import History, accuracy
from .text import character_lstm, continued, encode
from .tied import Repeat, summed
from .train import learn, train
from .transformer import transformer_block
from .unroll import LastStep, Recurrent, Unroll, within

__all__ = [
    "CTC",
    "ELU",
    "FAULTS",
    "GELU",
    "GLU",
    "L1",
    "SGD",
    "SPECIMENS",
    "Adam",
    "AdamW",
    "Array",
    "Attention",
    "AveragePool1d",
    "AveragePool2d",
    "Backward",
    "BatchNorm",
    "Bilinear",
    "BinaryCrossEntropy",
    "Chain",
    "Clipped",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "CosineDecay",
    "CosineEmbedding",
    "Cost",
    "CrossAttention",
    "CrossEntropy",
    "DecoderBlock",
    "Dense",
    "Digits",
    "Dropout",
    "Embedding",
    "ExponentialDecay",
    "Fault",
    "Flatten",
    "GELUTanh",
    "GRUCell",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNorm",
    "Highway",
    "Hinge",
    "History",
    "Huber",
    "Identity",
    "InstanceNorm",
    "InverseRootDecay",
    "KLDivergence",
    "LSTMCell",
    "LastStep",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LinearDecay",
    "LogSoftmax",
    "Loss",
    "MaxPool1d",
    "MaxPool2d",
    "MeanSquaredError",
    "MixtureOfExperts",
    "MultiHeadAttention",
    "MultiHinge",
    "NegativeLogLikelihood",
    "Optimiser",
    "Parallel",
    "Pointwise",
    "PositionEmbedding",
    "PositionalEncoding",
    "Promise",
    "Pull",
    "RMSNorm",
    "ReLU",
    "Recurrent",
    "Repeat",
    "Reshape",
    "Residual",
    "RotaryEncoding",
    "Running",
    "Schedule",
    "Scheduled",
    "SelfAttention",
    "Sensitivity",
    "SiLU",
    "Sigmoid",
    "SimpleCell",
    "Softmax",
    "Softplus",
    "StepDecay",
    "SwiGLU",
    "Tanh",
    "TiedAutoencoder",
    "Transpose",
    "Triplet",
    "Unroll",
    "Warmup",
    "WeightedCrossEntropy",
    "Wish",
    "accuracy",
    "autoencoder",
    "character_lstm",
    "clipped",
    "constant",
    "continued",
    "convnet",
    "encode",
    "forgotten_mean",
    "global_norm",
    "glorot",
    "he",
    "learn",
    "load_digits",
    "mlp",
    "parameters",
    "per_example",
    "promise",
    "pull",
    "rebuild",
    "sensitivity",
    "specimen",
    "summed",
    "train",
    "transformer_block",
    "wishes",
    "within",
]
