"""Backward by hand, layer by layer: what each is asked, and what it hands to the layer before."""

import numpy as np
from digits import labels, network, x

from gradcheck.networks import CrossEntropy

ways_back, y = [], x
for layer in network.layers:
    y, way_back = layer.forward(y)
    ways_back.append(way_back)

dy, _ = CrossEntropy(labels).forward(y)[1]()
for layer, way_back in zip(reversed(network.layers), reversed(ways_back), strict=True):
    name, asked = type(layer).__name__, np.abs(dy).mean()
    dy, gradient = way_back(dy)
    print(f"{name:5}  asked {asked:.1e} of each output, hands back {np.abs(dy).mean():.1e} to each input", end="")
    print(f"; W {gradient.W.shape}, b {gradient.b.shape}" if name == "Dense" else "")
