"""Learning: one step, and many."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import (
    SGD,
    Adam,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    MeanSquaredError,
    ReLU,
    Tanh,
    accuracy,
    learn,
    mlp,
    parameters,
    train,
)


@pytest.fixture
def clouds(rng):
    """Three clouds of points, a class each."""
    labels = np.arange(90) % 3
    return rng.normal(scale=0.5, size=(90, 2)) + np.array([[0, 2], [2, -1], [-2, -1]])[labels], labels


@pytest.fixture
def network(rng):
    return mlp((2, 8, 3), Tanh(), rng)


def bits(network):
    return {path: array.tobytes() for path, array in parameters(network).items()}


def test_one_step_of_plain_descent_is_the_gradient_times_the_rate(network, clouds):
    """Predict, compare, go backward, change."""
    cost = Cost(network, CrossEntropy(clouds[1]), decay=0.1)
    value, backward = cost.forward(clouds[0])
    after, _, reported = learn(cost, clouds[0], SGD(0.5))
    assert reported == value
    for path, g in parameters(backward()[1].network).items():
        expected = parameters(network)[path] - 0.5 * g
        np.testing.assert_array_equal(parameters(after)[path], expected)


def test_training_is_learning_again_and_again(network, clouds):
    """With the optimiser's state handed from step to step, and all examples in one mini-batch."""
    x, labels = clouds
    optimiser, cost = SGD(0.1, momentum=0.9), CrossEntropy(labels)
    trained, history = train(network, x, labels, epochs=3, batch_size=90, optimiser=optimiser)
    one, state, _ = learn(Cost(network, cost), x, optimiser)
    two, state, _ = learn(Cost(one, cost), x, optimiser, state)
    three, _, last = learn(Cost(two, cost), x, optimiser, state)
    assert history.costs[-1] == pytest.approx(last)
    np.testing.assert_allclose(trained.layers[0].W, three.layers[0].W, rtol=1e-12)


@pytest.mark.parametrize("optimiser", [SGD(0.1), SGD(0.03, momentum=0.9), Adam(0.01)], ids=["sgd", "momentum", "adam"])
def test_the_cost_falls_and_the_clouds_are_told_apart(optimiser, network, clouds):
    """By each optimiser."""
    trained, history = train(network, *clouds, epochs=20, optimiser=optimiser)
    assert history.train_costs[-1] < 0.2 * Cost(network, CrossEntropy(clouds[1])).forward(clouds[0])[0]
    assert np.mean(history.costs[-3:]) < np.mean(history.costs[:3])
    assert accuracy(trained, *clouds) == history.train_accuracy[-1] > 0.95


def test_the_same_seed_gives_the_same_network_bit_for_bit(network, clouds):
    """And another seed, another."""
    one, two, other = (train(network, *clouds, epochs=2, seed=seed) for seed in (5, 5, 6))
    assert (bits(one[0]), one[1]) == (bits(two[0]), two[1])
    assert bits(one[0]) != bits(other[0])


def test_the_network_given_and_the_examples_are_left_alone(network, clouds):
    """Training returns another network."""
    before = bits(network)
    for array in [*clouds, *parameters(network).values()]:
        array.flags.writeable = False
    trained, _ = train(network, *clouds, epochs=1)
    assert bits(network) == before != bits(trained)


def test_every_example_is_seen_once_an_epoch_in_another_order(clouds):
    """Mini-batches of 32, 32 and 26 of 90."""
    seen = []

    def watched(labels):
        seen.append(labels)
        return MeanSquaredError(labels)

    numbers = np.arange(90.0)[:, np.newaxis]
    one = Chain((Dense(np.zeros((1, 1)), np.zeros(1)),))
    train(one, numbers, numbers, epochs=2, loss=watched, optimiser=SGD(1e-6))
    assert [len(labels) for labels in seen] == [32, 32, 26, 90, 32, 32, 26, 90]
    first, second = (np.concatenate(seen[i : i + 3]).ravel() for i in (0, 4))
    assert sorted(first) == sorted(second) == list(range(90))
    assert list(first) != list(second)
    assert list(first) != sorted(first)


def test_examples_keep_their_labels(rng):
    """Shuffling moves both: y = 2 x + 1 is learned, to the digit."""
    x = rng.normal(size=(64, 1))
    line, history = train(Chain((Dense.random(1, 1, rng),)), x, 2 * x + 1, loss=MeanSquaredError, epochs=40)
    np.testing.assert_allclose([line.layers[0].W.item(), line.layers[0].b.item()], [2, 1], rtol=1e-6)
    assert history.train_accuracy == ()


def test_the_history_has_a_line_for_each_epoch_and_each_mini_batch(network, clouds):
    """Costs before each step; after each epoch cost and accuracy, here and there."""
    x, labels = clouds
    trained, history = train(network, x, labels, epochs=3, batch_size=40, validation=(x[:9], labels[:9]))
    assert len(history.costs) == 3 * 3
    assert len(history.train_costs) == len(history.validation_costs) == 3
    assert len(history.train_accuracy) == 3
    assert history.validation_accuracy[-1] == accuracy(trained, x[:9], labels[:9])
    expected = Cost(trained, CrossEntropy(labels[:9])).forward(x[:9])[0]
    assert history.validation_costs[-1] == expected


@pytest.mark.parametrize("validated", [True, False])
def test_training_ends_where_the_accuracy_is_reached(validated, network, clouds):
    """On the validation examples, where there are any; else on those trained on."""
    validation = (clouds[0][:3], (clouds[1][:3] + 1) % 3) if validated else None  # wrong labels
    _, history = train(network, *clouds, epochs=50, target_accuracy=0.9, validation=validation)
    if validated:
        assert len(history.train_costs) == 50
    else:
        assert history.train_accuracy[-1] >= 0.9 > max(history.train_accuracy[:-1])
        assert len(history.train_costs) < 50


def test_decay_keeps_the_weights_small(network, clouds):
    """It is part of the cost of each mini-batch, but not of what is reported of an epoch."""
    plain, decayed = (train(network, *clouds, epochs=10, decay=decay)[0] for decay in (0.0, 0.5))
    assert np.abs(decayed.layers[0].W).max() < 0.5 * np.abs(plain.layers[0].W).max()


def test_a_float32_network_stays_one(clouds, rng):
    """Though the examples are float64."""
    network = mlp((2, 4, 3), ReLU(), rng, init="he", dtype=np.float32)
    trained, _ = train(network, *clouds, epochs=1, optimiser=Adam(), decay=0.1, validation=clouds)
    assert {array.dtype for array in parameters(trained).values()} == {np.dtype(np.float32)}


def test_one_hot_labels_are_classes_too(network, clouds):
    """The accuracy is the same as with integers."""
    x, labels = clouds
    histories = [train(network, x, y, epochs=2)[1] for y in (labels, np.eye(3)[labels])]
    assert histories[0].train_accuracy == histories[1].train_accuracy


def test_no_epochs_no_change(network, clouds):
    """The network comes back as it is."""
    trained, history = train(network, *clouds, epochs=0)
    assert (trained is network, history.costs) == (True, ())


def test_a_cost_that_runs_away_is_an_error(clouds, rng):
    """Not a network full of nan."""
    network = Chain((Dense.random(2, 1, rng),))
    x, y, wild = clouds[0], clouds[0][:, :1], {"loss": MeanSquaredError, "optimiser": SGD(1e9)}
    message = r"cost of mini-batch \d+ is (inf|nan): try a smaller rate"
    with pytest.raises(FloatingPointError, match=message), np.errstate(all="ignore"):
        train(network, x, y, epochs=99, **wild)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.zeros(89, int)}, "90 examples but 89 labels"),
        ({"batch_size": 0}, "90 examples by 0: give at least one of each"),
        ({"x": np.zeros((0, 2)), "labels": np.zeros(0, int)}, "0 examples by 32"),
        (
            {"labels": np.zeros((90, 3)), "loss": Huber, "target_accuracy": 0.9},
            "target_accuracy is for labels that are classes",
        ),
    ],
    ids=["labels", "batch size", "no examples", "accuracy of a regression"],
)
def test_what_does_not_fit_is_refused(change, message, network, clouds):
    """Before anything is done."""
    with pytest.raises(ValueError, match=message):
        train(network, **{"x": clouds[0], "labels": clouds[1], "epochs": 1} | change)


@pytest.mark.parametrize(
    ("progress", "terminal", "drawn"),
    [(None, False, False), (None, True, True), (True, False, True), (False, True, False)],
    ids=["no terminal", "terminal", "asked for", "declined"],
)
def test_the_bar_goes_to_stderr_and_only_where_it_is_wanted(progress, terminal, drawn, capsys, monkeypatch):
    """Standard output belongs to the results."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    train(Chain(()), np.eye(2), np.arange(2), epochs=2, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("2/2" in err, "cost=" in err) == (drawn, drawn)


def test_accuracy_by_hand():
    """The largest output is the answer: two of three are right."""
    x, same = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 2.0]]), Chain(())
    assert accuracy(same, x, np.array([0, 1, 1])) == pytest.approx(2 / 3)
    assert accuracy(same, x, np.eye(2)[[0, 1, 1]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize("labels", [np.zeros((3, 1), int), np.zeros(2, int), np.zeros((3, 4))])
def test_accuracy_refuses_labels_of_another_shape(labels):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=r"outputs of shape \(3, 2\) take labels of shape \(3,\)"):
        accuracy(Chain(()), np.zeros((3, 2)), labels)


def test_accuracy_of_nothing_is_refused():
    """It would be 0/0."""
    with pytest.raises(ValueError, match="and at least one"):
        accuracy(Chain(()), np.zeros((0, 2)), np.zeros(0, int))
