"""What stands around the code: do workflows, templates and the like name what there is, in the versions that hold?"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from gradcheck import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CALL = re.compile(r'make ([a-z-]+)( [A-Z]+=("\$[A-Z_]+"|\$\{\{ matrix\.[a-z]+ \}\}))*')
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(workflow):
    return read(workflow)["jobs"].values()


def commands(workflow):
    """Return what each job of a workflow runs, a line each."""
    return [line for job in jobs(workflow) for step in job["steps"] for line in step.get("run", "").splitlines()]


def targets():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return phony.split()


def pythons():
    """Return the versions that pyproject.toml names."""
    found = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", c) for c in PROJECT["project"]["classifiers"]]
    return [match[1] for match in found if match]


def test_the_workflows_are_found():
    """Else nothing would be asked of them."""
    assert [path.stem for path in WORKFLOWS] == ["docs", "release", "soak", "tests"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_targets_of_the_makefile_and_nothing_else(workflow):
    """So what is red there can be repeated at home, and neither drifts away from the other."""
    called = [CALL.fullmatch(command) for command in commands(workflow)]
    assert called
    assert all(called), commands(workflow)
    assert {match[1] for match in called} <= set(targets())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_variable_that_a_workflow_sets_is_one_of_the_makefile(workflow):
    """A misspelt one would be taken for nothing."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in re.findall(r" ([A-Z]+)=", "\n".join(commands(workflow))):
        assert re.search(rf"^{name} \?=", makefile, re.MULTILINE), name


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_no_more_than_it_must(workflow):
    """It reads, and a job that needs more says so; each has an end."""
    assert read(workflow)["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in jobs(workflow))
    checkouts = [s for job in jobs(workflow) for s in job["steps"] if s.get("uses", "").startswith("actions/checkout")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_python_that_is_promised_is_tested():
    """By the tests, and with the wheel."""
    for job in ("test", "wheel"):
        matrix = read(ROOT / ".github" / "workflows" / "tests.yml")["jobs"][job]["strategy"]["matrix"]
        assert matrix["python"] == pythons()


@pytest.mark.parametrize("target", targets())
def test_make_can_plan_every_target(target):
    """Nothing that a target needs is without a rule."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_before_a_commit_the_same_versions_look_as_in_lint():
    """Else one accepts what the other refuses."""
    pinned = dict(p.split("==") for p in PROJECT["dependency-groups"]["lint"])
    hooks = {Path(repo["repo"]).name: repo for repo in read(ROOT / ".pre-commit-config.yaml")["repos"]}
    assert hooks["ruff-pre-commit"]["rev"] == f"v{pinned['ruff']}"
    assert hooks["mirrors-mypy"]["rev"] == f"v{pinned['mypy']}"
    (mypy,) = hooks["mirrors-mypy"]["hooks"]
    exact = {tuple(p.split("==")) for p in mypy["additional_dependencies"] if "==" in p}
    assert exact == {item for item in pinned.items() if item[0].startswith("types-")}


def test_the_citation_names_this_version_and_licence():
    """Of the package, and not of an older one."""
    citation = read(ROOT / "CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["version"] == __version__
    assert citation["license"] == PROJECT["project"]["license"]
    assert citation["authors"] == PROJECT["project"]["authors"]


@pytest.mark.parametrize("template", [t for t in TEMPLATES if t.stem != "config"], ids=lambda path: path.stem)
def test_a_template_has_what_a_form_needs(template):
    """A name, a description, and questions with different ids."""
    form = read(template)
    assert {"name", "description", "body"} <= set(form)
    ids = [question["id"] for question in form["body"]]
    assert len(set(ids)) == len(ids)
    assert all(question["attributes"]["label"] for question in form["body"])


def test_a_wrong_verdict_asks_for_the_saved_case():
    """It must be given, and the form says where it lies."""
    (case,) = [q for q in read(ROOT / ".github" / "ISSUE_TEMPLATE" / "wrong-verdict.yml")["body"] if q["id"] == "case"]
    assert case["validations"]["required"]
    assert ".gradcheck/cases" in case["attributes"]["description"]
