"""`peil backup` and `peil restore`: one moment of a Peil that runs, whole or not at all, and back again."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from click.testing import CliRunner, Result

from bot import bootstrap, definitions
from bot.backup import archive, postgresql
from bot.cli import main
from bot.gateway.signing import Signer
from bot.run import only_one
from bot.service.buttons import Buttons
from bot.settings import ROOT
from bot.store import tables
from bot.store.engine import make_engine
from bot.store.migrate import config
from tests.integration.gateway import open_gateway, question
from tests.integration.parts import ITEMS, Clock, House, Person, teahouse

SQLITE = pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("prepared_url", ["postgresql"], indirect=True)


class Place:
    """Where a Peil keeps its data: a folder of its own and a database. Runs commands on it."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.folder, self.database_url = folder, database_url
        self.data = folder / "data"
        self.environment = {
            "PEIL_DATA_DIR": str(self.data),
            "PEIL_DEFINITIONS": str(folder / "definitions"),
            "PEIL_DATABASE_URL": database_url,
            **environment,
        }

    def peil(self, *words: str | Path, **environment: str) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environment | environment)

    def start(self, *words: str | Path, code: str = "") -> subprocess.Popen[str]:
        """The command in a process of its own, after `code`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PEIL_")}
        return subprocess.Popen(
            [sys.executable, "-c", f"{code}\nfrom bot.cli import main; main()", *map(str, words)],
            env=environment | self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def process(self, *words: str | Path, code: str = "") -> int:
        """The same, to its end; its exit status."""
        with self.start(*words, code=code) as process:
            process.communicate(timeout=120)
        return process.returncode

    @contextlib.contextmanager
    def open(self, clock: Clock) -> Iterator[House]:
        """Peil's parts on these data, as the next start finds them."""
        house = House(self.folder, self.database_url, clock, prepared=True)
        try:
            yield house
        finally:
            house.close()

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def file(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))

    def files(self) -> dict[str, bytes]:
        """Every file and its content; run.lock, which is held and not read, apart."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != "run.lock"
        }


@pytest.fixture
def here(house: House) -> Place:
    """The test's house as a place."""
    return Place(house.folder, house.database_url)


@pytest.fixture
def elsewhere(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """A place without data, on the same kind of database."""
    folder = tmp_path / "elsewhere"
    if house.is_sqlite:
        return Place(folder, f"sqlite:///{folder / 'data' / 'peil.db'}")
    return Place(folder, request.getfixturevalue("postgres_database"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What the backup is to be called."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "peil.tar.gz"


def succeed(result: Result) -> str:
    assert result.exit_code == 0, (result.stderr, result.exception)
    return result.stdout


def refuse(result: Result, *words: str) -> None:
    """The command failed with one sentence that has these words, and no traceback."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    [line] = result.stderr.strip().splitlines()
    assert line.endswith("."), line
    for word in words:
        assert word in line
    assert result.stdout == ""


def content(file: Path) -> dict[str, bytes]:
    """Name -> content of what is in a backup."""
    with tarfile.open(file, "r:gz") as opened:
        found = {}
        for entry in opened:
            part = opened.extractfile(entry)
            assert part is not None
            found[entry.name] = part.read()
        return found


def repack(file: Path, parts: dict[str, bytes], **changes: Any) -> None:
    """Write a backup with these parts, with a manifest that fits them but for the changes."""
    manifest = json.loads(parts["manifest.json"]) | changes
    names = [name for name in parts if name != "manifest.json"]
    folder = file.parent / f"{file.name}.parts"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(parts[name])
    file.unlink(missing_ok=True)
    manifest["parts"] = {name: archive.measure(folder / name) for name in names}
    archive.pack(file, archive.Manifest(**manifest), [folder / name for name in names])


def check_whole(house: House) -> None:
    """Every turn is there with all that belongs to it, or not at all."""
    transcript, inbox = house.rows(tables.transcript), house.rows(tables.inbox)
    said = Counter(line["turn_id"] for line in transcript if line["role"] == "user")
    replied = {line["turn_id"] for line in transcript if line["role"] == "bot" and line["kind"] == "reply"}
    done = {row["turn_id"] for row in inbox if row["done_at"] is not None}
    assert said == Counter(row["turn_id"] for row in inbox)
    assert replied == done
    assert {row["turn_id"] for row in house.rows(tables.answers)} <= done
    lines: dict[str, list[int]] = {}
    for line in transcript:
        lines.setdefault(line["conversation_id"], []).append(line["seq"])
    for row in house.rows(tables.conversations):
        assert sorted(lines[row["id"]]) == list(range(1, row["last_seq"] + 1))
    if house.is_sqlite:
        with house.store.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None


class Crowd:
    """Several people who answer at once, each conversation in one thread, until they are told to stop."""

    def __init__(self, house: House, threads: int = 3) -> None:
        self.acknowledged: list[str] = []
        self.errors: list[BaseException] = []
        self._house = house
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._talk, daemon=True) for _ in range(threads)]

    def _talk(self) -> None:
        try:
            while not self._stop.is_set():
                person = Person(self._house)
                for _ in ITEMS:
                    turn_id = person.send(text="2")
                    person._reply(turn_id, "take_answer")
                    self.acknowledged.append(turn_id)
                    # SQLite lets nobody queue: without a breath, one writer might wait for ever.
                    self._stop.wait(0.002)
        except BaseException as error:
            self.errors.append(error)

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        assert self.errors == []

    def until(self, count: int) -> list[str]:
        """Wait until so many turns are done; those that are."""
        while len(self.acknowledged) < count and not self.errors:
            self._stop.wait(0.01)
        return list(self.acknowledged)


# --- under load -------------------------------------------------------------------------------------


def test_a_backup_under_load_holds_every_turn_before_it_and_nothing_half_and_peil_goes_on_with_it(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    steady = Person(house)
    steady.say("2")
    steady.say("3")
    third = steady.token("3")
    token = Signer(house.settings.secret).token(steady.id)

    ready = "import bot.backup.commands; print('ready', flush=True); input()"
    with Crowd(house) as crowd, here.start("backup", file, code=ready) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        before = crowd.until(300)
        said, error = process.communicate("\n", timeout=60)
        after = len(crowd.acknowledged)
        crowd.until(after + 20)
    assert process.returncode == 0, error
    assert "and the secret" in said
    assert after > len(before), "nothing was written meanwhile, so the test shows nothing"
    succeed(elsewhere.peil("restore", file))

    async def go_on(restored: House) -> None:
        async with open_gateway(restored) as gateway:
            client: httpx.AsyncClient = gateway.client(Authorization=f"Bearer {token}")
            history = await client.get("/api/chat/messages")
            assert [line["text"] for line in history.json()["messages"] if line["role"] == "user"] == [
                *("ja", "2", "3")
            ]
            reply = await client.post("/api/chat/messages", json={"id": "later", "button": third})
            assert reply.status_code == 200
            assert question(4) in reply.json()["messages"][-1]["text"]
            assert restored.holds(steady.id) == dict(zip(ITEMS, (2, 3, 3), strict=False))

    with elsewhere.open(house.clock) as restored:
        check_whole(restored)
        answered = {row["turn_id"] for row in restored.rows(tables.answers)}
        assert set(before) - answered == set()
        # It is one moment's state: later than the call, earlier than the end.
        assert len(answered) < len(crowd.acknowledged)
        asyncio.run(go_on(restored))
        check_whole(restored)


def test_what_is_restored_is_what_was_there(house: House, here: Place, elsewhere: Place, file: Path) -> None:
    person = Person(house)
    for level in ("1", "2", "3", "1", "2", "3"):
        person.say(level)
    Person(house, "en", agrees=False)
    before = house.everything()

    said = succeed(here.peil("backup", file))
    assert f"{file} holds 2 conversations" in said
    assert "the secret" in said
    assert house.everything() == before
    assert succeed(elsewhere.peil("restore", file)).startswith("Restored 2 conversations as of ")

    with elsewhere.open(house.clock) as restored:
        assert restored.everything() == before
        # Numbers go on after the highest one.
        again = Person(restored)
        again.say("2")
        assert again.asks(2)
        check_whole(restored)
    assert (elsewhere.data / "secret.key").read_text() == house.settings.secret


def test_an_erased_person_is_nowhere_in_a_backup_that_is_made_afterwards(
    house: House, here: Place, file: Path
) -> None:
    person, other = Person(house), Person(house)
    person.say("tja xyzzyworm")
    other.say("ja, de plughworm")
    house.use_cases.forget(person.id)

    succeed(here.peil("backup", file))

    everything = b"".join(content(file).values())
    assert b"plughworm" in everything
    assert b"xyzzyworm" not in everything
    assert person.id.encode() not in everything


# --- the file ---------------------------------------------------------------------------------------


def test_the_file_is_for_its_owner_alone_and_holds_one_secret_of_the_two(
    house: House, here: Place, file: Path
) -> None:
    Person(house).say("2")

    succeed(here.peil("backup", file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    parts = content(file)
    data = {"peil.db"} if house.is_sqlite else {f"{name}.copy" for name in tables.metadata.tables}
    assert set(parts) == {"manifest.json", "secret.key"} | data
    assert next(iter(parts)) == "manifest.json"
    assert parts["secret.key"].decode() == house.settings.secret
    assert house.settings.internal_secret.encode() not in b"".join(parts.values())


def test_a_file_that_is_there_is_replaced_with_force_only(house: House, here: Place, file: Path) -> None:
    file.write_text("Holiday pictures.")

    refuse(here.peil("backup", file), f"{file} exists", "--force")
    assert file.read_text() == "Holiday pictures."
    Person(house)
    succeed(here.peil("backup", file, "--force"))

    assert json.loads(content(file)["manifest.json"])["conversations"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_appears_while_the_backup_is_made_is_left_alone(
    house: House, here: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack(*arguments: Any) -> None:
        archive.pack(*arguments)
        file.write_text("Holiday pictures.")

    monkeypatch.setattr("bot.backup.commands.pack", pack)

    refuse(here.peil("backup", file), f"{file} exists")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_text() == "Holiday pictures."


@SQLITE
def test_what_cannot_be_written_is_one_sentence(house: House, here: Place, file: Path) -> None:
    refuse(here.peil("backup", file.parent), f"{file.parent} is a folder")
    refuse(here.peil("backup", file.parent / "none" / "peil.tar.gz"), f"no folder {file.parent / 'none'}")
    file.write_text("A file.")
    refuse(here.peil("backup", file / "peil.tar.gz"), f"no folder {file}")
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@SQLITE
def test_a_disk_that_is_full_is_one_sentence_and_leaves_nothing(
    house: House, here: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    refuse(here.peil("backup", file), f"{file} could not be written (No space left on device)")
    assert list(file.parent.iterdir()) == []


@SQLITE
def test_a_wrong_setting_is_one_sentence(house: House, here: Place, file: Path) -> None:
    for words in (("backup", file), ("restore", file)):
        refuse(here.peil(*words, PEIL_HTTP_PORT="many"), "PEIL_HTTP_PORT", "'many'")
    assert list(file.parent.iterdir()) == []


@SQLITE
def test_where_there_is_nothing_to_back_up_nothing_is_made(elsewhere: Place, file: Path) -> None:
    refuse(elsewhere.peil("backup", file), "secret.key", "nothing to back up")
    refuse(elsewhere.peil("backup", file, PEIL_SECRET="s" * 32), "no database at", "nothing to back up")

    assert list(file.parent.iterdir()) == []
    assert not elsewhere.folder.exists()


@POSTGRES
def test_an_empty_database_on_a_server_is_not_backed_up(elsewhere: Place, file: Path) -> None:
    refuse(elsewhere.peil("backup", file, PEIL_SECRET="s" * 32), "The database is empty")

    assert list(file.parent.iterdir()) == []


@SQLITE
def test_a_damaged_database_is_not_backed_up(house: House, here: Place, file: Path) -> None:
    house.close()
    with contextlib.closing(sqlite3.connect(here.file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transcript'").fetchone()
    raw = bytearray(here.file.read_bytes())
    raw[(root - 1) * page_size : root * page_size] = b"\xff" * page_size
    here.file.write_bytes(raw)

    refuse(here.peil("backup", file), f"{here.file} cannot be backed up")
    assert list(file.parent.iterdir()) == []


# In the process that makes the backup: an end without a farewell, at this point.
DIE = "import os\ndef die(*_, **__): os.kill(os.getpid(), 9)\n"
DEATHS = {
    "while the data are written": "import bot.backup.commands as c; c.measure = die",
    "while the archive is written": "import tarfile; tarfile.TarFile.addfile = die",
    "before the archive is on the disk": "import os; os.fsync = die",
    "before it gets its name": "import bot.backup.commands as c; c.move_to = die",
}


@pytest.mark.parametrize("moment", DEATHS)
@pytest.mark.parametrize("force", [False, True])
@SQLITE
def test_a_backup_that_is_killed_leaves_no_file_under_its_name_and_the_next_clears_away_after_it(
    house: House, here: Place, file: Path, moment: str, force: bool
) -> None:
    Person(house).say("tja xyzzyworm")
    if force:
        succeed(here.peil("backup", file))
    before = file.read_bytes() if force else None

    killed = here.process(
        *("backup", file, *(["--force"] if force else [])),
        code=f"{DIE}{DEATHS[moment]}",
    )

    assert killed == -signal.SIGKILL
    assert (file.read_bytes() if file.exists() else None) == before
    [left_over] = [path for path in file.parent.iterdir() if path != file]
    assert stat.S_IMODE(left_over.stat().st_mode) == 0o700
    succeed(here.peil("backup", file, "--force"))
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert "secret.key" in content(file)


@SQLITE
def test_a_backup_under_way_is_not_cleared_away_by_another(
    house: House, here: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.with_name("other.tar.gz")
    made: list[int] = []

    def pack(*arguments: Any) -> None:
        if not made:
            made.append(here.process("backup", other))
        archive.pack(*arguments)

    monkeypatch.setattr("bot.backup.commands.pack", pack)

    succeed(here.peil("backup", file))
    assert made == [0]
    assert {path.name for path in file.parent.iterdir()} == {file.name, other.name}
    assert set(content(file)) == set(content(other))


# --- what is no backup ------------------------------------------------------------------------------


def check_refused_untouched(place: Place, file: Path, *words: str) -> None:
    """The file is refused, with and without force, and every file is as it was."""
    before = place.files()
    for force in ([], ["--force"]):
        refuse(place.peil("restore", file, *force), str(file), *words)
        assert place.files() == before


@SQLITE
def test_a_backup_that_was_cut_short_anywhere_is_refused_and_changes_nothing(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("2")
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    whole = file.read_bytes()
    lengths = {0, 1, 10, 100, len(whole) - 1, len(whole) - 8, *range(0, len(whole), len(whole) // 12)}

    for length in sorted(lengths):
        file.write_bytes(whole[:length])
        check_refused_untouched(elsewhere, file)
    file.write_bytes(whole[: len(whole) // 2])
    check_refused_untouched(elsewhere, file, "is damaged or was cut short; nothing was changed")


@SQLITE
def test_a_backup_with_a_wrong_byte_is_refused_and_changes_nothing(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("2")
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    # Not in the compressed bytes: there some changes make no difference to what comes out.
    plain = gzip.decompress(file.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as opened:
        places = [(one.offset_data, one.size) for one in opened if one.name != "manifest.json"]
    assert len(places) == 2

    for start, size in places:
        for place in (start, start + size // 2, start + size - 1):
            file.write_bytes(gzip.compress(plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]))
            check_refused_untouched(elsewhere, file)


@SQLITE
def test_parts_that_are_not_those_of_the_manifest_are_refused(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    parts = content(file)

    def write(changed: dict[str, bytes]) -> None:
        with tarfile.open(file, "w:gz") as opened:
            for name, data in changed.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                opened.addfile(entry, io.BytesIO(data))

    for changed in (
        parts | {"secret.key": b"t" * len(parts["secret.key"])},
        parts | {"peil.db": parts["peil.db"][:-4096]},
        parts | {"peil.db": parts["peil.db"] + b"\0" * 4096},
        {name: data for name, data in parts.items() if name != "secret.key"},
        parts | {"../../stray.key": b"x"},
    ):
        write(changed)
        check_refused_untouched(elsewhere, file, "is damaged or was cut short")
    assert not list(elsewhere.folder.parent.rglob("stray.key"))


@SQLITE
def test_files_of_another_kind_are_refused(house: House, here: Place, elsewhere: Place, file: Path) -> None:
    succeed(here.peil("backup", file))
    parts = content(file)
    manifest = json.loads(parts["manifest.json"])
    succeed(elsewhere.peil("restore", file))

    def tarred(**members: bytes) -> bytes:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz") as opened:
            for name, data in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                opened.addfile(entry, io.BytesIO(data))
        return made.getvalue()

    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w:gz") as opened:
        entry = tarfile.TarInfo("manifest.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
        opened.addfile(entry)
    for foreign in (
        b"",
        b"Holiday pictures.\n" * 1000,
        here.file.read_bytes(),
        gzip.compress(b"Holiday pictures.\n" * 1000),
        tarred(**{"readme.txt": b"Hello."}),
        tarred(**{"manifest.json": b"{not json"}),
        tarred(**{"manifest.json": b"[1, 2]"}),
        tarred(**{"manifest.json": b'{"format": 1}'}),
        tarred(**{"manifest.json": json.dumps(manifest | {"parts": {"../peil.db": {}}}).encode()}),
        tarred(**{"manifest.json": json.dumps(manifest | {"parts": []}).encode()}),
        link.getvalue(),
    ):
        file.write_bytes(foreign)
        check_refused_untouched(elsewhere, file, "is not a backup of Peil")

    file.write_bytes(tarred(**{"manifest.json": b'{"format": 2, "peil": "7.0.0"}'}))
    check_refused_untouched(elsewhere, file, "a newer Peil (7.0.0)")
    file.unlink()
    check_refused_untouched(elsewhere, file, "No such file")


def test_a_backup_of_a_newer_peil_is_refused_and_changes_nothing(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    if house.is_sqlite:
        later = file.with_name("later.db")
        later.write_bytes(content(file)["peil.db"])
        with contextlib.closing(sqlite3.connect(later)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        repack(file, content(file) | {"peil.db": later.read_bytes()})
    else:
        repack(file, content(file), revision="9999")

    refuse(elsewhere.peil("restore", file), "another version of Peil", "9999")
    assert not elsewhere.folder.exists()
    with sa.create_engine(house.database_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_backup_of_the_other_kind_of_database_is_refused(house: House, here: Place, file: Path) -> None:
    succeed(here.peil("backup", file))
    other = "postgresql://nobody@127.0.0.1:1/x" if house.is_sqlite else f"sqlite:///{file.parent / 'x.db'}"

    refuse(here.peil("restore", file, PEIL_DATABASE_URL=other), "backup of", "SQLite", "PostgreSQL")
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@SQLITE
def test_a_damaged_database_in_a_sound_file_is_refused(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("2")
    succeed(here.peil("backup", file))
    parts = content(file)
    orphaned = file.with_name("orphaned.db")
    orphaned.write_bytes(parts["peil.db"])
    with contextlib.closing(sqlite3.connect(orphaned)) as connection, connection:
        connection.execute("DELETE FROM conversations")
    empty = file.with_name("empty.db")
    with contextlib.closing(sqlite3.connect(empty)) as connection, connection:
        connection.execute("CREATE TABLE pictures (id INTEGER)")
    middle = len(parts["peil.db"]) // 2
    torn = parts["peil.db"][:middle] + b"\xff" * 4096 + parts["peil.db"][middle + 4096 :]

    for number, database in enumerate(
        (b"no database at all", torn, orphaned.read_bytes(), empty.read_bytes())
    ):
        broken = file.with_name(f"broken{number}.tar.gz")
        repack(broken, parts | {"peil.db": database})
        refuse(elsewhere.peil("restore", broken), "The database in the backup cannot be used")
    assert not elsewhere.folder.exists()


# --- what is there already --------------------------------------------------------------------------


def test_nothing_is_restored_while_peil_runs(house: House, here: Place, elsewhere: Place, file: Path) -> None:
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        Person(other)
        rows = other.everything()
        settings = other.settings
    before = elsewhere.files()

    with only_one(settings):
        refuse(elsewhere.peil("restore", file, "--force"), f"already running on {elsewhere.data}")

    assert elsewhere.files() == before
    with elsewhere.open(house.clock) as other:
        assert other.everything() == rows


def test_nothing_is_restored_while_another_program_has_the_database_open(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        # Its pool keeps a connection open, as a gateway's does.
        Person(other)
        rows = other.everything()
        refuse(elsewhere.peil("restore", file, "--force"), "Another program has", "open")
        assert other.everything() == rows

    succeed(elsewhere.peil("restore", file, "--force"))
    with elsewhere.open(house.clock) as other:
        assert other.rows(tables.conversations) == []


def test_data_that_are_there_are_replaced_with_force_only_and_kept_aside(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("2")
    backed_up = house.everything()
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        Person(other).say("1")
        former = other.everything()
    key = elsewhere.data / "secret.key"
    key.write_text("another secret, of thirty-two characters")

    refuse(elsewhere.peil("restore", file), "There are data already", "--force")
    with elsewhere.open(house.clock) as other:
        assert other.everything() == former
    said = succeed(elsewhere.peil("restore", file, "--force"))

    with elsewhere.open(house.clock) as other:
        assert other.everything() == backed_up
    assert key.read_text() == house.settings.secret
    [kept_key] = elsewhere.data.glob("secret.key.before-restore-*")
    assert kept_key.read_text() == "another secret, of thirty-two characters"
    assert f"{kept_key}; delete them when they are not needed." in said
    if house.is_sqlite:
        [kept] = elsewhere.data.glob("peil.db.before-restore-*")
        url = f"sqlite:///{kept}"
        assert str(kept) in said
    else:
        [schema] = [word.strip('"') for word in said.split() if "before_restore_" in word]
        url = f"{elsewhere.database_url}?options=-csearch_path%3D{schema}"
    assert Place(elsewhere.folder, url).is_sqlite == house.is_sqlite
    with Place(elsewhere.folder, url).open(house.clock) as other:
        assert other.everything() == former


@SQLITE
def test_what_lay_beside_the_former_database_is_no_part_of_the_new_one(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("2")
    backed_up = house.everything()
    succeed(here.peil("backup", file))
    # A Peil that was killed: what was said last is in the log beside the database.
    Person(house).say("tja xyzzyworm")
    former = house.everything()
    elsewhere.data.mkdir(parents=True)
    for suffix in ("", "-wal", "-shm"):
        path = Path(f"{here.file}{suffix}")
        Path(f"{elsewhere.file}{suffix}").write_bytes(path.read_bytes())
    assert b"xyzzyworm" not in elsewhere.file.read_bytes()

    succeed(elsewhere.peil("restore", file, "--force"))

    names = {path.name for path in elsewhere.data.iterdir()}
    [kept] = [name for name in names if name.startswith("peil.db.before-restore-")]
    assert names == {"peil.db", kept, "secret.key", "run.lock"}
    with elsewhere.open(house.clock) as restored:
        assert restored.everything() == backed_up
    with Place(elsewhere.folder, f"sqlite:///{elsewhere.data / kept}").open(house.clock) as set_aside:
        assert set_aside.everything() == former


@SQLITE
def test_a_former_database_that_is_broken_is_kept_as_it_is(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house)
    succeed(here.peil("backup", file))
    elsewhere.data.mkdir(parents=True)
    former = {"": b"no database any more " * 500, "-wal": b"nor a log " * 500}
    for suffix, data in former.items():
        Path(f"{elsewhere.file}{suffix}").write_bytes(data)

    said = succeed(elsewhere.peil("restore", file, "--force"))

    assert "cannot be told from the former data" in said
    [kept] = [path for path in elsewhere.data.glob("*before-restore-*") if not path.name.endswith("-wal")]
    assert {suffix: Path(f"{kept}{suffix}").read_bytes() for suffix in former} == former
    with elsewhere.open(house.clock) as restored:
        check_whole(restored)


@SQLITE
def test_two_restores_in_one_second_keep_two_former_states(
    house: House, here: Place, elsewhere: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person(house)
    succeed(here.peil("backup", file))
    for _ in range(4):
        succeed(elsewhere.peil("restore", file, "--force"))

    assert len(list(elsewhere.data.glob("peil.db.before-restore-*"))) == 3


@SQLITE
def test_a_restore_that_is_killed_leaves_one_whole_database(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house)
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        Person(other)
        former = other.everything()
    for death in (
        "import bot.backup.commands as c; c.unpack = die",
        "import bot.backup.sqlite as s; s.Sqlite.replace = die",
        "import bot.backup.sqlite as s; s.like_folder = die",
        "import bot.backup.sqlite as s; s.keep_aside = die",
        "import bot.backup.sqlite as s; s.os.replace = die",
    ):
        killed = elsewhere.process("restore", file, "--force", code=f"{DIE}{death}")
        assert killed == -signal.SIGKILL
        with elsewhere.open(house.clock) as other:
            assert other.everything() == former

    succeed(elsewhere.peil("restore", file, "--force"))
    assert not list(elsewhere.data.glob(".peil-*"))


@SQLITE
def test_a_file_system_without_hard_links_will_do(
    house: House, here: Place, elsewhere: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    elsewhere.data.mkdir(parents=True)
    (elsewhere.data / "secret.key").write_text("s" * 64)
    Person(house)

    with monkeypatch.context() as patched:
        patched.setattr("os.link", none)
        succeed(here.peil("backup", file))
        refuse(here.peil("backup", file), "exists")
        succeed(elsewhere.peil("restore", file, "--force"))
        succeed(elsewhere.peil("restore", file, "--force"))

    names = {path.name.partition(".before-restore-")[0] for path in elsewhere.data.iterdir()}
    assert names == {"peil.db", "secret.key", "run.lock"}
    assert len(list(elsewhere.data.iterdir())) == 5
    with elsewhere.open(house.clock) as restored:
        assert restored.everything() == house.everything()


@SQLITE
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_what_root_restores_belongs_to_whom_the_folder_belongs(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    elsewhere.data.mkdir(parents=True)
    os.chown(elsewhere.data, 12345, 23456)

    succeed(elsewhere.peil("restore", file))

    assert {path.name for path in elsewhere.data.iterdir()} == {"peil.db", "secret.key", "run.lock"}
    for path in elsewhere.data.iterdir():
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- the secret -------------------------------------------------------------------------------------


@SQLITE
def test_a_secret_of_the_settings_is_in_the_backup_and_must_be_the_same_when_it_is_restored(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    ours, other = "our secret " * 4, "another one " * 4
    succeed(here.peil("backup", file, PEIL_SECRET=ours))
    assert content(file)["secret.key"].decode() == ours.strip()

    refuse(elsewhere.peil("restore", file, PEIL_SECRET=other), "PEIL_SECRET is not the secret of this backup")
    assert not elsewhere.folder.exists()
    succeed(elsewhere.peil("restore", file, PEIL_SECRET=ours))
    assert not (elsewhere.data / "secret.key").exists()
    succeed(elsewhere.peil("restore", file, "--force"))
    assert (elsewhere.data / "secret.key").read_text() == ours.strip()


@SQLITE
def test_a_secret_without_a_database_is_not_thrown_away(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    elsewhere.data.mkdir(parents=True)
    (elsewhere.data / "secret.key").write_text("s" * 64)

    refuse(elsewhere.peil("restore", file), "There are data already")
    assert (elsewhere.data / "secret.key").read_text() == "s" * 64
    assert not elsewhere.file.exists()


# --- who was erased after the backup ----------------------------------------------------------------


def test_who_was_erased_after_the_backup_is_named_when_it_is_restored_over_the_former_data(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        erased, forgotten, goes_on = Person(other), Person(other), Person(other)
        refusing = Person(other, agrees=False)
        Person(other, agrees=False)  # never comes back
    succeed(elsewhere.peil("backup", file, "--force"))
    with elsewhere.open(house.clock) as other:
        for person in (erased, forgotten, goes_on, refusing):
            person.house = other
        erased.say("wis alles", "erase")
        erased.say("ja")
        refusing.say("nee")
        goes_on.say("2")
        assert other.use_cases.forget(forgotten.id)
        house.clock.move(days=20)
        goes_on.say("2")
        refusing.say("hallo")
        house.clock.move(days=20)
        # Who never came back, and what was left of who erased all.
        assert other.use_cases.tidy() == 2

    said = succeed(elsewhere.peil("restore", file, "--force"))

    named = [line.split()[-1] for line in said.splitlines() if line.startswith("  peil forget ")]
    assert named == sorted([erased.id, forgotten.id, refusing.id])
    for conversation_id in named:
        succeed(elsewhere.peil("forget", conversation_id, "--yes"))
    with elsewhere.open(house.clock) as other:
        assert other.conversation(goes_on.id).consent == "given"
        assert len(other.rows(tables.conversations)) == 2


def test_data_of_another_peil_tell_nothing_of_who_was_erased(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house)
    succeed(here.peil("backup", file))
    # As somebody does who starts Peil on a new machine and then thinks of the backup.
    house.clock.move(days=1)
    House(elsewhere.folder, elsewhere.database_url, house.clock).close()

    said = succeed(elsewhere.peil("restore", file, "--force"))

    assert "peil forget" not in said
    assert "Who was erased after the backup was made cannot be told" in said


def test_a_link_that_was_withdrawn_after_the_backup_stays_withdrawn(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    person = Person(house)
    now = house.clock()
    link = {"kind": "share", "conversation_id": person.id, "created_at": now}
    with house.store.engine.begin() as connection:
        connection.execute(tables.links.insert(), [link | {"id": "open"}, link | {"id": "withdrawn"}])
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    ended = house.clock()
    with elsewhere.open(house.clock) as other, other.store.engine.begin() as connection:
        change = tables.links.update().where(tables.links.c.id == "withdrawn")
        connection.execute(change.values(ended_at=ended, device="d"))

    succeed(elsewhere.peil("restore", file, "--force"))

    with elsewhere.open(house.clock) as other:
        found = {row["id"]: (row["ended_at"], row["device"]) for row in other.rows(tables.links)}
    assert found == {"open": (None, None), "withdrawn": (ended, "d")}


# --- versions ---------------------------------------------------------------------------------------


def first_tables(place: Place, clock: Clock) -> tuple[str, str]:
    """Make a database as the first version has left it, somebody at the second question.

    The id of the conversation, and the token of the button for level 3 of that question.
    """
    engine = make_engine(place.database_url)
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
    old = sa.MetaData()
    old.reflect(engine)
    canonical = definitions.canonical(teahouse())
    hash_, now, conversation_id = definitions.content_hash(canonical), clock(), "c" * 32
    place.data.mkdir(parents=True, exist_ok=True)
    (place.data / "secret.key").write_text("s" * 64)
    button = Buttons("s" * 64).token(conversation_id, "a", "run", "1", "3")
    rows: dict[str, dict[str, Any]] = {
        "definitions": {
            **{"hash": hash_, "model_id": "teahouse", "version": "1.0.0", "content": canonical},
            **{"published_at": now, "offered": True},
        },
        "conversations": {
            **{"id": conversation_id, "channel": "web", "language": "nl", "consent": "given"},
            **{"assessment_id": "run", "prefill": {}, "created_at": now, "last_seen_at": now, "last_seq": 1},
        },
        "assessments": {
            **{"id": "run", "conversation_id": conversation_id, "definition_hash": hash_},
            **{"status": "active", "current_item": "tea.brewing", "started_at": now},
        },
        "inbox": {
            **{"turn_id": "t1", "channel": "web", "conversation_id": conversation_id, "message_id": "m1"},
            **{"fingerprint": "f", "received_at": now, "done_at": now},
        },
        "transcript": {
            **{"conversation_id": conversation_id, "seq": 1, "public_id": "b.1", "turn_id": "t1"},
            **{"role": "bot", "kind": "reply", "text": "Vraag 2", "language": "nl", "at": now},
            "buttons": [{"title": "3", "token": button, "style": "level"}],
        },
        "answers": {
            **{"assessment_id": "run", "item_id": "tea.leaves", "kind": "level", "value": 2},
            **{"turn_id": "t1", "by": "respondent", "at": now},
        },
    }
    with engine.begin() as connection:
        for table in old.sorted_tables:
            if table.name in rows:
                connection.execute(table.insert(), rows[table.name])
    engine.dispose()
    return conversation_id, button


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_backup_of_the_first_version_is_restored_brought_up_to_date_and_gone_on_with(
    database: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder = Clock(), tmp_path / "old"
    url = f"sqlite:///{folder / 'data' / 'peil.db'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgres_database")
    place, file = Place(folder, url), tmp_path / "old.tar.gz"
    conversation_id, button = first_tables(place, clock)
    if database == "postgresql":
        # What the first version has for its tables.
        engine, old = make_engine(url), sa.MetaData()
        old.reflect(engine)
        old.remove(old.tables["alembic_version"])
        engine.dispose()
        monkeypatch.setattr(postgresql, "metadata", old)
        monkeypatch.setattr(postgresql, "is_newest", lambda _: True)
    succeed(place.peil("backup", file))
    assert json.loads(content(file)["manifest.json"])["revision"] == "0001"
    (folder / "definitions").mkdir()
    (folder / "definitions" / "teahouse.yml").write_text(teahouse(), encoding="utf-8")

    succeed(place.peil("restore", file, "--force"))

    with place.open(clock) as house:
        assert bootstrap.prepare(house.settings) == ["The database is up to date now."]
        received = house.use_cases.receive("web", conversation_id, "m2", button=button)
        house.use_cases.take_turn(received.turn_id, "take_button")
        assert house.holds(conversation_id) == {"tea.leaves": 2, "tea.brewing": 3}
        reply = house.use_cases.reply_of(received.turn_id)
        assert reply is not None
        assert question(3) in reply[-1].text


def test_a_backup_can_be_made_of_a_database_that_is_not_up_to_date(tmp_path: Path, file: Path) -> None:
    place = Place(tmp_path / "old", f"sqlite:///{tmp_path / 'old' / 'data' / 'peil.db'}")
    first_tables(place, Clock())
    before = place.files()

    assert "holds 1 conversation " in succeed(place.peil("backup", file))
    assert {name: data for name, data in place.files().items() if "-shm" not in name} == before


# --- a server that refuses --------------------------------------------------------------------------


@POSTGRES
def test_rows_that_do_not_fit_together_change_nothing_and_are_not_repeated(
    house: House, here: Place, elsewhere: Place, file: Path
) -> None:
    Person(house).say("tja xyzzyworm")
    succeed(here.peil("backup", file))
    succeed(elsewhere.peil("restore", file))
    with elsewhere.open(house.clock) as other:
        before = other.everything()
    parts = content(file)
    repack(file, parts | {"conversations.copy": b""})
    key = elsewhere.data / "secret.key"
    key.write_text("another secret, of thirty-two characters")

    result = elsewhere.peil("restore", file, "--force")

    refuse(result, "PostgreSQL could not do it (ForeignKeyViolation)")
    assert "xyzzyworm" not in result.stderr
    assert key.read_text() == "another secret, of thirty-two characters"
    with elsewhere.open(house.clock) as other:
        assert other.everything() == before


@POSTGRES
def test_a_server_that_is_away_is_one_sentence(here: Place, file: Path) -> None:
    away = "postgresql://nobody@127.0.0.1:1/x"
    refuse(here.peil("backup", file, PEIL_DATABASE_URL=away), "The database cannot be used")
    succeed(here.peil("backup", file))
    refuse(here.peil("restore", file, PEIL_DATABASE_URL=away), "The database cannot be used")
