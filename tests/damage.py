"""What becomes of a file that is damaged, or written by an enemy? Bits turn over, values are others."""

from __future__ import annotations

import json

WORDS = ("", "inf", "nan", "WRONG", "KINK", "input", "\ud800", "\x00", "\x1b[31m", "\u202e", "<b>", "=1+1", "|`*")
NAMES = ("os:system", "builtins:print", "numpy:load", "../x.py", "/etc/passwd", "-k x", "x" * 3000)
NUMBERS = (0, 1, 2, 3, -1, 1.5, 1e308, -1e308, 5e-324, 2**53, 2**63 - 1, 2**64, 10**400, float("inf"), float("nan"))
OTHERS = (True, None, [], {}, [[]], {"a": 1}, {"same": "x"}, {"name": "x"}, {"array": "x"}, {"of": 1, "state": {}})
EVERY = (*WORDS, *NAMES, *NUMBERS, *OTHERS)


def flipped(data, rng):
    """Return bytes of which a few bits are others; now and then the end is missing."""
    turned = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5)) if turned else 0):
        turned[rng.randrange(len(turned))] ^= 1 << rng.randrange(8)
    return bytes(turned[: rng.randrange(len(turned) + 1)] if rng.random() < 0.2 else turned)


def distorted(text, rng):
    """Return JSON in which some places hold something else, mostly of their kind, are gone, or stand elsewhere."""
    page = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 4))):
        within = [*_places(page)]
        if within:
            _distort(*rng.choice(within), rng)
    return json.dumps(page, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def damaged(text, rng):
    """Return a page of JSON, damaged in one way or the other."""
    return flipped(text.encode(), rng) if rng.random() < 0.4 else distorted(text, rng)


def _places(value):
    """Yield each container with each of its keys, from the outside to the inside."""
    for key in [*value] if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _distort(holder, key, rng):
    old, way = holder[key], rng.random()
    if way < 0.5 and isinstance(old, (str, int, float)):
        holder[key] = rng.choice((*WORDS, *NAMES) if isinstance(old, str) else NUMBERS)
    elif way < 0.75:
        holder[key] = json.loads(json.dumps(rng.choice(EVERY)))
    elif way < 0.85:
        del holder[key]
    elif isinstance(holder, dict):
        holder[rng.choice(("\ud800", "-1", "9" * 30, "x", "args", "\u0663", "\u00b3", ""))] = holder.pop(key)
    else:
        holder.insert(rng.randrange(len(holder) + 1), json.loads(json.dumps(rng.choice(holder))))
