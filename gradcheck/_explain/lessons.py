"""What is to be learned from each chapter, in general? Without numbers, for the page alone; {k} is the digit."""

from __future__ import annotations

from types import MappingProxyType

LESSONS = MappingProxyType(
    {
        "Predict": """\
The picture enters as 64 numbers, how black each pixel is. Each hidden unit adds up all of them, each times a weight of
its own, adds its bias, and says how much it sees of what it looks for, between -1 and 1: its *activation*. Each output
adds up the activations of the hidden units in the same way. The largest output is the guess; softmax turns all ten into
shares of belief.
""",
        "Compare": """\
The truth is plain: output {k} should have all of the belief, the others none. So output {k} is asked to rise and all
others to fall, each by as much as it is wrong. Those that are nearly right are left nearly in peace.
""",
        "Go back": """\
An output is a sum, of a bias and of activations times weights, and so there are three ways to raise it.

The *bias* counts in full. Of the *weights*, those from the most active units do the most: raising the weight of a unit
that says nothing changes nothing. What fires together wires together: a connection from an active unit to an output
that should be active becomes stronger. (Where the activation is negative, a smaller weight raises the output.)

The *activations* cannot be turned, they can only be wished for. A unit that is heard with a positive weight should
rise, one with a negative weight should fall, if it were for output {k} alone. But every other output has a wish of its
own, and the unit hears the sum of them all: that is the pull on the unit.
""",
        "Further": """\
What the outputs wish of the hidden units, the hidden units can only grant by their own weights and biases. So the same
question goes one layer further back, and this handing back gives backpropagation its name. A unit near -1 or 1 hears
little, whatever is asked of it: there tanh is flat. What a single example asks of the weights of a unit is a
picture of the example itself, as it is or in the negative; what the mini-batch asks is a mixture of many.
""",
        "Weigh": """\
The gradient of a weight or bias says by how much the cost would rise if it rose, per unit of change: how sensitive the
cost is to it. All of them were found in a single walk back. To find them by trying, each would have to be changed by
itself, and the cost computed again.
""",
        "Average": """\
Were the network to obey one picture alone, it would soon call everything by that picture's name. So the pulls of a
mini-batch are averaged: where they contradict one another they cancel, and what they agree on remains. That average is
the gradient of the mini-batch, with the sign turned. Pictures that are read well hardly pull; the few that are misread
decide where the step goes. The cosine says how far a picture agrees with it: 1 is along it, 0 across, below 0 against.
""",
        "Change": """\
The slope was measured where the network stands, and it is another where it arrives. A small step keeps what the
gradient promised. What is missing grows with the square of the rate: twice the step misses four times as much. (The
*bend* is twice what is missing, over the square of the rate; it hardly changes while the step is small.) Too large a
step jumps over the valley and lands higher than it started.
""",
        "Repeat": """\
The next mini-batch pulls in a somewhat different direction, which is why the cost jumps up and down from one to the
next; what they have in common prevails.
""",
    }
)
