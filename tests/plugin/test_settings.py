"""Keywords for all checks: of the call over the marker over the command line over the ini file over the default."""

from __future__ import annotations

import pytest

SEEN = """
def test(gradcheck):
    report = gradcheck(cube, X, grad=right{call})
    print("seed", report.seed, "checked", report.checked)
"""


@pytest.fixture
def seen(run, pytester):
    """Return the line that a check prints, with a seed said in some of the places where it may be said."""

    def line(*options, call="", marker="", ini=""):
        pytester.makeini(f"[pytest]\n{ini}\n")
        result = run(marker + SEEN.format(call=call), "-s", *options)
        result.assert_outcomes(passed=1)
        return next(text for text in result.outlines if "checked" in text).partition("seed ")[2]

    return line


def test_what_is_closer_wins(seen):
    """Each place is asked only if those before it say nothing."""
    ini, option, marker = "gradcheck_seed = 1", "--gradcheck-seed=2", "@pytest.mark.gradcheck(seed=3)"
    assert seen(option, ini=ini, marker=marker, call=", seed=4") == "4 checked 3"
    assert seen(option, ini=ini, marker=marker) == "3 checked 3"
    assert seen(option, ini=ini) == "2 checked 3"
    assert seen(ini=ini) == "1 checked 3"
    assert seen() == "0 checked 3"


def test_the_number_of_entries_is_set_likewise(seen):
    """auto, all or a number."""
    assert seen("--gradcheck-entries=2", ini="gradcheck_entries = 1") == "0 checked 2"
    assert seen(ini="gradcheck_entries = 1") == "0 checked 1"
    assert seen("--gradcheck-entries=all", ini="gradcheck_entries = 1") == "0 checked 3"


@pytest.mark.parametrize(
    "setting",
    [
        "neighbours = 0",
        "rtol = 0.01",
        "precision = as-is",
        "entries = 3",
        "max_evaluations = 300",
        "workers = 2",
        "seed = 5",
    ],
)
def test_every_keyword_of_the_ini_file_reaches_the_check(run, pytester, setting):
    """What the check is called with is of the type that it wants."""
    name, value = setting.split(" = ")
    pytester.makeini(f"[pytest]\ngradcheck_{setting}\n")
    value = value if name == "precision" else float(value)
    result = run(f"""
def test(gradcheck, monkeypatch):
    import gradcheck._plugin.fixture as fixture
    calls = []
    monkeypatch.setattr(fixture, "check_gradients", lambda *args, **keywords: calls.append(keywords) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        gradcheck(cube, X, grad=right)
    assert calls[0] == {{"grad": right, {name!r}: {value!r}}}
""")
    result.assert_outcomes(passed=1)


def test_a_toml_file_keeps_its_types(run, pytester):
    """A number may stand in `[tool.pytest.ini_options]`, as a string, in every version of pytest."""
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\ngradcheck_seed = "6"\ngradcheck_rtol = "1e-4"')
    run(SEEN.format(call=""), "-s").stdout.fnmatch_lines(["gradcheck: seed 6, rtol 0.0001", "*seed 6 checked 3"])


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="[tool.pytest] came with pytest 9")
def test_a_native_toml_file_has_numbers(run, pytester):
    """In `[tool.pytest]` a number is a number."""
    pytester.makepyprojecttoml('[tool.pytest]\ngradcheck_seed = 6\ngradcheck_report = ["json:a/b.json"]')
    run(SEEN.format(call="")).stdout.fnmatch_lines(["gradcheck: seed 6", "json: written to a/b.json"])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("seed=lucky", "*--gradcheck-seed: 'lucky': write a whole number, 0 or more"),
        ("seed=-1", "*--gradcheck-seed: '-1': write a whole number, 0 or more"),
        ("entries=0", "*--gradcheck-entries: '0': write auto, all, or how many entries of each tensor"),
        ("entries=some", "*--gradcheck-entries: 'some': write auto, all, or how many entries of each tensor"),
        ("workers=0", "*--gradcheck-workers: '0': write how many processes, or joblib"),
    ],
)
def test_nonsense_is_refused_before_a_test_runs(run, option, message):
    """The message says what to write."""
    result = run(SEEN.format(call=""), f"--gradcheck-{option}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([message])


@pytest.mark.parametrize("setting", ["seed = lucky", "seed = -1", "rtol = 2", "rtol = small", "precision = single"])
def test_nonsense_in_the_ini_file_is_refused_too(run, pytester, setting):
    """The message names option and file, and no traceback is shown."""
    pytester.makeini(f"[pytest]\ngradcheck_{setting}\n")
    result = run(SEEN.format(call=""))
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: gradcheck_{setting.split()[0]} in tox.ini: *"])
    result.stderr.no_fnmatch_line("*Traceback*")
