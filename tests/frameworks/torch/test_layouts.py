"""Does a backward depend on how its cotangent lies in memory? One that does is found, and told how it lay."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.handwritten import Layer, cube, slope  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch import layouts  # noqa: E402

IMAGES = torch.randn(2, 3, 4, 5, dtype=torch.float64)


def walked(x, dy):
    """Walk over the memory of the cotangent."""
    return slope(x) * dy.as_strided(dy.shape, dy.contiguous().stride(), dy.storage_offset())


def viewed(x, dy):
    return (slope(x).reshape(-1) * dy.view(-1)).view(x.shape)


def from_the_start(x, dy):
    """Read the memory from its first number on."""
    dy = dy.contiguous()
    return slope(x) * dy.as_strided(dy.shape, dy.stride(), 0)


def of_a_sum(x, dy):
    """Take one number for all, which is right behind a sum alone."""
    return slope(x) * (dy.flatten()[0] if 0 in dy.stride() else dy)


def pixel_by_pixel(x, dy):
    last = dy.is_contiguous(memory_format=torch.channels_last) and not dy.is_contiguous()
    return slope(x) * (dy.permute(0, 2, 3, 1).reshape(dy.shape) if last else dy)


def asserted(x, dy):
    assert dy.is_contiguous()
    return slope(x) * dy


def blind_to_conjugates(x, dy):
    return slope(x).conj() * (dy.conj().resolve_conj() if dy.is_conj() else dy)


@pytest.mark.parametrize(
    ("backward", "x", "verdict", "lay"),
    [
        (walked, torch.randn(3, 4), Verdict.WRONG, "transposed (not contiguous)"),
        (walked, torch.randn(5), Verdict.WRONG, "a slice with gaps between its numbers (stride 2)"),
        (viewed, torch.randn(3, 4), Verdict.BROKEN, "transposed (not contiguous)"),
        (asserted, torch.randn(3, 4), Verdict.BROKEN, "transposed (not contiguous)"),
        (from_the_start, torch.randn(3, 4), Verdict.WRONG, "a slice of a larger tensor"),
        (of_a_sum, torch.randn(3, 4), Verdict.WRONG, "expanded (stride 0)"),
        (pixel_by_pixel, IMAGES, Verdict.WRONG, "of memory format channels_last"),
        (blind_to_conjugates, torch.randn(3, dtype=torch.complex128), Verdict.WRONG, "a lazy conjugate"),
    ],
)
def test_a_backward_that_is_right_for_some_layouts_only(backward, x, verdict, lay):
    """The numbers are the same, and right; the sentence says how they lay, and whose backward it is."""
    report = check_gradients(cube(backward).apply, x, neighbours=0, entries=2)
    assert report.verdict is verdict
    assert {t.verdict for t in report.tensors.values()} == {Verdict.CORRECT}
    (problem,) = report.problems
    what = "gives a different gradient" if verdict is Verdict.WRONG else "raises"
    assert f"the backward of Other {what}" in problem.sentence
    assert f"for a cotangent that is {lay}" in problem.sentence


def test_whose_backward_it_is_among_several():
    """Also where what comes to it lies as another Function has left it."""
    good = type("Good", (cube(lambda x, dy: slope(x) * dy),), {})
    model = lambda x: good.apply(cube(walked).apply(good.apply(x)))  # noqa: E731
    (problem,) = check_gradients(model, torch.randn(3, 4), neighbours=0).problems
    assert "the backward of Other gives a different gradient of x" in problem.sentence


def test_an_operator_of_the_users_and_a_layer_within_a_model():
    """torch.library makes a Function of a backward; and the cotangent of a layer comes from above."""
    squared = torch.library.custom_op(
        "gradcheck_tests::squared", lambda x: x * x, mutates_args=(), schema="(Tensor x) -> Tensor"
    )
    squared.register_autograd(
        lambda ctx, dy: 2 * ctx.x * dy.as_strided(dy.shape, dy.contiguous().stride()),
        setup_context=lambda ctx, inputs, output: setattr(ctx, "x", inputs[0]),
    )
    (problem,) = check_gradients(squared, torch.randn(3, 4)).problems
    assert "the backward of gradcheck_tests_squared gives a different gradient of x" in problem.sentence
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), Layer(4, 3, function=_viewing()), nn.Tanh())
    (problem,) = check_gradients(model, torch.randn(3, 4), neighbours=0, entries=2).problems
    assert "the backward of Other raises" in problem.sentence


def _viewing():
    from models.torches.handwritten import product

    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        return (dy.view(-1, dy.shape[1]) @ weight).view(x.shape), dy.view(
            dy.shape[0], -1
        ).T @ x if dy.is_contiguous() else dy.view(-1)

    return product(backward)


@pytest.mark.parametrize(
    "x", [torch.randn(3, 4), torch.randn(5), torch.randn(()), IMAGES, torch.randn(2, 3, dtype=torch.cfloat)]
)
def test_right_ones_pass(x):
    """One that does not mind, and one that begins with a copy where it must."""
    for backward in (
        lambda x, dy: slope(x).conj() * dy,
        lambda x, dy: viewed(x.conj(), dy.resolve_conj().contiguous()),
    ):
        report = check_gradients(cube(backward).apply, x, neighbours=0, entries=2)
        assert (report.verdict, report.problems) == (Verdict.CORRECT, ())


LAYOUTS = (
    layouts.sliced,
    layouts.gapped,
    layouts.transposed,
    layouts.conjugated,
    layouts.channels_last,
    layouts.strided,
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "u",
    [
        torch.randn(3, 4),
        torch.randn(5),
        torch.randn(()),
        IMAGES,
        torch.randn(2, 3, dtype=torch.cfloat),
        torch.zeros(0, 3),
    ],
)
def test_a_layout_changes_no_number(layout, u):
    """And what an expanded one repeats is the mean over its first axis."""
    assert torch.equal(layout(u), u)
    assert layouts.expanded(u).shape == u.shape


def test_who_walks_over_an_expanded_cotangent_does_not_leave_it():
    """There is memory for all its numbers."""
    u = layouts.expanded(torch.randn(3, 4))
    assert u.stride(0) == 0
    assert u.untyped_storage().nbytes() >= u.numel() * u.element_size()
