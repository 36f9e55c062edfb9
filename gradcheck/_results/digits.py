"""How are two numbers written so that their difference shows?"""

MOST = 17  # digits: with so many no two numbers of double precision are written alike


def told_apart(one: float, other: float, words: str, least: int = 9) -> str:
    """Return a sentence with two numbers, in as many digits as it takes to tell them apart."""
    for digits in range(least, MOST + 1):
        shown = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return words.format(*shown)
