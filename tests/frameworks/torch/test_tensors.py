"""How does a tensor become an array, and an array a tensor? Without a copy where that can be."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch.tensors import Moved, cotangents, like, stored, to_array, with_entries  # noqa: E402


def verdicts(report):
    return {name: tensor.verdict for name, tensor in report.tensors.items()}


def wrong(report):
    return {name for name, tensor in report.tensors.items() if tensor.verdict is Verdict.WRONG}


class WrongConjugate(torch.autograd.Function):
    """z conj(z), with a backward that forgets to conjugate."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z * z

    @staticmethod
    def backward(ctx, dy):
        (z,) = ctx.saved_tensors
        return 2 * z * dy


def test_complex_numbers():
    """Both parts are moved; the gradient of z is dL/dRe + i dL/dIm, and a forgotten conjugate is found."""
    z = torch.randn(3, dtype=torch.complex64)
    assert wrong(check_gradients(WrongConjugate, z)) == {"z.real", "z.imag"}
    assert check_gradients(lambda z: z * z, z).verdict is Verdict.CORRECT
    assert check_gradients(lambda z: (z * z.conj()).real.sum(), z).verdict is Verdict.CORRECT
    module = nn.Linear(2, 2, dtype=torch.complex64)
    report = check_gradients(module, torch.randn(3, 2, dtype=torch.complex64))
    assert report.verdict is Verdict.CORRECT
    assert {"weight.real", "weight.imag"} < {*report.tensors}
    assert check_gradients(torch.fft.rfft, torch.randn(5)).verdict is Verdict.CORRECT


def test_entries_that_do_not_fit_a_sparse_tensor_are_refused():
    """As many as it stores; PyTorch itself says so."""
    eye = torch.eye(3).to_sparse()
    with pytest.raises(RuntimeError, match="must have same nnz"):
        with_entries(eye, torch.ones(2))
    assert torch.equal(with_entries(eye, 2 * stored(eye)).to_dense(), 2 * torch.eye(3))


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
def test_the_stored_entries_of_a_sparse_tensor_are_its_array(layout):
    """Under a name of their own, and back in its layout."""
    dense = torch.tensor([[0.0, 2.0], [3.0, 4.0]])
    moved = Moved("s", dense.to_sparse(layout=layout), torch.float32, "input")
    assert moved.paths == ("s.values",)
    whole = moved.whole(moved.tensor_of(moved.arrays()))
    assert whole.layout == layout
    assert torch.equal(whole.to_dense(), dense)


@pytest.mark.parametrize(
    ("tensor", "array"),
    [
        (torch.tensor([1.0, 2.0]), np.float32([1, 2])),
        (torch.tensor([1.5], dtype=torch.bfloat16), np.float32([1.5])),
        (torch.tensor([1 + 2j]).conj(), np.float32([[1, -2]])),
        (torch.tensor([1 + 2j]).conj().imag, np.float32([-2])),
        (torch.eye(2).to_sparse(), np.eye(2, dtype=np.float32)),
        (torch.tensor([1.0], requires_grad=True), np.float32([1])),
        (torch._efficientzerotensor(2), np.zeros(2, np.float32)),
    ],
    ids=["plain", "bfloat16", "conjugate", "negative", "sparse", "in a graph", "zeros without memory"],
)
def test_any_tensor_is_an_array(tensor, array):
    """Complex numbers are pairs, and what NumPy has no dtype for is float32."""
    found = to_array(tensor)
    assert np.array_equal(found, array)
    assert found.dtype == array.dtype


def test_an_array_is_made_like_a_tensor():
    """In its shape and dtype; pairs are complex numbers again, and the array is not shared."""
    z, array = torch.zeros(2, 1, dtype=torch.complex128), np.ones((2, 1, 2))
    made = like(array, z)
    array[...] = 0
    assert (made.dtype, made.shape) == (z.dtype, z.shape)
    assert torch.equal(made, z + 1 + 1j)


def test_memory_is_shared_where_the_dtype_is_the_users():
    """There is nothing to copy; in another precision the tensor is of that."""
    moved = Moved("x", torch.tensor([1.0, 2.0]), torch.float32, "input")
    point = {path: array.copy() for path, array in moved.arrays().items()}
    assert moved.tensor_of(point).data_ptr() == point["x"].ctypes.data
    assert moved.tensor_of({"x": point["x"].astype(float)}).dtype == torch.float64
    half = Moved("h", torch.ones(1, dtype=torch.bfloat16), torch.bfloat16, "input")
    assert half.tensor_of(half.arrays()).dtype == torch.bfloat16
    assert half.coarse


def test_where_there_is_no_gradient_there_are_zeros():
    """Of both parts of a complex number."""
    z = Moved("z", torch.ones(2, dtype=torch.complex128), torch.complex128, "input")
    found = z.split(None, z.arrays())
    assert {path: array.tolist() for path, array in found.items()} == {"z.real": [0, 0], "z.imag": [0, 0]}
    assert z.split(torch.tensor([1 + 2j, 3]), z.arrays())["z.imag"].tolist() == [2, 0]


@pytest.mark.filterwarnings("ignore:Sparse")
def test_sparse_gradients_and_sparse_inputs():
    """They are compared as if they were dense."""
    table = nn.Embedding(5, 3, sparse=True)
    assert verdicts(check_gradients(table, torch.tensor([1, 2, 2]))) == {"weight": Verdict.CORRECT}
    for sparse in (torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr()):
        report = check_gradients(lambda s: (s @ torch.ones(3, 2, dtype=s.dtype)).sin(), sparse.requires_grad_())
        assert verdicts(report) == {"s.values": Verdict.CORRECT}


def test_a_flat_cotangent_is_cut():
    """Complex numbers take two."""
    us = cotangents({"y": torch.zeros(2, 2), "z": torch.zeros(1, dtype=torch.complex128)}, np.arange(6.0))
    assert torch.equal(us["y"], torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    assert us["z"].item() == 4 + 5j
