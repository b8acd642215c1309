"""The dialogue model that Rasa runs on: trained when its sources have changed, and not before.

`python -m bot.dialogue_model` trains if need be and prints where the model is.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.settings import Settings, SettingsError

# Whatever can change what is trained, or whether Rasa can load it.
SOURCES = ("config.yml", "domain.yml", "data", "bot/dialogue", "locks/rasa.txt")
OLDER_KEPT = 2  # a Peil that runs on an older model must still be able to start its Rasa again


class DialogueModelError(Exception):
    """The dialogue model could not be trained; the message is one sentence."""


def sources_hash(root: Path) -> str:
    """Twelve hex digits that change with any source of the dialogue model, by name or content."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = root / source
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            name = file.relative_to(root).as_posix()
            if "__pycache__" in name or file.name.startswith("."):
                continue
            content = file.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:12]


def path(settings: Settings) -> Path:
    """Where the model of the present sources is, or will be."""
    return settings.root / "models" / f"dialogue-{sources_hash(settings.root)}.tar.gz"


def rasa_python(settings: Settings) -> Path:
    """The interpreter of Rasa's environment."""
    return settings.root / ".venv-rasa" / "bin" / "python"


def rasa_environment() -> dict[str, str]:
    """The environment for Rasa: ours, without any setting or secret of Peil's; no telemetry, no chatter."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PEIL_")}
    for name in ("PYTHONPATH", "PYTHONHOME", "SANIC_WORKERS"):
        env.pop(name, None)
    env["RASA_TELEMETRY_ENABLED"] = "false"
    env["TF_CPP_MIN_LOG_LEVEL"] = "2"
    env["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    env["PYTHONUNBUFFERED"] = "1"
    # Whatever the machine says: at DEBUG Rasa prints what people typed.
    env["LOG_LEVEL"] = "INFO"
    return env


def ensure(settings: Settings, echo: Callable[[str], None] = print) -> Path:
    """The dialogue model of the present sources, trained now if there is none. Raises DialogueModelError.

    Never leaves half a model: it is trained in a folder aside and moved when done. Of two that find the
    model missing, one trains and the other waits for it.
    """
    model = path(settings)
    if not model.exists():
        if not rasa_python(settings).exists():
            raise DialogueModelError("Rasa's environment (.venv-rasa) is missing; run 'make setup' first.")
        try:
            model.parent.mkdir(parents=True, exist_ok=True)
            with _locked(model.parent, echo) as lock:
                if not model.exists():
                    _train(settings, model, lock, echo)
        except OSError as error:
            where = error.filename or model.parent
            raise DialogueModelError(
                f"The dialogue model could not be trained: {where}: {error.strerror}."
            ) from error
    with contextlib.suppress(OSError):
        os.utime(model)  # the one in use is the newest, whenever it was trained
    return model


@contextlib.contextmanager
def _locked(folder: Path, echo: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock on training, which is the folder itself: nothing is left behind, whoever dies."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            echo("The dialogue model is being trained already; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _train(settings: Settings, model: Path, lock: int, echo: Callable[[str], None]) -> None:
    for left_over in model.parent.glob(".training-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    name = model.name.removesuffix(".tar.gz")
    log = settings.data_dir / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    echo("Training the dialogue model, since its sources have changed: one to two minutes.")
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=".training-", dir=model.parent))
    try:
        command = [str(rasa_python(settings)), "-m", "rasa", "train", "--config", "config.yml"]
        command += ["--domain", "domain.yml", "--data", "data", "--out", str(folder)]
        command += ["--fixed-model-name", name]
        with log.open("wb") as output:
            # The trainer keeps the lock open: should we be killed, nobody clears away the folder under it.
            trainer = subprocess.Popen(
                command,
                cwd=settings.root,
                env=rasa_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
            )
            try:
                status = _wait(trainer, began, echo)
            finally:
                if trainer.poll() is None:
                    trainer.kill()
                    trainer.wait()
        trained = folder / model.name
        if status != 0 or not trained.exists():
            raise DialogueModelError(f"The dialogue model could not be trained{_complaint(log)}; see {log}.")
        os.replace(trained, model)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    echo(f"The dialogue model is trained ({time.monotonic() - began:.0f} s).")
    older = [file for file in model.parent.glob("dialogue-*.tar.gz") if file != model]
    for file in sorted(older, key=lambda file: file.stat().st_mtime)[:-OLDER_KEPT]:
        file.unlink(missing_ok=True)


def _wait(trainer: subprocess.Popen[bytes], began: float, echo: Callable[[str], None]) -> int:
    while True:
        try:
            return trainer.wait(15)
        except subprocess.TimeoutExpired:
            echo(f"  still training ({time.monotonic() - began:.0f} s)")


def _complaint(log: Path) -> str:
    """The last thing the trainer complained of, to be set into a sentence; empty if it did not."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    told = [line for line in lines if "Error" in line or "ERROR" in line or "Exception:" in line]
    return f" ({told[-1][:300]})" if told else ""


def main() -> int:
    """Train if need be and print where the model is. Returns the exit status."""
    try:
        print(ensure(Settings.from_environment(), lambda text: print(text, file=sys.stderr, flush=True)))
    except (SettingsError, DialogueModelError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Training was stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
