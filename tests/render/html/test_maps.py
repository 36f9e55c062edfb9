"""Heat maps: one wrong entry among a million is seen, whatever else there is."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._render.html.grid import CELLS, grid, laid_flat
from gradcheck._render.html.maps import FAINTEST, LEVELS, NOT_FINITE, PALETTE, UNCHECKED, _shades, heat_maps
from gradcheck._results.verdict import Verdict


def big(tensor, **fields):
    """Return a million entries of which those from the middle on are of a verdict."""
    return tensor(shape=(1000, 1000), verdict=Verdict.WRONG, **({"claim": 1e-3, "estimate": 0.0} | fields))


def test_one_wrong_entry_among_a_million_has_a_cell_of_its_own(tensor):
    """In the block of a wrong entry all three pictures show that one, though its neighbours are larger."""
    flat = grid(big(tensor))
    assert flat.cells == (CELLS, CELLS)
    assert np.argwhere(flat.guilty).tolist() == [[45, 0]]
    assert (flat.claims[45, 0], flat.estimates[45, 0], flat.differences[45, 0]) == (1e-3, 0.0, 1e-3)
    assert flat.claims[0, 0] == 0.5


def test_the_worst_of_several_wrong_entries_stands_for_its_block(tensor):
    """Among the wrong entries of a block the largest difference counts."""
    result = big(tensor, n=3)
    result.claims[500_001] = -7.0
    assert grid(result).differences[45, 0] == -7.0


def test_of_right_entries_the_largest_stands_for_its_block(tensor):
    """A pooled picture keeps the sign of what is largest."""
    result = tensor(shape=(2, 180), n=0)
    result.claims[:] = np.linspace(-3, 1, 360)
    flat = grid(result)
    assert flat.cells == (2, 90)
    assert flat.pooled
    assert flat.claims[0, 0] == -3.0
    assert flat.claims[1, -1] == 1.0


@pytest.mark.parametrize(
    ("shape", "size"),
    [((), (1, 1)), ((5,), (1, 5)), ((2, 3), (2, 3)), ((8, 3, 3, 3), (8, 27)), ((4, 0), (4, 0))],
    ids=str,
)
def test_the_first_axis_lies_down_and_all_others_across(shape, size):
    """A vector is a strip; a kernel has a row for each of its channels."""
    assert laid_flat(shape) == size


def test_what_was_not_checked_is_chequered(tensor):
    """An entry that nobody measured does not look like zero."""
    result = tensor(shape=(4, 4), checked=8, n=0)
    shades = _shades(grid(result).claims, 0.5, grid(result), None)
    assert (shades[:2] == 2 * LEVELS).all()
    assert set(shades[2:].ravel().tolist()) == {UNCHECKED, UNCHECKED + 1}
    assert heat_maps(result, result.worst).unchecked


def test_what_is_not_finite_has_a_colour_of_its_own(tensor):
    """A claim of nan is neither zero nor large, in the claim and in the difference."""
    result = tensor(shape=(4, 4), verdict=Verdict.WRONG, claim=np.nan)
    flat = grid(result)
    assert (_shades(flat.claims, 1.0, flat, None) == NOT_FINITE).sum() == 1
    assert (_shades(flat.differences, 1.0, flat, None) == NOT_FINITE).sum() == 1
    shown = heat_maps(result, result.worst)
    assert shown.infinite
    assert [m.top for m in shown.maps] == ["0.5", "0.5", ""]


def test_a_small_wrong_entry_is_seen_beside_a_large_one(tensor):
    """No wrong entry is fainter than a shade that can be seen, and it keeps its sign."""
    result = tensor(shape=(20, 20), verdict=Verdict.WRONG, n=2, claim=5.0, estimate=0.0)
    result.claims[201] = -1e-9
    flat = grid(result)
    shades = _shades(flat.differences, 5.0, flat, flat.guilty)
    assert shades[10, :3].tolist() == [2 * LEVELS, LEVELS - FAINTEST, LEVELS]


def test_the_pattern_is_kept_where_much_is_wrong(tensor):
    """Where every entry is wrong no shade is lifted: the small ones tell something by being small."""
    few, all_ = (tensor(shape=(20, 20), verdict=Verdict.WRONG, n=n, claim=1.0) for n in (3, 400))
    assert heat_maps(few, few.worst).tinted
    assert not heat_maps(all_, all_.worst).tinted


def test_claim_and_estimate_share_a_scale_unless_they_are_far_apart(tensor):
    """A factor of 2 shows as twice the shade; a factor of 1000 would leave one picture blank."""
    twice, thousand = (tensor(n=640, verdict=Verdict.WRONG, claim=c, estimate=1.0) for c in (2.0, 1000.0))
    assert [m.top for m in heat_maps(twice, twice.worst).maps] == ["2", "2", "1"]
    assert [m.top for m in heat_maps(thousand, thousand.worst).maps] == ["1e3", "1", "1e3"]


def test_zero_is_the_paper_and_either_sign_darkens_alike():
    """The colours are as strong for a negative value as for a positive one, and nothing at zero."""
    opacity = PALETTE[: 2 * LEVELS + 1, 3].astype(int)
    assert opacity[LEVELS] == 0
    assert (opacity == opacity[::-1]).all()
    assert (np.diff(opacity[LEVELS:]) > 0).all()


def test_the_axes_say_what_they_count(tensor):
    """Titles and last indices; the first is zero."""
    kernel, matrix = tensor(shape=(8, 3, 3, 3), n=0), tensor(shape=(1000, 2), n=0)
    shown = heat_maps(kernel, kernel.worst)
    assert shown.rows == ("axis 0", "7")
    assert shown.columns == ("axes 1 to 3", "26")
    assert heat_maps(matrix, matrix.worst).rows == ("row", "999")
    assert "12 × 1 entries" in heat_maps(matrix, matrix.worst).pooled


def test_the_words_say_what_a_picture_shows(tensor):
    """Who cannot see it hears what it is, its range and the worst place."""
    result = tensor(shape=(4, 4), verdict=Verdict.WRONG, claim=-2.0, estimate=2.0)
    words = [m.words for m in heat_maps(result, result.worst).maps]
    assert words[0] == "Heat map of claim: 4 × 4 cells, from -2 to 0.5."
    assert words[2] == "Heat map of difference: 4 × 4 cells, from -4 to 0; worst at [2,0]."


def test_a_number_alone_has_no_picture(tensor):
    """One entry is read, not looked at."""
    scalar = tensor(shape=(), verdict=Verdict.WRONG)
    assert heat_maps(scalar, scalar.worst) is None


def test_the_ring_lies_on_the_worst_entry(tensor):
    """Its centre is that of the cell."""
    result = tensor(shape=(4, 8), verdict=Verdict.WRONG, claim=9.0)
    shown = heat_maps(result, result.worst)
    assert result.worst.index == (2, 0)
    assert shown.ring[:2] == (shown.width / 16, shown.height * 5 / 8)


def test_scales_that_differ_say_by_how_much(tensor):
    """Claim and measurement share one, unless one of them would be white."""
    shown = heat_maps(*_with_worst(tensor(shape=(2, 2), verdict=Verdict.WRONG, n=4, claim=3.2, estimate=0.1)))
    assert shown.apart == "Two scales: the largest claim is 32 times the largest measurement."
    alike = heat_maps(*_with_worst(tensor(shape=(2, 2), verdict=Verdict.WRONG, n=4, claim=0.2, estimate=0.1)))
    assert alike.apart == ""
    assert alike.maps[0].top == alike.maps[1].top


@pytest.mark.parametrize(
    ("kind", "rows", "columns"),
    [("jacobian", "output", "input"), ("operator", "output", "input"), ("weight", "row", "column")],
)
def test_axes_have_the_names_of_what_they_are(tensor, kind, rows, columns):
    """Of a Jacobian, or an operator, outputs are down and inputs across."""
    result = tensor(shape=(4, 4), kind=kind, verdict=Verdict.WRONG, n=1, claim=1.0)
    shown = heat_maps(*_with_worst(result))
    assert (shown.rows[0], shown.columns[0]) == (rows, columns)


def _with_worst(result):
    return result, result.worst
