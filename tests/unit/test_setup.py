"""deploy/setup.py: finding Pythons, stamps, what is said when something fails."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

PYTHON = sys.executable  # the fixtures hide it from the setup
SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "setup.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("peil_setup", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["peil_setup"] = module  # where the named tuples look for their own module
    spec.loader.exec_module(module)
    return module


setup = load()

# Acts as an interpreter, its venv module and its pip, and notes down how it was called.
FAKE_PYTHON = """#!/bin/sh
echo "$*" >> "{calls}"
case "$*" in
  *"-m venv"*)
    for folder; do :; done
    rm -rf "$folder"; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  *"-m pip"*) {pip} ;;
  *"import json, sys"*) echo '{{"path": "{path}", "version": "{version}", "lacks": {lacks}}}' ;;
esac
"""


def fake_python(
    path: Path, version: str, *, pip: str = "echo Collecting sanic==21.12.2", lacks: str = "[]"
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    calls = path.with_suffix(".calls")
    path.write_text(FAKE_PYTHON.format(calls=calls, pip=pip, path=path, version=version, lacks=lacks))
    path.chmod(0o755)
    return path


def failing_shim(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which no Python of this machine is found, but for the one that runs the tests."""
    return {"PATH": f"{tmp_path}/shims:{tmp_path}/bin:/usr/bin:/bin", "PYENV_ROOT": str(tmp_path / "pyenv")}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    (root / "locks").mkdir(parents=True)
    (root / "locks" / "app.txt").write_text("fastapi==1\n")
    (root / "locks" / "rasa.txt").write_text("rasa==1\n")
    (root / "pyproject.toml").write_text("[project]\n")
    # Only the fakes of a test may be found: the Python that runs it would do for Peil.
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    return root


@pytest.fixture
def two_pythons(tmp_path: Path) -> tuple[Path, Path]:
    return fake_python(tmp_path / "bin" / "python3.11", "3.11.9"), fake_python(
        tmp_path / "bin" / "python3.10", "3.10.13"
    )


# --- finding a Python ---


def test_a_shim_that_fails_is_passed_over_for_the_next_on_the_path(tmp_path, environ):
    failing_shim(tmp_path / "shims" / "python3.10")
    real = fake_python(tmp_path / "bin" / "python3.10", "3.10.13")
    assert setup.find_python(setup.RASA, environ) == (str(real), "3.10.13")


def test_the_newest_fitting_version_of_pyenv_is_found_behind_a_failing_shim(tmp_path, environ):
    failing_shim(tmp_path / "shims" / "python3.10")
    for version in ("3.9.18", "3.10.9", "3.10.13", "3.11.7"):
        fake_python(tmp_path / "pyenv" / "versions" / version / "bin" / "python", version)
    assert setup.find_python(setup.RASA, environ).version == "3.10.13"


def test_a_python_without_ssl_is_passed_over_and_named(tmp_path, environ):
    path = fake_python(tmp_path / "bin" / "python3.10", "3.10.13", lacks='["ssl"]')
    with pytest.raises(setup.SetupError, match="lacks ssl") as caught:
        setup.find_python(setup.RASA, environ)
    assert str(path) in str(caught.value)


def test_without_any_the_sentence_says_how_to_get_one(tmp_path, environ):
    shim = failing_shim(tmp_path / "shims" / "python3.10")
    with pytest.raises(setup.SetupError) as caught:
        setup.find_python(setup.RASA, environ)
    said = str(caught.value)
    assert "\n" not in said
    for words in ("Python 3.10", f"{shim} does not start", "uv python install 3.10", "PEIL_PYTHON_RASA"):
        assert words in said


def test_a_named_python_is_taken_before_any_other(tmp_path, environ):
    fake_python(tmp_path / "bin" / "python3.10", "3.10.13")
    named = fake_python(tmp_path / "mine" / "python", "3.10.2")
    found = setup.find_python(setup.RASA, {**environ, "PEIL_PYTHON_RASA": str(named)})
    assert found == (str(named), "3.10.2")


def test_a_named_python_that_does_not_fit_is_an_error_and_not_replaced(tmp_path, environ):
    fake_python(tmp_path / "bin" / "python3.10", "3.10.13")
    named = fake_python(tmp_path / "mine" / "python", "3.12.1")
    with pytest.raises(setup.SetupError, match=r"PEIL_PYTHON_RASA names .* which is Python 3\.12\.1"):
        setup.find_python(setup.RASA, {**environ, "PEIL_PYTHON_RASA": str(named)})


def test_uv_is_asked_to_fetch_a_python_only_when_there_is_none(tmp_path, environ, capsys):
    python = fake_python(tmp_path / "uv-python" / "python3.10", "3.10.19")
    marker = tmp_path / "installed"
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/sh\ncase "$*" in\n  "python install 3.10") touch {marker} ;;\n'
        f'  "python find"*) [ -e {marker} ] && echo {python} ;;\nesac\n'
    )
    uv.chmod(0o755)
    assert setup.find_python(setup.RASA, environ).version == "3.10.19"
    assert "uv fetches 3.10" in capsys.readouterr().out
    assert setup.find_python(setup.RASA, environ).version == "3.10.19"
    assert "fetches" not in capsys.readouterr().out


def test_a_python_inside_an_environment_answers_with_the_one_it_was_made_from():
    # Else an activated .venv would be made anew with its own interpreter, which is then gone.
    if sys.prefix == sys.base_prefix:
        pytest.skip("not run from an environment")
    found = setup.probe(sys.executable, [f"{sys.version_info[0]}.{sys.version_info[1]}"])
    assert not found.path.startswith(sys.prefix + os.sep)


# --- stamps ---


def test_a_second_setup_starts_no_program_at_all(checkout, environ, two_pythons):
    assert setup.setup(checkout, environ) == [".venv", ".venv-rasa", "project"]
    calls = {python: python.with_suffix(".calls").read_text() for python in two_pythons}
    assert setup.setup(checkout, environ) == []
    assert {python: python.with_suffix(".calls").read_text() for python in two_pythons} == calls


def test_packages_come_from_the_lock_with_hashes_and_the_project_without_network(
    checkout, environ, two_pythons
):
    setup.setup(checkout, environ)
    app, rasa = (python.with_suffix(".calls").read_text() for python in two_pythons)
    assert f"--require-hashes --no-deps --no-input --progress-bar off -r {checkout}/locks/app.txt" in app
    assert f"-r {checkout}/locks/rasa.txt" in rasa
    assert "--no-index --no-build-isolation --no-input --editable" in app


def test_a_changed_lock_file_makes_its_environment_anew_and_no_other(checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    (checkout / "locks" / "rasa.txt").write_text("rasa==2\n")
    assert setup.setup(checkout, environ) == [".venv-rasa"]


def test_a_changed_project_file_installs_the_project_alone(checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    (checkout / "pyproject.toml").write_text("[project]\nname = 'peil'\n")
    assert setup.setup(checkout, environ) == ["project"]


def test_a_moved_checkout_is_set_up_again(checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert setup.setup(moved, environ) == [".venv", ".venv-rasa", "project"]


def test_an_environment_whose_python_is_gone_is_made_anew(checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")
    assert setup.setup(checkout, environ) == [".venv", "project"]


def test_naming_another_python_makes_the_environment_anew_with_it(tmp_path, checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    other = fake_python(tmp_path / "mine" / "python", "3.10.2")
    named = {**environ, "PEIL_PYTHON_RASA": str(other)}
    assert setup.setup(checkout, named) == [".venv-rasa"]
    assert setup.setup(checkout, named) == []


def test_an_install_that_did_not_end_well_is_done_again(tmp_path, checkout, environ, two_pythons):
    app, _ = two_pythons
    fake_python(app, "3.11.9", pip="exit 1")
    with pytest.raises(setup.SetupError):
        setup.setup(checkout, environ)
    fake_python(app, "3.11.9")
    assert setup.setup(checkout, environ) == [".venv", ".venv-rasa", "project"]


# --- what is said when something fails ---


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: [Errno -3]", "no network"),
        ("ERROR: Could not find a version that satisfies x==1 (from versions: none)", "no network"),
        ("ERROR: No matching distribution found for x==1", "index lacks"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS", "not the one in the lock"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "cannot be written"),
        ("error: subprocess-exited-with-error", "could not be built"),
        ("ERROR: something nobody thought of", "pip failed"),
    ],
)
def test_a_failing_pip_is_told_in_one_sentence(checkout, environ, two_pythons, output, words):
    fake_python(two_pythons[0], "3.11.9", pip=f"cat <<'END'\n{output}\nEND\nexit 1")
    with pytest.raises(setup.SetupError) as caught:
        setup.setup(checkout, environ)
    said = str(caught.value)
    log = checkout / "var" / "logs" / "setup.log"
    assert words in said
    assert "\n" not in said
    assert said.endswith(str(log))
    assert output in log.read_text()


def test_all_pythons_are_looked_for_before_anything_is_installed(tmp_path, checkout, environ):
    fake_python(tmp_path / "bin" / "python3.11", "3.11.9")
    with pytest.raises(setup.SetupError, match=r"Rasa needs Python 3\.10"):
        setup.setup(checkout, environ)
    assert not (checkout / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_named(checkout, environ, two_pythons, monkeypatch):
    def denied(self, *_args, **_options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(setup.SetupError, match=f"{checkout} cannot be written"):
        setup.setup(checkout, environ)


def test_run_as_a_program_a_missing_python_is_one_sentence_and_status_1(tmp_path):
    copy = tmp_path / "checkout"
    (copy / "deploy").mkdir(parents=True)
    (copy / "deploy" / "setup.py").write_text(SCRIPT.read_text())
    env = {"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, copy / "deploy" / "setup.py"], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "3.10" in done.stderr


# --- two at once, and progress ---


def test_a_second_setup_waits_for_the_first_and_then_has_nothing_to_do(
    checkout, environ, two_pythons, capsys
):
    lock = os.open(checkout, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    done: list[list[str]] = []
    second = threading.Thread(target=lambda: done.append(setup.setup(checkout, environ)))
    second.start()
    said = ""
    until = time.monotonic() + 5
    while "Another setup is at work" not in said and time.monotonic() < until:
        said += capsys.readouterr().out
        time.sleep(0.02)
    assert "Another setup is at work" in said
    assert not (checkout / ".venv").exists()
    for wanted, python in zip((setup.APP, setup.RASA), two_pythons, strict=True):  # what the first one does
        (checkout / wanted.folder / "bin").mkdir(parents=True)
        (checkout / wanted.folder / "bin" / "python").symlink_to(python)
        stamp = setup.stamp_for(checkout, wanted, str(python))
        setup.write_stamp(checkout, wanted, {**stamp, "project": setup.project_hash(checkout)})
    os.close(lock)
    second.join(5)
    assert done == [[]]


def test_the_lock_outlives_a_killed_setup_while_its_pip_still_works(tmp_path, checkout, environ, two_pythons):
    (checkout / "deploy").mkdir()
    (checkout / "deploy" / "setup.py").write_text(SCRIPT.read_text())
    fake_python(two_pythons[0], "3.11.9", pip="echo $$ > pip.pid; exec sleep 60")
    first = subprocess.Popen(
        [PYTHON, checkout / "deploy" / "setup.py"], env=environ, cwd=checkout, stdout=subprocess.DEVNULL
    )
    pid_file = checkout / "pip.pid"
    until = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.05)
    pip = int(pid_file.read_text())
    first.kill()
    first.wait()
    lock = os.open(checkout, os.O_RDONLY)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.kill(pip, signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        os.close(lock)


def test_progress_is_told_now_and_then_in_plain_words():
    now = [0.0]
    progress = setup.Progress(".venv-rasa", lambda: 7, clock=lambda: now[0])
    progress.line("Collecting absl-py==1.4.0 (from -r locks/rasa.txt (line 1))\n")
    assert progress.words() is None
    progress.line("Collecting tensorflow==2.12.0 (from -r locks/rasa.txt (line 1))\n")
    progress.line("  Downloading tensorflow-2.12.0-cp310-cp310-manylinux_2_17_x86_64.whl (585.9 MB)\n")
    now[0] = 11.0
    assert progress.words() == "  .venv-rasa: downloading tensorflow (585.9 MB), package 2 (11 s)"
    assert progress.words() is None
    progress.line("Installing collected packages: absl-py, tensorflow\n")
    now[0] = 75.0
    assert progress.words() == "  .venv-rasa: installing 7 of 2 packages (1 min 15 s)"


def test_a_stamp_that_is_no_stamp_counts_as_none(checkout, environ, two_pythons):
    setup.setup(checkout, environ)
    for content in ("", "[]", json.dumps({"lock": "x"})):
        (checkout / ".venv" / setup.STAMP).write_text(content)
        assert setup.setup(checkout, environ) == [".venv", "project"]
