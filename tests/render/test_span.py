"""How wide a text is, and where its lines break."""

from __future__ import annotations

from gradcheck._render import span


def test_a_long_word_is_broken_only_if_it_must_be():
    """On a line of its own it may fit."""
    assert span.wrapped("a bcdefgh", 8) == ["a", "bcdefgh"]
    assert span.wrapped("abcdefghij kl", 8, "x  ", "  ") == ["x", "  abcdef", "  ghij", "  kl"]
    assert span.wrapped("", 8, "x  ") == []
    assert span.wrapped("重み行列", 4) == ["重み", "行列"]
