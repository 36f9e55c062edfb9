"""What is in the wheel, and does it live in peace with what a user has beside it?"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel into an empty folder."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--no-compile", "--target", folder, wheel)
    return folder


def pip(*args):
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *map(str, args)], check=True)


def python(code, *, path, cwd):
    """Run code in a fresh interpreter, with our dependencies but not the editable installation."""
    search = os.pathsep.join([str(path), sysconfig.get_path("purelib")])
    environment = os.environ | {"PYTHONPATH": search, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],  # -S: *.pth, by which a folder is editable, is not read
        cwd=cwd,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_top_level_of_the_wheel_is_the_package_and_the_plugin(wheel):
    """Two names are installed, and neither of them is `networks`."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"gradcheck", "_gradcheck_pytest.py"}
    assert "gradcheck/networks/__init__.py" in names
    assert "gradcheck/networks.py" not in names
    assert "gradcheck/py.typed" in names


def test_all_files_of_the_packages_are_in_the_wheel(wheel):
    """Nothing is forgotten: code, templates and data."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = [f for place in ("gradcheck", "networks") for f in (ROOT / place).rglob("*")]
    expected = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc"
    } - {"gradcheck/networks.py"}
    expected = {n if n.startswith("gradcheck") else f"gradcheck/{n}" for n in expected}
    assert expected - names == set()


@pytest.mark.parametrize("regular", [True, False], ids=["package", "namespace"])
def test_a_folder_networks_of_the_user_is_not_hidden(installed, tmp_path, regular):
    """`import networks` is the user's, `gradcheck.networks` is ours, in one process."""
    own = tmp_path / "networks"
    own.mkdir()
    (own / "mine.py").write_text("answer = 42\n")
    if regular:
        (own / "__init__.py").touch()
    code = (
        "import networks, networks.mine, gradcheck.networks\n"
        "from gradcheck.networks import Dense\n"
        "print(networks.mine.answer, Dense.__module__, gradcheck.networks.__file__)\n"
    )
    answer, module, file = python(code, path=installed, cwd=tmp_path).split()
    assert (answer, module.split(".")[:2]) == ("42", ["gradcheck", "networks"])
    assert Path(file) == installed / "gradcheck" / "networks" / "__init__.py"


@pytest.mark.parametrize("module", ["gradcheck", "_gradcheck_pytest", "gradcheck._cli.main"])
def test_nothing_heavy_is_imported_before_it_is_needed(tmp_path, module):
    """Importing the package, the plugin's entry or the command does not import NumPy."""
    code = (
        f"import sys, {module}\n"
        "heavy = 'numpy hypothesis tabulate jinja2 tqdm torch jax'\n"
        "print([name for name in heavy.split() if name in sys.modules])\n"
    )
    assert python(code, path=ROOT, cwd=tmp_path).strip() == "[]"


def test_the_public_names_are_all_there(tmp_path):
    """Each name of `__all__` loads, and the version is that of the distribution."""
    code = (
        "import gradcheck, importlib.metadata\n"
        "for name in gradcheck.__all__: getattr(gradcheck, name)\n"
        "print(gradcheck.__version__, importlib.metadata.version('gradcheck'))\n"
    )
    ours, installed = python(code, path=ROOT, cwd=tmp_path).split()
    assert ours == installed
