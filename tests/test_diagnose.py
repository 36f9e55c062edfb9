"""Is the true cause named, and never a wrong one? Over all planted faults, and mistakes as users make them."""

from __future__ import annotations

import numpy as np
import pytest
from mistakes import MISTAKES

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import NOT_RECOGNISED
from gradcheck.networks import (
    FAULTS,
    L1,
    BinaryCrossEntropy,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    MeanSquaredError,
    Tanh,
    mlp,
    parameters,
    rebuild,
)


def diagnosed(name):
    case = MISTAKES[name]
    report = check_gradients(case.f, *case.args, **case.keywords)
    return report, report.diagnosis


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistakes_of_users_are_named(name):
    """The first sentence has the words of the table."""
    report, sentences = diagnosed(name)
    assert report.verdict is Verdict.WRONG
    assert all(words in sentences[0] for words in MISTAKES[name].words), sentences


RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
T = RNG.normal(size=(6, 3))
LOSSES = {
    MeanSquaredError: MeanSquaredError(T),
    L1: L1(T),
    Huber: Huber(T, delta=0.7),
    BinaryCrossEntropy: BinaryCrossEntropy(RNG.integers(0, 2, (6, 3)).astype(float)),
    CrossEntropy: CrossEntropy(np.array([0, 2, 1, 1, 0, 2])),
}
PLAIN = {Dense, Chain, Cost, *LOSSES}

NAMED = {  # what the first sentence must say of each fault; "" where it says only where it is wrong
    "forgotten_mean": "b: every entry is 6 times the measured value: 6 is the batch size",
    "doubled_mean": "W: every entry is 0.166667 times the measured value: 1/6 with 6 the batch size",
    "wrong_sign": "W: every entry is minus the measured value: the sign is wrong",
    "bias_twice": "b: every entry is exactly twice",
    "untransposed": "multiplied by W reshaped where its transpose is meant",
    "transposed_gradient": "a reshape where a transpose is meant",
    "last_example_of_weights": "W: the sum over the batch is missing: only the last example, x[-1]",
    "last_example_of_biases": "b: the sum over the batch is missing: only the last example",
    "last_example_of_inputs": "x: zero but for [-1], the last along axis 0",
    "skipped_example": "W: what is missing is one example, x[0]: it is skipped",
    "product_of_sums": "W: x summed or averaged before the product",
    "stale_gradient": "W: stale",
    "zeroed_bias": "b: claimed zero throughout",
    "one_entry": "W: wrong in one entry, [1,2]",
    "one_row": "W: zero in row 1 alone",
    "one_column": "W: the wrong entries (in column 1 alone) are minus the measured value",
    "one_block": "W: wrong in the block [1:3,0:2] alone",
    "columns_shifted": "W: the measured gradient shifted by 1 along axis 1",
    "rows_shifted": "W: the measured gradient shifted by -1 along axis 0",
    "flipped_bias": "b: the measured gradient flipped along axis 0",
    "float32_in_the_middle": "W: float32 in the middle",
    "halved_input": "x: every entry is exactly half",
    "clipped_weights": "W: the measured gradient, clipped at",
    "averaged_input": "x: the mean over axis 0",
    "forgotten_decay": "0.02 times the weight itself: weight decay forgotten",
    "doubled_decay": "too much is 0.02 times the weight itself: weight decay",
    "doubled_chain": "(Chain) taken alone is wrong, though each layer in it is right: x: every entry is exactly twice",
    "bypassed_chain": "",
    "tanh_missing": "(Tanh) taken alone is wrong: x: the derivative of tanh is missing",
    "tanh_of_input": "1 - x^2 of the input where 1 - y^2 of the output is meant",
    "tanh_sign": "1 + y^2 where 1 - y^2 is meant",
    "tanh_twice": "the derivative of tanh taken at the output",
    "sigmoid_missing": "(Sigmoid) taken alone is wrong: x: the derivative of the sigmoid is missing",
    "sigmoid_of_input": "x (1 - x) of the input where y (1 - y) of the output is meant",
    "sigmoid_twice": "the derivative of the sigmoid taken at the output",
    "sigmoid_as_tanh": "the derivative of tanh, taken for that of the sigmoid",
    "relu_missing": "(ReLU) taken alone is wrong: x: the derivative of the ReLU is missing",
    "relu_mask_of_cotangent": "the mask of the wrong tensor",
    "relu_itself": "the ReLU itself in the place of its derivative",
    "leaky_slope_forgotten": "zero in",
    "elu_missing": "the derivative of the ELU is missing",
    "softplus_as_relu": "the derivative of the ReLU where that of the softplus is meant",
    "silu_first_term": "the second term of the derivative of the SiLU is missing",
    "gelu_first_term": "the second term of the derivative of the GELU is missing",
    "softmax_diagonal": "the diagonal of the Jacobian alone",
    "softmax_without_sum": "the sum over the outputs that a softmax takes off is missing",
    "softmax_missing": "the cotangent handed on unchanged: the derivative of the function is missing",
    "square_without_2": "the 2 of a square is forgotten",
    "square_without_mean": "18 is the number of entries of x",
    "square_mean_of_examples": "3 is axis 1 of x",
    "square_without_target": "times target: a term, such as the truth, that is left out",
    "square_wrong_sign": "the sign is wrong",
    "cross_entropy_without_truth": "times labels as one-hot rows: a term, such as the truth, that is left out",
    "cross_entropy_without_mean": "6 is the batch size",
    "huber_without_clipping": "a clip is forgotten",
    "l1_without_sign": "a size where a sign is meant",
    "binary_without_sigmoid": "the sigmoid of the input, less the input",
}


def suited(fault):
    """Return a network with a layer of the kind that a fault concerns, and its cost."""
    chain = mlp((4, 5, 3), Tanh() if fault.kind in PLAIN else fault.kind(), np.random.default_rng(1))
    moved = {p: a + 0.1 * np.random.default_rng(2).normal(size=a.shape) for p, a in parameters(chain).items()}
    loss = LOSSES.get(fault.kind, LOSSES[CrossEntropy])
    return Cost(rebuild(chain, moved), loss, decay=0.02 if fault.kind is Cost else 0.0)


@pytest.mark.parametrize("name", FAULTS)
def test_the_planted_faults_are_named(name):
    """The layer and the cause stand in the first sentence, or it says that the cause is not recognised."""
    report = check_gradients(FAULTS[name].apply(suited(FAULTS[name])), X)
    assert report.verdict is Verdict.WRONG
    assert (NAMED[name] or NOT_RECOGNISED) in report.diagnosis[0], report.diagnosis


def test_nine_in_ten_faults_are_named():
    """Of those that are planted, and of the mistakes of users; the others are not guessed at."""
    named = [bool(words) for words in NAMED.values()] + ["recognised" not in m.words[0] for m in MISTAKES.values()]
    assert sum(named) >= 0.9 * len(named)


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("name", ["forgotten_mean", "wrong_sign", "columns_shifted"])
def test_the_layer_is_named(name, index):
    """Wherever in the chain it stands."""
    chain = suited(FAULTS[name]).network
    report = check_gradients(FAULTS[name].apply(chain, index=index), X, loss=LOSSES[CrossEntropy])
    assert report.diagnosis[0].startswith(f"layers[{2 * index}] (Dense) taken alone is wrong: ")


def test_a_loss_on_top_is_a_layer_too():
    """And is named as the loss."""
    fault = FAULTS["square_without_2"]
    report = check_gradients(suited(fault).network, X, loss=fault.apply(LOSSES[MeanSquaredError]))
    assert report.diagnosis[0].startswith("the loss (MeanSquaredError) taken alone is wrong: ")


def test_a_right_gradient_needs_no_diagnosis():
    """And costs nothing more."""
    assert check_gradients(suited(FAULTS["wrong_sign"]), X).diagnosis == ()
