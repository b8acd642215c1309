"""The widget's files: which belong to a version, that versions stay, and what is served at which address."""

from __future__ import annotations

import gzip
import logging
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.gateway import widget as module
from bot.gateway.widget import Widget, entry, launcher_words, make_widget, version_of
from bot.texts import LANGUAGES

WEB = Path(module.__file__).parent.parent / "web"
LONG = f'export const launch="{"long " * 200}";'
WORDS = {"nl": {"open": "Open"}, "en": {"open": "Open </script> é"}}


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A folder with a small widget, and with what is none of it."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "peil-chat.js").write_text(LONG)
    (folder / "client.js").write_text("export const client=1;")
    (folder / "favicon.svg").write_text("<svg/>")
    for other in ("index.html", "page.js", "embed.js", "embed-code.js", "result.css", ".hidden.js", "a.py"):
        (folder / other).write_text("not for others")
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "data" / "widget"


async def get(widget: Widget, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """What is served at this address, compressed only for who asks for that."""
    app = FastAPI()
    app.include_router(make_widget(widget))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://peil.test") as client:
        return await client.request(method, path, headers={"Accept-Encoding": "identity", **headers})


def upgrade(web: Path) -> None:
    (web / "client.js").write_text("export const client=2;")


# --- what a version is ---


def test_a_version_follows_from_the_names_the_contents_and_the_words(web: Path) -> None:
    first = Widget(web, WORDS).version
    assert re.fullmatch("[0-9a-f]{12}", first)
    assert Widget(web, WORDS).version == first
    assert Widget(web, {**WORDS, "nl": {"open": "Begin"}}).version != first
    (web / "page.js").write_text("another page of our own")
    assert Widget(web, WORDS).version == first
    upgrade(web)
    second = Widget(web, WORDS).version
    (web / "client.js").rename(web / "clients.js")
    third = Widget(web, WORDS).version
    assert len({first, second, third}) == 3
    # What only leads elsewhere is none of it.
    (web / "link.js").symlink_to(web / "page.js")
    assert Widget(web, WORDS).version == third
    assert version_of({"a.js": b"bc"}) != version_of({"ab.js": b"c"})


def test_our_own_widget_is_whole_and_holds_no_page_of_ours() -> None:
    """Every module that one of its modules asks for is in it, or the widget would fail on somebody's page."""
    files = module.files_of(WEB, launcher_words())
    assert {"peil-chat.js", "client.js", "widget.js"} <= files.keys()
    assert not {"index.html", "page.js", "embed.js", "result.js", "result.css", "style.css"} & files.keys()
    asked = {
        name
        for content in files.values()
        for name in re.findall(r"""(?:from|import\()\s*["']\./([^"']+)["']""", content.decode())
    }
    assert asked
    assert asked <= files.keys()
    assert set(launcher_words()) == set(LANGUAGES)


def test_what_only_readers_of_a_module_need_is_left_out(web: Path) -> None:
    (web / "client.js").write_text(
        "/** Says it. */\nexport const said = `  // ${1 + 1}  kept  `; // not this\n\n\n"
        "export const it = '/* kept */';\n"
    )
    lean = module.files_of(web, WORDS)["client.js"].decode()
    assert "`  // ${1 + 1}  kept  `" in lean
    assert "'/* kept */'" in lean
    assert "Says it" not in lean
    assert "not this" not in lean


def test_the_entry_names_one_version_and_hands_over_where_it_stands_itself() -> None:
    text = entry("./widget/0123456789ab/peil-chat.js", WORDS)
    assert text.startswith(
        'import { launch } from "./widget/0123456789ab/peil-chat.js";\nlaunch(import.meta.url, {'
    )
    assert text.isascii()
    # Words can end neither the text nor a script that it is copied into.
    assert "</script>" not in text
    assert "\\u003c/script>" in text


# --- what is served ---


async def test_the_moving_address_leads_to_the_newest_version_and_is_asked_for_each_time(web: Path) -> None:
    widget = Widget(web, WORDS)
    answer = await get(widget, "/widget.js?campaign=CODE")
    assert answer.status_code == 200
    assert f'"./widget/{widget.version}/peil-chat.js"' in answer.text
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-credentials" not in answer.headers
    again = await get(widget, "/widget.js", **{"If-None-Match": f'"x", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    upgrade(web)
    newer = await get(Widget(web, WORDS), "/widget.js", **{"If-None-Match": answer.headers["etag"]})
    assert newer.status_code == 200
    assert newer.headers["etag"] != answer.headers["etag"]


async def test_what_stands_at_a_version_s_address_may_be_kept_for_good(web: Path) -> None:
    widget = Widget(web, WORDS)
    for name, kind in (
        ("peil-chat.js", "text/javascript; charset=utf-8"),
        ("client.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ):
        answer = await get(widget, f"/widget/{widget.version}/{name}")
        assert answer.content == (web / name).read_bytes()
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        head = await get(widget, f"/widget/{widget.version}/{name}", "HEAD")
        assert (head.status_code, head.headers["etag"]) == (200, answer.headers["etag"])
    pinned = await get(widget, f"/widget/{widget.version}/widget.js")
    assert pinned.text == entry("./peil-chat.js", WORDS)
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_module_is_compressed_for_who_takes_that(web: Path) -> None:
    widget = Widget(web, WORDS)
    path = f"/widget/{widget.version}/peil-chat.js"
    whole = (web / "peil-chat.js").read_bytes()
    for accepted, small in (
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("br", False),
        ("gzip;q=x", False),
    ):
        answer = await get(widget, path, **{"Accept-Encoding": accepted})
        assert (answer.headers.get("content-encoding") == "gzip") is small, accepted
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.content == whole
        assert (int(answer.headers["content-length"]) < len(whole) / 2) is small
    file = widget.file(widget.version, "peil-chat.js")
    assert file is not None
    assert file.small is not None
    assert gzip.decompress(file.small) == whole


async def test_nothing_but_the_files_of_a_version_is_served(web: Path, kept: Path) -> None:
    widget = Widget(web, WORDS, kept)
    widget.keep()
    (kept.parent / "secret.js").write_text("secret")
    (kept / "secret.js").write_text("secret")
    (kept / "abcdefabcdef").symlink_to(kept.parent)
    version = widget.version
    for path in (
        "/widget/000000000000/peil-chat.js",
        "/widget/abcdefabcdef/secret.js",
        "/widget/latest/peil-chat.js",
        f"/widget/{version.upper()}x/peil-chat.js",
        f"/widget/{version}/index.html",
        f"/widget/{version}/page.js",
        f"/widget/{version}/.hidden.js",
        f"/widget/{version}/../secret.js",
        f"/widget/{version}/..%2fsecret.js",
        f"/widget/{version}/%2e%2e%2f%2e%2e%2fsecret.js",
        f"/widget/{version}/..\\secret.js",
        "/widget/../secret.js",
        "/widget/..%2f..%2fdata/secret.js",
        "/widget/%2e%2e/secret.js",
        "/widget/./secret.js",
        f"/widget/{version}/",
        f"/widget/{version}",
        f"/widget/{version}/peil-chat.js%00.svg",
    ):
        answer = await get(widget, path)
        assert answer.status_code == 404, path
        assert "secret" not in answer.text


# --- versions of earlier days ---


async def test_a_version_is_served_after_an_upgrade(web: Path, kept: Path) -> None:
    old = Widget(web, WORDS, kept)
    old.keep()
    was = {name: (await get(old, f"/widget/{old.version}/{name}")).content for name in old._files}
    upgrade(web)
    (web / "favicon.svg").unlink()
    new = Widget(web, {**WORDS, "nl": {"open": "Begin"}}, kept)
    new.keep()

    assert new.version != old.version
    for name, content in was.items():
        answer = await get(new, f"/widget/{old.version}/{name}")
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sorted(one.name for one in kept.iterdir()) == sorted([old.version, new.version])
    # What the process before this one keeps while this one runs is found, too: an upgrade that is taken back.
    assert (await get(old, f"/widget/{new.version}/client.js")).text == "export const client=2;"


async def test_a_version_that_is_not_what_it_was_is_not_served(
    web: Path, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = Widget(web, WORDS, kept)
    old.keep()
    (kept / old.version / "client.js").write_text("something else")
    upgrade(web)
    new = Widget(web, WORDS, kept)
    assert (await get(new, f"/widget/{old.version}/client.js")).status_code == 404
    assert (await get(new, f"/widget/{old.version}/peil-chat.js")).status_code == 404
    assert old.version in caplog.text
    # The process whose own version it is puts it right at its next start.
    old.keep()
    assert (await get(new, f"/widget/{old.version}/client.js")).text == "export const client=1;"
    assert sorted(one.name for one in kept.iterdir()) == [old.version]


def test_of_many_processes_at_once_one_keeps_it_and_none_fails(
    web: Path, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ready = threading.Barrier(8)

    def start() -> str:
        widget = Widget(web, WORDS, kept)
        ready.wait()
        widget.keep()
        return widget.version

    with ThreadPoolExecutor(8) as pool:
        [version] = {one.result() for one in [pool.submit(start) for _ in range(8)]}
    assert [one.name for one in kept.iterdir()] == [version]
    assert module._read(kept / version) == module.files_of(web, WORDS)
    assert caplog.text == ""


def test_what_was_half_written_is_never_taken_for_a_version(
    web: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk in the middle: nothing is left, nothing fails, and the next start makes up for it."""
    widget = Widget(web, WORDS, kept)
    synced = 0

    def full(handle: int) -> None:
        nonlocal synced
        synced += 1
        if synced == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with caplog.at_level(logging.WARNING):
        widget.keep()
    assert list(kept.iterdir()) == []
    assert widget.version in caplog.text
    assert "No space left" in caplog.text
    monkeypatch.undo()
    widget.keep()
    assert [one.name for one in kept.iterdir()] == [widget.version]


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory in which nothing can be made, whoever runs the tests."""

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    return tmp_path / "data" / "widget"


async def test_a_data_directory_that_cannot_be_written_is_a_warning(
    web: Path, read_only: Path, caplog: pytest.LogCaptureFixture
) -> None:
    widget = Widget(web, WORDS, read_only)
    with caplog.at_level(logging.WARNING):
        widget.keep()
    assert "is not kept" in caplog.text
    assert (await get(widget, "/widget.js")).status_code == 200
    assert (await get(widget, f"/widget/{widget.version}/client.js")).status_code == 200
    assert (await get(widget, "/widget/000000000000/client.js")).status_code == 404


async def test_many_versions_are_found_though_few_are_held(web: Path, kept: Path) -> None:
    versions = []
    for number in range(12):
        (web / "client.js").write_text(f"export const client={number};")
        one = Widget(web, WORDS, kept)
        one.keep()
        versions.append(one.version)
    newest = one
    for _ in range(2):
        for number, version in enumerate(versions):
            assert (await get(newest, f"/widget/{version}/client.js")).text.endswith(f"={number};")
    assert len(newest._held) <= 1 + module._HELD
    assert newest.version in newest._held
