"""Files and folders: drafts that nobody else reads, and names that a file gets when it is complete."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.run import RunError

_UNFINISHED = ".peil-unfinished-"


class BackupError(Exception):
    """The backup cannot be made or restored; the message is one sentence. What was there is as it was."""


def reason(error: BaseException) -> str:
    """Why, in a few words, to be set into a sentence."""
    return str(getattr(error, "strerror", None) or error).strip().splitlines()[0].rstrip(".")


@contextlib.contextmanager
def sentences(failed: str) -> Iterator[None]:
    """Turns what the file system says, and a Peil that runs, into one sentence."""
    try:
        yield
    except RunError as error:
        raise BackupError(str(error)) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise BackupError(f"{failed} ({where}{reason(error)}).") from None


@contextlib.contextmanager
def folders(*folders: Path) -> Iterator[None]:
    """Make these folders; takes those that are new away again when what follows fails."""
    new = [path for folder in folders for path in (folder, *folder.parents) if not path.exists()]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in sorted(set(new), reverse=True):
            with contextlib.suppress(OSError):
                (path / "run.lock").unlink(missing_ok=True)
                path.rmdir()
        raise


@contextlib.contextmanager
def room_in(folder: Path) -> Iterator[Path]:
    """A folder in this one, for drafts: on the same file system, and readable by nobody else.

    Whatever happens, it is removed; if we are killed, by the next one who needs a room here.
    """
    handle = None
    parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Nobody clears away while a room is there that is not locked yet. Where folders cannot be locked
        # (some network file systems), nothing is cleared away.
        if _lock(parent, wait=True):
            for left_over in folder.glob(f"{_UNFINISHED}*"):
                _remove_unless_in_use(left_over)
        room = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        handle = os.open(room, os.O_RDONLY | os.O_DIRECTORY)
        _lock(handle)
    finally:
        os.close(parent)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        os.close(handle)


def _lock(handle: int, *, wait: bool = False) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _remove_unless_in_use(room: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if _lock(handle):
                shutil.rmtree(room, ignore_errors=True)
        finally:
            os.close(handle)


@contextlib.contextmanager
def create(path: Path) -> Iterator[io.BufferedWriter]:
    """A new file that its owner alone can read; it is on the disk when this ends well."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, content: bytes) -> None:
    """Make a small file."""
    with create(path) as file:
        file.write(content)


@contextlib.contextmanager
def next_to(path: Path, content: bytes) -> Iterator[Path]:
    """A new file beside this one, on the disk, to be moved over it; removed if it was not."""
    with room_in(path.parent) as room:
        fresh = room / path.name
        write(fresh, content)
        like_folder(fresh, path.parent)
        yield fresh


def move_to(draft: Path, target: Path, *, replace: bool) -> None:
    """Give the finished file its name. Raises BackupError when that was taken meanwhile."""
    if replace:
        os.replace(draft, target)
    else:
        try:
            keep_aside(draft, target)
        except FileExistsError:
            raise BackupError(f"{target} exists; --force replaces it.") from None
    sync(target.parent)


def keep_aside(path: Path, name: Path) -> None:
    """Give a file a second name, so that the first can be replaced in one go. Raises FileExistsError."""
    try:
        os.link(path, name)
    except OSError as error:
        # A file system without hard links: for a moment there is nothing under the first name.
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if name.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(name)) from None
        os.rename(path, name)


def like_folder(path: Path, folder: Path) -> None:
    """What root restores must be readable by the user who runs Peil: whoever owns the folder."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def sync(path: Path) -> None:
    """Bring a folder's names to the disk; some file systems cannot, and have no need to."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
