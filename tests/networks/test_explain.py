"""What backpropagation says: sensitivities, pulls, wishes, and what a step was promised."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import (
    L1,
    SGD,
    BatchNorm,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    MeanSquaredError,
    ReLU,
    Softmax,
    Tanh,
    learn,
    load_digits,
    mlp,
    parameters,
    per_example,
    promise,
    pull,
    rebuild,
    sensitivity,
    train,
    wishes,
)

N, RATES = 32, (1e-4, 1e-3, 1e-2, 1e-1)


@pytest.fixture(scope="module")
def trained():
    """A network that reads digits well enough, and a mini-batch."""
    data = load_digits()
    network = mlp((64, 16, 10), Tanh(), np.random.default_rng(0))
    network, _ = train(network, data.x_train, data.y_train, epochs=5)
    return network, data.x_train[:N], data.y_train[:N]


def gradient(network, x, loss):
    return parameters(Cost(network, loss).forward(x)[1]()[1].network)


def in_dtype(network, dtype):
    return rebuild(network, {path: array.astype(dtype) for path, array in parameters(network).items()})


def flat(network, n):
    return np.concatenate([array[n].ravel() for array in parameters(network).values()])


class TestSensitivity:
    def test_every_weight_and_bias_is_ranked(self, trained):
        """Each once, with its value and its gradient, the largest first."""
        network, x, labels = trained
        ranked = sensitivity(network, x, labels)
        grads, values = gradient(network, x, CrossEntropy(labels)), parameters(network)
        assert len({(felt.path, felt.index) for felt in ranked}) == sum(a.size for a in values.values()) == len(ranked)
        assert all(felt.gradient == grads[felt.path][felt.index] for felt in ranked)
        assert all(felt.value == values[felt.path][felt.index] for felt in ranked)
        sizes = [abs(felt.gradient) for felt in ranked]
        assert sizes == sorted(sizes, reverse=True)

    def test_a_dial_is_worth_what_is_said(self, trained):
        """Turned a little, the strongest changes the cost by its gradient times the change."""
        network, x, labels = trained
        felt = sensitivity(network, x, labels, most=1)[0]

        def cost(change):
            array = parameters(network)[felt.path].copy()
            array[felt.index] += change
            return Cost(rebuild(network, {felt.path: array}), CrossEntropy(labels)).forward(x)[0]

        assert (cost(1e-4) - cost(-1e-4)) / 2e-4 == pytest.approx(felt.gradient, rel=1e-6)

    def test_the_most_are_the_first(self, trained):
        """`most` only shortens; at a tie, the order is that of the network."""
        assert sensitivity(*trained, most=5) == sensitivity(*trained)[:5]
        assert sensitivity(*trained, most=0) == ()
        dense = Dense(W=np.ones((2, 1)), b=np.zeros(1))
        tied = sensitivity(dense, np.ones((1, 2)), MeanSquaredError(np.zeros((1, 1))))
        assert [(felt.path, felt.index) for felt in tied] == [("W", (0, 0)), ("W", (1, 0)), ("b", (0,))]

    def test_a_network_without_parameters_has_none(self):
        """Nothing to turn."""
        assert sensitivity(Tanh(), np.ones((2, 3)), np.array([0, 1])) == ()


class TestPull:
    def test_a_wrong_pull_is_seen(self, trained):
        """What the next test demands, a pull with the sign of the gradient does not fulfil."""
        network, x, labels = trained
        step = -gradient(network, x, CrossEntropy(labels))["layers[0].W"]
        wrong = per_example(network, x, labels).layers[0].W.mean(axis=0)
        assert np.max(np.abs(wrong - step)) > np.max(np.abs(step))

    def test_the_mean_of_the_pulls_is_the_step(self, trained):
        """To 1e-12: a step of gradient descent goes where the examples pull, on average."""
        network, x, labels = trained
        pulls = parameters(pull(network, x, labels).on)
        after, _, _ = learn(Cost(network, CrossEntropy(labels)), x, SGD(rate=1.0))
        for path, before in parameters(network).items():
            np.testing.assert_allclose(pulls[path].mean(axis=0), parameters(after)[path] - before, rtol=0, atol=1e-12)

    def test_norm_and_agreement(self, trained):
        """As computed from each example by itself."""
        network, x, labels = trained
        found = pull(network, x, labels)
        own = [flat(found.on, n) for n in range(N)]
        step = np.mean(own, axis=0)
        cosines = [p @ step / np.linalg.norm(p) / np.linalg.norm(step) for p in own]
        np.testing.assert_allclose(found.norm, np.linalg.norm(own, axis=1), rtol=1e-13)
        np.testing.assert_allclose(found.agreement, cosines, rtol=1e-12)
        assert np.min(found.agreement) < 0 < np.max(found.agreement)  # some agree, some contradict

    def test_what_they_contradict_one_another_in_is_lost(self, trained):
        """|step| is the mean of |pull| times the cosine with it."""
        found = pull(*trained)
        step = np.linalg.norm(np.mean([flat(found.on, n) for n in range(N)], axis=0))
        assert step == pytest.approx(np.mean(found.norm * found.agreement), rel=1e-12)
        assert step < np.mean(found.norm)

    def test_the_norm_is_goodfellows(self, trained):
        """Of an outer product the norm is a product: |gₙ|² = Σ over the dense layers of |dyₙ|² (|xₙ|² + 1)."""
        network, x, labels = trained
        one, tanh, two = wishes(network, x, labels)
        squared = (one.of_output**2).sum(axis=1) * ((x**2).sum(axis=1) + 1)
        squared += (two.of_output**2).sum(axis=1) * ((tanh.output**2).sum(axis=1) + 1)
        np.testing.assert_allclose(pull(network, x, labels).norm, np.sqrt(squared), rtol=1e-13)

    def test_by_hand(self):
        """Two examples that want the opposite, one of them twice as much; a third is content."""
        dense = Dense(W=np.array([[1.0]]), b=np.array([0.0]))
        x, target = np.array([[2.0], [2.0], [5.0]]), np.array([[3.0], [0.0], [5.0]])
        found = pull(dense, x, MeanSquaredError(target))
        np.testing.assert_array_equal(found.on.W[:, 0, 0], [4, -8, 0])
        np.testing.assert_array_equal(found.on.b[:, 0], [2, -4, 0])
        np.testing.assert_allclose(found.norm, np.sqrt([20, 80, 0]), rtol=1e-15)
        np.testing.assert_allclose(found.agreement, [-1, 1, 0], rtol=1e-15)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_large_and_tiny_pulls_have_a_length(self, dtype):
        """Where the squares overflow or vanish, too; and the dtype stays."""
        dense = Dense(W=np.zeros((1, 1), dtype), b=np.zeros(1, dtype))
        size = np.array([[1e-30], [-3e-30]], dtype)
        tiny = pull(dense, np.ones((2, 1), dtype), MeanSquaredError(size))
        large = pull(dense, 1 / size, L1(np.array([[1.0], [-1.0]], dtype)))
        np.testing.assert_allclose(tiny.norm, np.sqrt(8) * np.abs(size[:, 0]), rtol=1e-6)
        np.testing.assert_allclose(large.norm, 1 / np.abs(size[:, 0]), rtol=1e-6)
        np.testing.assert_allclose([tiny.agreement, large.agreement], [[-1, 1], [1, 1]], rtol=1e-6)
        assert {a.dtype for found in (tiny, large) for a in (found.norm, found.agreement)} == {np.dtype(dtype)}

    def test_a_network_without_parameters_is_not_pulled(self):
        """Its pulls have no length."""
        found = pull(Tanh(), np.ones((2, 3)), np.array([0, 1]))
        np.testing.assert_array_equal([found.norm, found.agreement], np.zeros((2, 2)))


class TestWishes:
    def test_there_are_three_ways_to_raise_an_output(self, trained):
        """Its bias, its weights as active as their units are, the units as strong as their weights."""
        network, x, labels = trained
        _, hidden, last = wishes(network, x, labels)
        p = last.of_output
        np.testing.assert_allclose(last.of_parameters.b, p, rtol=1e-13)
        np.testing.assert_allclose(last.of_parameters.W, hidden.output[:, :, None] * p[:, None], rtol=1e-13)
        np.testing.assert_allclose(hidden.of_output, p @ network.layers[2].W.T, rtol=1e-13)

    def test_the_outputs_hear_truth_less_prediction(self, trained):
        """A digit "2" would raise output 2, and lower each other by as much as it was believed."""
        network, x, labels = trained
        last = wishes(network, x, labels)[-1]
        q, _ = Softmax().forward(last.output)
        np.testing.assert_allclose(last.of_output, np.eye(10)[labels] - q, rtol=0, atol=1e-13)
        twos = last.of_output[labels == 2]
        assert (twos[:, 2] > 0).all()
        assert (np.delete(twos, 2, axis=1) < 0).all()

    def test_what_is_asked_is_the_pull(self, trained):
        """The wishes of all layers together are what `pull` returns."""
        network, x, labels = trained
        found = wishes(network, x, labels)
        assert [wish.layer for wish in found] == list(network.layers)
        together = parameters(Chain(tuple(wish.of_parameters for wish in found)))
        for path, p in parameters(pull(network, x, labels).on).items():
            np.testing.assert_array_equal(together[path], p)

    def test_an_activation_that_could_be_turned_would_lower_the_cost(self, trained):
        """A little along the wish, and the cost of the example falls by its square."""
        network, x, labels = trained
        _, hidden, _ = wishes(network, x[:1], labels[:1])
        rest = Cost(Chain(network.layers[2:]), CrossEntropy(labels[:1]))
        up, down = (rest.forward(hidden.output + h * hidden.of_output)[0] for h in (1e-4, -1e-4))
        assert (up - down) / 2e-4 == pytest.approx(-np.sum(hidden.of_output**2), rel=1e-6)

    def test_an_empty_chain_has_no_wishes(self):
        """No layer, nothing to ask."""
        assert wishes(Chain(()), np.ones((2, 3)), np.array([0, 1])) == ()


class TestPromise:
    def test_a_small_step_keeps_it(self, trained):
        """The smaller the rate, the nearer; what is promised is rate |g|²."""
        network, x, labels = trained
        squared = sum(np.sum(g**2) for g in gradient(network, x, CrossEntropy(labels)).values())
        found = promise(network, x, labels, RATES)
        assert [step.promised for step in found] == pytest.approx([-rate * squared for rate in RATES], rel=1e-13)
        assert found[0].kept == pytest.approx(found[0].promised, rel=1e-3)
        assert [step.kept / step.promised for step in found] == sorted(
            (s.kept / s.promised for s in found), reverse=True
        )

    def test_what_is_kept_is_what_a_step_does(self, trained):
        """The cost after one step of plain gradient descent, less the cost before."""
        network, x, labels = trained
        whole = Cost(network, CrossEntropy(labels))
        after, _, before = learn(whole, x, SGD(rate=0.5))
        (step,) = promise(network, x, labels, [0.5])
        assert step.kept == pytest.approx(float(Cost(after, whole.loss).forward(x)[0]) - before, rel=1e-12)

    def test_it_breaks_with_the_square_of_the_rate(self, trained):
        """Half the rate leaves a quarter of the difference, and the bend stays."""
        whole, half = promise(*trained, [1e-2, 5e-3])
        assert (whole.kept - whole.promised) / (half.kept - half.promised) == pytest.approx(4, rel=0.05)
        assert whole.bend == pytest.approx(half.bend, rel=0.05)
        assert whole.bend > 0

    def test_of_a_parabola_the_bend_is_exact(self):
        """With cost (w - 1)² at w = 0: it bends by g² times 2, at every rate; at rate 1 nothing is gained."""
        dense = Dense(W=np.array([[0.0]]), b=np.array([0.0]))
        found = promise(dense, np.array([[1.0]]), MeanSquaredError(np.array([[1.0]])), [0.125, 0.25, 0.5, 1.0])
        squared, bend = 8.0, 2 * 16.0  # g = (-2, -2); w + b = 4 rate
        assert [step.promised for step in found] == [-squared * step.rate for step in found]
        assert [step.kept for step in found] == [(1 - 4 * step.rate) ** 2 - 1 for step in found]
        assert [step.bend for step in found] == [bend] * 4
        assert found[2].kept == 0 < found[3].kept  # from rate = 2 |g|² / gᵀH g on the cost rises

    def test_a_step_that_goes_nowhere_changes_nothing(self, trained):
        """And says nothing of the bend."""
        (still,) = promise(*trained, [0.0])
        assert (still.promised, still.kept) == (0, 0)
        assert np.isnan(still.bend)

    def test_no_rates_no_promises(self, trained):
        """Nothing was asked."""
        assert promise(*trained, []) == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(trained, dtype):
    """Of what is asked of every layer and of every example."""
    network, x, labels = in_dtype(trained[0], dtype), trained[1].astype(dtype), trained[2]
    found = pull(network, x, labels)
    asked = [array for wish in wishes(network, x, labels) for array in (wish.output, wish.of_output)]
    arrays = [found.norm, found.agreement, *parameters(found.on).values(), *asked]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("ask", [sensitivity, pull, wishes, lambda *case: promise(*case, RATES)])
def test_nothing_is_changed(trained, ask):
    """Arrays that cannot be written to will do, one example as well; none at all has no cost."""
    network, x, labels = trained
    arrays = {path: array.copy() for path, array in parameters(network).items()}
    for array in arrays.values():
        array.flags.writeable = False
    frozen = rebuild(network, arrays)
    ask(frozen, x, labels)
    ask(frozen, x[:1], labels[:1])
    with pytest.raises(ValueError, match="empty, and has no mean"):
        ask(frozen, x[:0], labels[:0])


@pytest.mark.parametrize("ask", [pull, wishes])
def test_batch_normalisation_in_training_is_refused(ask):
    """There no example is by itself; of the mini-batch as a whole there is a gradient."""
    network = Chain((BatchNorm.plain(3), Dense(W=np.ones((3, 2)), b=np.zeros(2)), ReLU()))
    x, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 1, 1, 0])
    with pytest.raises(ValueError, match=r"in layers\[0\], a BatchNorm in training"):
        ask(network, x, labels)
    assert len(sensitivity(network, x, labels)) == 3 + 3 + 6 + 2
