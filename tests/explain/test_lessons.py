"""Every chapter has its lesson."""

from __future__ import annotations

from gradcheck._explain import chapters, lessons, pictures


def test_every_chapter_has_a_lesson(example):
    """And every lesson a chapter, every picture a place."""
    told = list(chapters.story(example))
    assert [chapter.title for chapter in told] == list(lessons.LESSONS)
    assert {name for chapter in told for name, _ in chapter.pictures} == set(pictures.PICTURES)
