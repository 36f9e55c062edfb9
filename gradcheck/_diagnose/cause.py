"""What is said to be the cause? Which of the known mistakes it is, in which tensor, and the sentence for a reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Slip(Enum):
    """The mistakes that are known, one for each pattern; and what else is said of something that is wrong."""

    # what a claim is worth as a number
    NOT_FINITE = auto()
    INFINITE_SLOPE = auto()
    EXACT_FLOAT32 = auto()  # every claim is a number of single precision
    ZERO = auto()
    ZERO_IN_PART = auto()
    CLIPPED = auto()
    UNLIMITED = auto()
    COARSER = auto()  # what coarser steps show
    # sums, and what is left out of them
    REPEATED_INDEX = auto()
    LAST_ONLY = auto()
    BIAS_OF_ONE_EXAMPLE = auto()
    WEIGHT_OF_ONE_EXAMPLE = auto()
    SINGLE_EXAMPLE = auto()
    EXAMPLE_MISSING = auto()
    AVERAGED = auto()
    USE_OF_A_LAYER = auto()
    LAYER_NOT_ADDED = auto()
    PER_EXAMPLE = auto()
    # factors
    FACTOR = auto()
    UNKNOWN_FACTOR = auto()
    FACTOR_IN_PART = auto()
    FACTOR_PER_SLICE = auto()
    KNOWN_ARRAY = auto()
    LOGARITHM = auto()
    CONJUGATE = auto()
    # the right numbers in wrong places
    EXCHANGED = auto()
    PERMUTED = auto()
    REORDERED = auto()
    STALE = auto()
    OPPOSITE = auto()
    MASKED = auto()
    ANOTHER = auto()
    SYMMETRISED = auto()
    PROJECTED = auto()
    # terms
    DECAY = auto()
    CONSTANT = auto()
    OF_ITSELF = auto()
    TRUTH = auto()
    SAME_ALONG_AXES = auto()
    COTANGENT_ALONE = auto()
    UNTOUCHED = auto()
    STRAIGHT_THROUGH = auto()
    LEFT_OUT = auto()  # of the gradient, on purpose or by mistake, by what a framework has for it
    # derivatives, and the cotangent
    ACTIVATION = auto()
    HIDDEN_LAYER = auto()
    WAY_BACK = auto()
    EXPLICIT = auto()
    HANDED_ON = auto()
    OF_OUTPUT = auto()
    UNTRANSPOSED = auto()
    PRODUCT = auto()
    COTANGENT = auto()
    SETTING = auto()
    ONE_STEP = auto()
    ANOTHER_NUMBER = auto()
    # several at once
    TWO_MISTAKES = auto()
    # beside the mistakes
    PLACE = auto()  # where, and not why
    SINCE = auto()  # the layer since which a chain is wrong
    JOINED = auto()  # each layer is right, so that it is how they are joined
    NOT_RECOGNISED = auto()


@dataclass(frozen=True)
class Cause:
    """Why something is wrong. Whoever decides asks for the kind; the sentence is for a reader alone."""

    kind: Slip
    tensor: str  # its name; "" where several are meant, and the sentence says which
    sentence: str
    as_well: bool = False  # whether it is another that explains the same, beside the one before it

    @property
    def said(self) -> str:
        """The sentence, with the name of the tensor before it."""
        return f"{self.tensor}: {self.sentence}" if self.tensor else self.sentence


def told(causes: tuple[Cause, ...]) -> tuple[str, ...]:
    """Return what to say of causes, in their order."""
    return tuple(cause.said for cause in causes)
