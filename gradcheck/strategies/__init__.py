"""Hypothesis strategies for gradients: arrays, single layers, whole networks, and planted mistakes.

Hypothesis calls a test with one example after another, as a strategy describes them; when one fails it looks for
the smallest that still fails, and prints it. Each of these strategies builds what fits, and throws nothing away; a
failing network is reduced to the fewest and simplest layers, and prints as one line of code:

    Case(takes=('row', 2), layers=(('dense', 1), ('tanh',)), loss='squares')

which, pasted behind a star, is what `check_gradients` takes.
"""

from gradcheck.strategies import joined as joined
from gradcheck.strategies import plain as plain
from gradcheck.strategies import sequential as sequential
from gradcheck.strategies import several as several
from gradcheck.strategies import spatial as spatial
from gradcheck.strategies.architectures import layers_and_inputs, networks_and_inputs
from gradcheck.strategies.arrays import arrays, away_from
from gradcheck.strategies.case import Case
from gradcheck.strategies.faults import faults_in

__all__ = ["Case", "arrays", "away_from", "faults_in", "layers_and_inputs", "networks_and_inputs"]
