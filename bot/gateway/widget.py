"""The chat for other sites: files under addresses that never change, and the entry that leads to the newest.

`/widget.js` is what a site asks for; it leads to the modules of one version, at `/widget/VERSION/`. What
stands at such an address never changes, so a browser may keep it for good, and a page of yesterday goes on
with the modules of yesterday: the files of each version that was served here are kept in the data directory.

Nothing here needs the rest of the gateway.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import rcssmin
import rjsmin
from fastapi import APIRouter, Request, Response

from bot.texts import LANGUAGES, section

logger = logging.getLogger(__name__)

ENTRY = "widget.js"
"""The module that is written here, not found in the folder: it begins the chat, with the launcher's words."""
_VERSION = re.compile(r"[0-9a-f]{12}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.[a-z0-9]+")
# What serves our own pages only: the first part of its name.
_OF_PAGES = frozenset({"embed", "page", "result", "style"})
_MODULE = re.compile(r"/web/([a-z-]+\.js)(?=\")")
_STYLES = re.compile(rb"^((?:export )?const css = `\n)(.*?)^(`;)$", re.MULTILINE | re.DOTALL)
# What modules are made of; a page is none of them.
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_COMPRESSED = frozenset({".png", ".woff2"})
# Below this, what unpacking costs is more than what it saves.
_WORTH_COMPRESSING = 500
# Versions of earlier days that are held in memory.
_HELD = 8

_FOREVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"
# Module scripts are asked for with CORS, and a page may insist on resources that say that they may be had.
_FOR_EVERYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # Who has it on a page may measure what it costs there.
    "Timing-Allow-Origin": "*",
}


@dataclass(frozen=True)
class File:
    """One file as it is served; `small` is the same, compressed with gzip, where that is worth it."""

    content: bytes = field(repr=False)
    media_type: str
    etag: str
    small: bytes | None = field(repr=False)

    @classmethod
    def of(cls, name: str, content: bytes) -> File:
        """The file with this name and content."""
        suffix = Path(name).suffix
        worth = suffix not in _COMPRESSED and len(content) >= _WORTH_COMPRESSING
        # mtime=0: the same content is the same answer, whichever process gives it.
        small = gzip.compress(content, 9, mtime=0) if worth else None
        return cls(content, _TYPES[suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"', small)


def launcher_words() -> dict[str, dict[str, str]]:
    """Language -> the words that are needed before the chat itself is loaded."""
    return {language: section(language, "launcher") for language in LANGUAGES}


def entry(to: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """The text of the module that begins the chat; `to`: where its first module is, seen from this one."""
    # All ASCII: right whatever the server of a copy says of its encoding. '<' cannot end a script.
    told = json.dumps(words, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    return f'import {{ launch }} from "{to}";\nlaunch(import.meta.url, {told});\n'


def _is_ours(path: Path) -> bool:
    # A link could lead anywhere, and none of ours is one.
    proper = path.suffix in _TYPES and _NAME.fullmatch(path.name) is not None
    return proper and path.is_file() and not path.is_symlink()


def lean(path: Path) -> bytes:
    """A file's content as visitors get it: of a module without what only its readers need.

    Comments and blanks are a good part of what a phone would have to fetch; at /web/ they stand as written.
    """
    content = path.read_bytes()
    if path.suffix == ".css":
        return bytes(rcssmin.cssmin(content))
    if path.suffix != ".js":
        return content
    # A module's style sheet is a text in it, under this name.
    styled = _STYLES.sub(lambda found: found[1] + rcssmin.cssmin(found[2]) + found[3], content)
    return bytes(rjsmin.jsmin(styled))


def files_of(folder: Path, words: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Name -> content of all that is one version: what modules are made of in this folder, and its entry."""
    found = {
        path.name: lean(path)
        for path in sorted(folder.iterdir())
        if _is_ours(path) and re.split(r"[.-]", path.name)[0] not in _OF_PAGES
    }
    return {**found, ENTRY: entry("./peil-chat.js", words).encode("ascii")}


def version_of(files: Mapping[str, bytes]) -> str:
    """The name of a version, which follows from its files: 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for name in sorted(files):
        # Of fixed length, so that nothing of one file can be taken for something of the next.
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:12]


class Widget:
    """The version that this process has, and those of earlier days that it finds. Safe to use from threads.

    `web`: the folder with the chat's modules. `words`: of the launcher. `kept`: the folder in which versions
    are kept, one folder each; None to keep nothing.
    """

    def __init__(
        self, web: Path, words: Mapping[str, Mapping[str, str]] | None = None, kept: Path | None = None
    ) -> None:
        words = launcher_words() if words is None else words
        self._files = files_of(web, words)
        self.version = version_of(self._files)
        self._kept = kept
        self._moving = File.of(ENTRY, entry(f"./widget/{self.version}/peil-chat.js", words).encode("ascii"))
        self._held = {self.version: {name: File.of(name, content) for name, content in self._files.items()}}
        self._lock = Lock()

    @property
    def moving(self) -> File:
        """The entry that leads to the newest version, for `/widget.js`."""
        return self._moving

    def page(self, text: str) -> str:
        """The HTML of a page of ours that names modules at /web/, with these of this version instead."""
        return _MODULE.sub(
            lambda found: f"/widget/{self.version}/{found[1]}" if found[1] in self._files else found[0], text
        )

    def keep(self) -> None:
        """Keep this version's files for the days after it. What cannot be written is told in the log only.

        They appear under their name all at once; of several processes that do this, one does it.
        """
        if self._kept is None:
            return
        target = self._kept / self.version
        draft = None
        try:
            if _read(target) == self._files:
                return
            self._kept.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._kept))
            for name, content in self._files.items():
                with (draft / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    # Else a folder could be there after a power cut, and its files be empty.
                    os.fsync(file.fileno())
            _put(draft, target)
        except OSError as error:
            logger.warning(
                "this version of the widget is not kept: sites that name version %s may miss it after the "
                "next upgrade (%s)",
                self.version,
                error.strerror or type(error).__name__,
            )
        finally:
            if draft is not None:
                shutil.rmtree(draft, ignore_errors=True)

    def file(self, version: str, name: str) -> File | None:
        """A file of a version, whichever was kept; None where there is none. May read from disk."""
        # Compared with a pattern and looked up in what was listed: nothing that was asked for becomes a path.
        if not _VERSION.fullmatch(version):
            return None
        with self._lock:
            held = self._held.get(version)
        if held is None:
            held = self._find(version)
        return None if held is None else held.get(name)

    def _find(self, version: str) -> dict[str, File] | None:
        if self._kept is None:
            return None
        try:
            files = _read(self._kept / version)
        except OSError as error:
            logger.warning("version %s of the widget cannot be read (%s)", version, error.strerror)
            return None
        if files is None:
            return None
        if version_of(files) != version:
            logger.warning("version %s of the widget is not what it was, and is not served", version)
            return None
        found = {name: File.of(name, content) for name, content in files.items()}
        with self._lock:
            self._held[version] = found
            while len(self._held) > 1 + _HELD:
                # The oldest of the others; what this process has itself was there first.
                del self._held[next(one for one in self._held if one not in (self.version, version))]
        return found


def _read(folder: Path) -> dict[str, bytes] | None:
    """The files of a version that is kept; None where there is no such folder. Raises OSError."""
    try:
        paths = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {path.name: path.read_bytes() for path in paths if _is_ours(path)}


def _put(draft: Path, target: Path) -> None:
    """Give a folder that is complete its name. Raises OSError."""
    try:
        draft.rename(target)
        return
    except OSError:
        if not target.is_dir():
            raise
    if _read(target) == _read(draft):
        # Another process was quicker.
        return
    # What stands there is no whole version: it makes room.
    aside = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        target.rename(aside / "broken")
        draft.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def make_widget(widget: Widget) -> APIRouter:
    """The routes `/widget.js` and `/widget/VERSION/FILE`."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/widget.js", methods=["GET", "HEAD"])
    async def newest(request: Request) -> Response:
        return answer(request, widget.moving, _ASK_EACH_TIME)

    # Not `async`: what is not in memory is read from disk, which happens in a thread of its own.
    @router.api_route("/widget/{version}/{name}", methods=["GET", "HEAD"])
    def file(request: Request, version: str, name: str) -> Response:
        found = widget.file(version, name)
        if found is None:
            # Not kept by anybody: an upgrade may be under way, and the next process have it.
            return Response(
                "There is no such file of the widget.\n",
                404,
                {"Cache-Control": "no-store", **_FOR_EVERYBODY},
                "text/plain; charset=utf-8",
            )
        return answer(request, found, _FOREVER)

    return router


def answer(request: Request, file: File, cache: str) -> Response:
    """A file for everybody, compressed where the browser takes that; 304 where it has it already."""
    headers = {"ETag": file.etag, "Cache-Control": cache, "Vary": "Accept-Encoding", **_FOR_EVERYBODY}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if file.etag in known or "*" in known:
        return Response(None, 304, headers)
    if file.small is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(file.small, 200, {**headers, "Content-Encoding": "gzip"}, file.media_type)
    return Response(file.content, 200, headers, file.media_type)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            with contextlib.suppress(ValueError):
                return float(weight.strip().removeprefix("q=") or 1) > 0
    return False
