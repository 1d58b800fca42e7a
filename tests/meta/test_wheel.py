"""What is installed from the wheel works without the sources, and beside whatever names its user has."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from conftest import eventually

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and its dependencies from the one of the tests, but none of the sources."""
    folder = tmp_path_factory.mktemp("environment")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "env")}))
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(next(folder.glob("*.whl")))], check=True)
    others = [path for path in sys.path if path.endswith("-packages")]
    (site / "dependencies.pth").write_text("\n".join(others))
    return folder / "env" / "bin" / "python"


def test_the_library_imports_from_its_wheel_without_the_sources(environment: Path, tmp_path: Path) -> None:
    code = "import fairlead; from fairlead.store.scripts import load; load('push_contacts'); print(fairlead.__file__)"

    done = subprocess.run([environment, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    assert str(environment.parents[1]) in done.stdout, done.stderr


@pytest.mark.parametrize("package", ["fairlead", "fairlead_worker", "fairlead_producers", "fairlead_web"])
def test_every_package_of_the_wheel_tells_type_checkers_that_it_has_types(
    environment: Path, tmp_path: Path, package: str
) -> None:
    code = f"from importlib.resources import files; f = files({package!r}); print(f, (f / 'py.typed').is_file())"

    done = subprocess.run([environment, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    folder, is_typed = done.stdout.split()
    assert Path(folder).is_relative_to(environment.parents[1])
    assert is_typed == "True"


def test_a_package_of_ones_own_named_worker_has_the_handler(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "__init__.py").touch()
    (tmp_path / "worker" / "handlers.py").write_text(
        "def answer(contact):\n    open('answered', 'w').write(contact.queue)\n"
    )
    given = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    given["FAIRLEAD_HOME"] = str(tmp_path / "home")
    fairlead = [environment, "-m", "fairlead.cli.main"]
    subprocess.run([*fairlead, "produce", "push", "BasicQueue"], cwd=tmp_path, env=given, check=True)

    working = [*fairlead, "work", "--agent", "ana", "--handler", "worker.handlers:answer"]
    with subprocess.Popen(working, cwd=tmp_path, env=given) as worker:
        eventually((tmp_path / "answered").exists)
        worker.terminate()

    assert worker.returncode == 0
    assert (tmp_path / "answered").read_text() == "BasicQueue"
