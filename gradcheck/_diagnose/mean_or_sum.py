"""Is a factor a size that was summed over, averaged over, or rooted: a forgotten mean?"""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck._diagnose.evidence import RELATIVE, Case


def readings(ratio: float, name: str, n: int) -> Iterator[tuple[tuple[bool, bool], str, str]]:
    """Yield how a factor may be read as a size: whether that is far-fetched, in words, and what it comes from."""
    batch = "batch" in name
    count = batch or name.startswith(("the first axis", "the number"))
    for times, words in ((1.0, ""), (2.0, "twice "), (0.5, "half of ")) if count else ((1.0, ""),):
        rank = (times != 1, not batch)
        if abs(ratio / (n * times) - 1) < RELATIVE:
            end = "a sum where the mean over the batch is meant" if batch else "a sum where a mean over it is meant"
            yield rank, f"{round(n * times)} is {words}{'' if times == 1 else f'{n}, '}{name}", end
        if abs(ratio * n / times - 1) < RELATIVE:
            end = "the mean over the batch taken twice, or a mean where a sum is meant" if batch else ONCE
            yield rank, f"{times:g}/{n} with {n} {name}", end


def root_of(ratio: float, case: Case) -> str | None:
    """Read a factor as the root of a size, or as what an unbiased variance differs by."""
    for name, n in sorted(case.sizes.items(), key=lambda item: item[1]):
        roots = {
            f"the square root of {n}, {name}: a scale by it is forgotten, or taken twice": n**0.5,
            f"{n}/{n - 1} with {n} {name}: divided by n - 1 where n is meant, or the other way round": n
            / max(n - 1, 1),
            f"the square root of {n}/{n - 1} with {n} {name}: a variance over n - 1 where n is meant, "
            "or the other way round": (n / max(n - 1, 1)) ** 0.5,
        }
        for words, root in roots.items():
            if n > 2 and abs(ratio / root - 1) < RELATIVE:
                return words
            if n > 2 and abs(ratio * root - 1) < RELATIVE:
                return f"1 over {words}"
    return None


ONCE = "a mean taken once too often, or a mean where a sum is meant"
