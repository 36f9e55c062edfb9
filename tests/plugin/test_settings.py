"""Keywords for all checks: of the call over the marker over the command line over the ini file over the default."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gradcheck._plugin import settings

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
        ("entries=0", "*--gradcheck-entries: '0': write auto, all, directions, or how many entries of each tensor"),
        (
            "entries=some",
            "*--gradcheck-entries: 'some': write auto, all, directions, or how many entries of each tensor",
        ),
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


UNDECIDED = """
def test(gradcheck):
    gradcheck(lambda p: float(p["a"].sum()), {"a": X, "b": X}, grad=lambda p: {"a": np.ones(3), "b": np.zeros(3)})
"""


def test_what_is_untested_fails_where_it_is_wished(run, pytester):
    """By a flag or in the ini file; else it passes, and the row says so."""
    run(UNDECIDED).assert_outcomes(passed=1)
    result = run(UNDECIDED, "--gradcheck-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["gradcheck: seed 0, strict yes", "*3 untested of 6 entries, in b, which --gradcheck-strict does not let pass"]
    )
    pytester.makeini("[pytest]\ngradcheck_strict = true\n")
    run(UNDECIDED).assert_outcomes(failed=1)
    run("def test(gradcheck): gradcheck(cube, X, grad=right)").assert_outcomes(passed=1)


def test_what_is_undecided_fails_as_well(run):
    """A few entries of many, which else are a warning; all that are left are counted."""
    source = """
import warnings
def test(gradcheck):
    x = np.linspace(0.5, 1.5, 8)
    rng = np.random.default_rng(0)
    with warnings.catch_warnings(action="ignore"):
        gradcheck(lambda x: float((x[1:]**2).sum() + round(3 * x[0], 1)), x,
                  grad=lambda x: np.append(3.0, 2 * x[1:]))
"""
    run(source, "--gradcheck-strict").assert_outcomes(failed=1)


def test_an_older_pytest_reads_what_was_written_for_a_newer_one(pytester, monkeypatch):
    """The settings below `[tool.pytest]`, which it does not know by itself."""
    pytester.makepyprojecttoml('[tool.pytest]\ngradcheck_seed = 6\ngradcheck_strict = true\nminversion = "9"')
    config = pytester.parseconfig()
    monkeypatch.setattr(pytest, "version_tuple", (8, 4, 0))
    unread = SimpleNamespace(
        rootpath=config.rootpath, inipath=None, getoption=lambda *_: None, getini=lambda name: None
    )
    assert settings.said(unread) == {"seed": 6}
    assert settings.strict(unread)
    assert settings.older(unread, "report") is None
    monkeypatch.setattr(pytest, "version_tuple", (9, 0, 0))
    assert settings.said(unread) == {}


@pytest.mark.parametrize("text", [None, "[tool", "[project]"])
def test_without_such_a_table_there_is_nothing_to_read(tmp_path, text):
    """Nor where it is no TOML: of that pytest has its own word."""
    if text:
        (tmp_path / "pyproject.toml").write_text(text)
    assert settings._unread(tmp_path / "pyproject.toml") == {}
