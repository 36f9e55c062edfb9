"""The median is that of NumPy, to the last bit, and NumPy's masked arrays are not loaded for it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradcheck._results.middle import median


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 10, 2000, 2001])
def test_it_is_that_of_numpy(size):
    numbers = np.random.default_rng(size).normal(size=size)
    assert median(numbers) == np.median(numbers)


@pytest.mark.parametrize("numbers", [[1.0, np.nan, 3.0], [np.inf, 1.0, np.inf], [-np.inf, np.inf], [0.0, -0.0]])
def test_it_is_so_of_what_is_not_finite(numbers):
    with np.errstate(invalid="ignore"):
        expected = np.median(numbers)
    assert repr(float(median(np.array(numbers)))) == repr(float(expected))


def test_it_is_so_of_many():
    numbers = np.random.default_rng(0).normal(size=4001)
    numbers[7] = np.nan
    assert np.isnan(median(numbers))


def test_a_matrix_has_one_as_well():
    assert median(np.arange(6.0).reshape(2, 3)) == 2.5


def test_a_check_of_plain_arrays_loads_no_masked_ones():
    code = (
        "import sys, numpy as np\n"
        "from gradcheck import check_gradients\n"
        "check_gradients(lambda x: float(np.sum(np.sin(x))), np.array([0.3, 0.7]), grad=np.cos)\n"
        "print([name for name in ('numpy.ma', 'tqdm', 'multiprocessing', 'difflib') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
