"""Which changes of the code could nobody see, and why? By file and the beginning of the line: lines outlive numbers."""

from __future__ import annotations

ANY = ""  # whatever becomes of the line
REASONS = (  # file, beginning of the line, what became of what, why
    ("_diagnose/changed_setting.py", "return slope is not None and", "`<=` to `<`", "a tie of measured numbers"),
    ("_diagnose/steps/recorded_array.py", "__array_priority__ = 1.0", "`1.0` to `(1.0 * 2)`", "any above NumPy's does"),
    (
        "_diagnose/wrong_cotangent.py",
        'yield f"the gradient of the conjugate',
        "`*` to `/`",
        "a sign is one over itself",
    ),
    ("_diagnose/straight_through.py", "values = np.unique(", "`1.0` to `(1.0 * 2)`", "zeros are zeros"),
    ("_diagnose/steps/picks.py", "h = BREAK *", "`1.0` to `(1.0 * 2)`", "any small step from zero does"),
    ("_diagnose/steps/picks.py", "rising = APART", "`2` to `(2 * 2)`", "any distance that is larger, and small, does"),
    ("_diagnose/steps/picks.py", "APART =", "`2.0` to `(2.0 * 2)`", "any distance that is larger, and small, does"),
    ("_diagnose/experiments.py", "given += WIDE_STEP", "`0` to `1`", "any other numbers do"),
    ("_diagnose/changed_setting.py", "yield scale * signs", "`*` to `/`", "a sign is one over itself"),
    ("_diagnose/of_the_value.py", 'minus = "-" if slope', "`<` to `<=`", "neither is zero there"),
    ("_diagnose/activation.py", "lambda x: np.where(x > 0, x, np.expm1(", "`>` to `>=`", "both are zero at zero"),
    ("_diagnose/another_number.py", "NUDGE =", "`2.0` to `(2.0 * 2)`", "any first change does"),
    ("_diagnose/per_example.py", "seen = np.round(rows @", "`2` to `(2 * 2)`", "more directions than two do"),
    ("_diagnose/part_of_decay.py", 'much, lacks = ("too much",', "`>` to `>=`", "a sign is no zero"),
    (
        "_diagnose/rearranged.py",
        "for count in range(1,",
        "`1` to `(1 * 2)`",
        "no more axes can be chosen than there are",
    ),
    (
        "_diagnose/rearranged.py",
        "axes = [a for a in range(right.ndim)",
        "`>` to `>=`",
        "shifted off an axis of one all is zero",
    ),
    ("_diagnose/rearranged.py", "moved[(slice(None),) * axis", "`>` to `>=`", "a shift is never 0"),
    ("_diagnose/shadow.py", "rng = np.random.default_rng(0)", ANY, "any directions do"),
    ("_diagnose/roughly.py", "drawn = rng.uniform(", "`1.0` to `(1.0 * 2)`", "any directions do"),
    ("_diagnose/roughly.py", "rng = np.random.default_rng(0)", ANY, "any directions do"),
    ("_entries/at_once.py", "signs = np.random.default_rng(0)", "`0` to `1`", "any signs do"),
    ("_entries/under_test.py", "shared: bool = False  # whether", "`False` to `True`", "it is always given"),
    ("_entries/at_once.py", "return bool(abs(odd", "`<=` to `<`", "a tie of measured numbers"),
    ("_entries/ties.py", "if len(chosen) < tested.leaf.array.size or", "`+` to `-`", "either shows what is not finite"),
    ("_entries/ties.py", "gaps = np.full(len(entries)", "`0` to `1`", "kinks of a tie have one sign"),
    ("_entries/ties.py", "group = [k for k in kinks if sign", "`>` to `>=`", "what is clear has a gap"),
    ("_entries/ties.py", "for sign in (1, -1):", "`1` to `(1 * 2)`", "any number of either sign does"),
    ("_entries/second_opinions/at_zero.py", "jitter = noise[clear", "`-` to ``", "the ratios are alike"),
    ("_entries/second_opinions/at_zero.py", "return Limit(float(slopes[-1]), 0.0", ANY, "all slopes are the same"),
    (
        "_entries/second_opinions/at_zero.py",
        "return Limit(float(limits[-1])",
        "`-` to ``",
        "of six the last three are those from the third on",
    ),
    ("_entries/second_opinions/stands_still.py", "moves = [rung.step for rung", "`>` to `>=`", "a side is no zero"),
    ("_entries/second_opinions/jumps.py", "dense = jump.distance", "`<=` to `<`", "a tie of measured numbers"),
    ("_entries/second_opinions/iterations.py", "h = math.copysign(", "`-` to `+`", "edges lie away from 0, in order"),
    ("_entries/located.py", "if not 0 < len(window)", "`<` to `<=`", "a window holds an entry at least"),
    ("_judge/failure.py", "(t for t in report.tensors", "`0` to `1`", "a wrong tensor has a worst entry"),
    ("_measure/derivative.py", "last = found.last + MORE", "`+` to `-`", "rungs that are known are looked at again"),
    ("_measure/extrapolate.py", "known = np.maximum.accumulate", "`0` to `1`", "both are unknown, as four are needed"),
    ("_measure/plateaus.py", "seen = np.flatnonzero(change >", "`2` to `(2 * 2)`", "what is less is passed over there"),
    ("_measure/slopes.py", "return np.array([min(e, LARGEST)", "`>` to `>=`", "nothing is nothing"),
    ("_measure/slopes.py", "steps, sides, noise, steepest =", "`-` to `+`", "only the last of them are looked at"),
    (
        "_measure/slopes.py",
        "steps, sides, noise, steepest =",
        "`1` to `(1 * 2)`",
        "it is zeros all the same",
    ),
    ("_protocol/forward_mode.py", "tangent[members] =", ANY, "a tangent of any size does"),
    ("_protocol/history.py", "WAYS_BACK =", ANY, "any two places do"),
    ("_protocol/linear.py", "beside = np.roll(self.u, 1)", ANY, "a part of any other cotangent does"),
    ("_protocol/linear.py", "return lambda cotangent: _times(", "`+` to `-`", "a nudge the other way is one"),
    ("_protocol/linear.py", "return lambda cotangent: _times(", "`*` to `/`", "a nudge the other way is one"),
    ("_protocol/linear.py", "signs = np.random.default_rng(0)", ANY, "any signs do"),
    (
        "_protocol/linear.py",
        "signs = np.where(np.real(beside",
        "`>` to `>=`",
        "a zero has no sign, and of what stands across either does",
    ),
    ("_protocol/linear.py", "path: claim if claim.size <= LONG", "`<=` to `<`", "one in one is the whole"),
    ("_protocol/seeds.py", "return cls(np.unique(chosen)", "`1.0` to `(1.0 * 2)`", "nothing is nothing"),
    ("_protocol/forward_mode.py", "rng = np.random.default_rng(", ANY, "any tangents do"),
    ("_protocol/seeds.py", "order = np.argsort(-np", "`-` to ``", "both ends are chosen, and some evenly between"),
    (
        "_protocol/seeds.py",
        "if not (np.isfinite(self.claims)",
        "`and` to `or`",
        "what is no number is within nothing",
    ),
    ("_protocol/seeds.py", "COARSE =", ANY, "any two steps that are not small do"),
)

ANYWHERE = (  # part of the line, what became of what, why
    ("choice([-1.0, 1.0]", "`1.0` to `(1.0 * 2)`", "weights of any size do"),
    ("copy=False", "`False` to `True`", "a copy has the same numbers"),
    ("reshape(", "`1` to `(1 * 2)`", "any negative length stands for what is left"),
    ("strict=True", "`True` to `False`", "the lengths are the same"),
    ("@dataclass(frozen=True", "`True` to `False`", "nothing assigns to a field"),
)


def reason(mutant):
    """Return why a mutant changes nothing that anybody could see; None if it does."""
    place, change, line = mutant.said()
    if mutant.tie:
        return "a tie of measured numbers"
    always = (why for part, became, why in ANYWHERE if part in line and change == became)
    told = (why for file, begin, of, why in REASONS if _is(place, change, line, (file, begin, of)))
    return next(always, None) or next(told, None)


def _is(place, change, line, entry):
    file, begin, of = entry
    return f"gradcheck/{file}:" in place and line.startswith(begin) and of in {ANY, change}
