"""What is true of the operators on which checkers disagree? Worked out by hand, one line each."""

from __future__ import annotations

RIGHT, WRONG, NEITHER = "right", "wrong", "no derivative"

EMPTY = "one sample returns an empty tensor: nothing to differentiate, and said so"
STATISTICS = (
    "right where it claims anything; the saved mean and scale move, and PyTorch declares them not differentiable"
)
STAIRS = "a step function: zero wherever it is smooth; where the steps are narrow, larger ones see a slope"
REMAINDER = "with jumps; the entries that are not decided lie next to one"
CAST = "the identity; the step of 1e-6 that PyTorch's checker takes is lost in the narrower result"
REPEATED = "an index that occurs twice: one of the values is overwritten, and both get the gradient"
NAN = "an entry of the sample is not finite, and no step moves it"
LABELS = "the labels require a gradient in the samples, and the function jumps where a label is not exactly 1 or -1"

TRUTHS: dict[str, tuple[str, str]] = {
    "__rmod__": (RIGHT, REMAINDER),
    "__rpow__": (NEITHER, "powers of negative numbers are nan"),
    "_batch_norm_with_update": (RIGHT, STATISTICS),
    "_native_batch_norm_legit": (RIGHT, STATISTICS),
    "as_strided.partial_views": (
        RIGHT,
        "it reads beyond its input, in memory of which that is a view; at other points its input has none such",
    ),
    "as_strided_scatter": (
        WRONG,
        "the gradient of its input is where that was written over, and zero elsewhere: the wrong way round",
    ),
    "bernoulli": (NEITHER, "the drawn number jumps as its probability passes the random number"),
    "bfloat16": (RIGHT, CAST),
    "cfloat": (RIGHT, CAST),
    "chalf": (RIGHT, CAST),
    "cov": (RIGHT, "the weights are in float32, in which a step of 1e-6 is lost"),
    "diff": (RIGHT, EMPTY),
    "div.floor_rounding": (RIGHT, STAIRS),
    "div.trunc_rounding": (RIGHT, STAIRS),
    "float": (RIGHT, CAST),
    "fmod": (RIGHT, REMAINDER),
    "gather": (RIGHT, EMPTY),
    "half": (RIGHT, CAST),
    "linalg.cholesky_ex": (
        RIGHT,
        "at the given point; nearby, at matrices that are not positive definite, it returns half a factor and no error",
    ),
    "linalg.lstsq": (RIGHT, "the singular values move, and PyTorch declares them not differentiable"),
    "linalg.lu_solve": (RIGHT, EMPTY),
    "linalg.norm.subgradients_at_zero": (
        WRONG,
        "at zero: ord=-2 claims slopes along single entries, along which it is flat; ord=0 jumps; the others are kinks",
    ),
    "linalg.solve_triangular": (RIGHT, EMPTY),
    "logsumexp": (RIGHT, "a weight of 1e-13, that is, less than the last digit of the result"),
    "lu_solve": (RIGHT, EMPTY),
    "nanmean": (RIGHT, NAN),
    "nansum": (RIGHT, NAN),
    "narrow": (RIGHT, EMPTY),
    "narrow_copy": (RIGHT, EMPTY),
    "native_batch_norm": (RIGHT, STATISTICS),
    "native_group_norm": (
        WRONG,
        "the gradients of its second and third output are dropped where the first has none",
    ),
    "native_layer_norm": (RIGHT, STATISTICS),
    "nn.functional.cosine_embedding_loss": (NEITHER, LABELS),
    "nn.functional.hinge_embedding_loss": (NEITHER, LABELS),
    "nn.functional.max_unpool1d": (WRONG, REPEATED),
    "nn.functional.max_unpool2d": (WRONG, REPEATED),
    "nn.functional.max_unpool3d": (WRONG, REPEATED),
    "nn.functional.normalize": (
        RIGHT,
        "along a dimension of one it is a number divided by its own size, 1 or -1: what moves is rounding",
    ),
    "nn.functional.pdist": (RIGHT, EMPTY),
    "normal": (WRONG, "drawn with the same random numbers it moves with mean and scale, and claims that it does not"),
    "normal.number_mean": (
        WRONG,
        "drawn with the same random numbers it moves with the scale, and claims that it does not",
    ),
    "polar": (RIGHT, "at lengths that are not negative, as it asks for; at negative ones, nearby, the sign is wrong"),
    "remainder": (RIGHT, REMAINDER),
    "repeat": (RIGHT, EMPTY),
    "round": (RIGHT, REMAINDER),
    "round.decimals_3": (RIGHT, STAIRS),
    "sparse.mm.reduce": (
        RIGHT,
        "at the entries that are specified; those that are not get no gradient, which counts unless masked=True",
    ),
    "sparse.sampled_addmm": (RIGHT, "its result is sparse, which neither door takes"),
    "take": (RIGHT, EMPTY),
    "tile": (RIGHT, EMPTY),
    "torch.ops.aten._safe_softmax.default": (RIGHT, NAN),
    "trunc": (RIGHT, REMAINDER),
}
