"""Measures the consultants' desk on a full database: each page's time and number of queries.

`python -m benchmarks.desk [--postgres URL] [--sqlite N] [--postgres-count N] [--times N] [--keep FOLDER]
[--only WORD] [--json FILE]` fills databases of its own (one made on the PostgreSQL server of --postgres or
PEIL_TEST_POSTGRES_URL, an SQLite file in a temporary folder), signs in, asks for every page, and drops the
databases; with --keep they stay, for the next time with the same folder. Prints Markdown. Exit status 1 where
a page's 95th percentile is above the limit.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from benchmarks.desk.figures import report, text
from benchmarks.desk.measure import TIMES, DeskBenchError, Measured, measure
from benchmarks.running import carry_out, keep, say
from bot.bootstrap import StartError
from bot.settings import ROOT, SettingsError


def main() -> int:
    """Measure and tell. Returns the exit status: 1 where a page is too slow or could not be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.desk", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--postgres",
        metavar="URL",
        default=os.environ.get("PEIL_TEST_POSTGRES_URL"),
        help="a server on which a database may be made (default: PEIL_TEST_POSTGRES_URL; without: left out)",
    )
    parser.add_argument("--postgres-count", type=int, default=10_000, help="assessments (default: 10000)")
    parser.add_argument("--sqlite", type=int, default=5_000, help="assessments; 0 leaves it out")
    parser.add_argument("--times", type=int, default=TIMES, help=f"of each page (default: {TIMES})")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="keep the filled databases, and use those that this folder knows of",
    )
    parser.add_argument("--only", default="", metavar="WORD", help="pages with this in their names")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=ROOT / "var" / "desk-bench.json",
        help="the same for machines",
    )
    arguments = parser.parse_args()
    if arguments.times < 1 or arguments.sqlite < 0 or arguments.postgres_count < 0:
        parser.error("numbers must be positive")
    if not (arguments.postgres and arguments.postgres_count) and not arguments.sqlite:
        parser.error("there is nothing to measure on")

    def work() -> list[Measured]:
        found = []
        with ExitStack() as stack:
            folder = arguments.keep or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="peil-desk-bench-"))
            )
            if arguments.postgres and arguments.postgres_count:
                name = f"pg-{arguments.postgres_count}"
                url = stack.enter_context(
                    _own_database(arguments.postgres, folder / f"{name}.url" if arguments.keep else None)
                )
                found.append(
                    measure(
                        url, folder / name, arguments.postgres_count, arguments.times, say, arguments.only
                    )
                )
            if arguments.sqlite:
                name = f"lite-{arguments.sqlite}"
                url = f"sqlite:///{(folder / name).resolve()}.db"
                found.append(
                    measure(url, folder / name, arguments.sqlite, arguments.times, say, arguments.only)
                )
        return found

    failures = (DeskBenchError, SettingsError, StartError, sa.exc.SQLAlchemyError)
    measured = carry_out(work, failures, "The desk bench")
    print(text(measured))
    keep(report(measured), arguments.json)
    return 0 if all(one.met for one in measured) else 1


@contextmanager
def _own_database(server_url: str, keep_in: Path | None) -> Iterator[str]:
    """The URL of a new database on this server, which goes afterwards.

    `keep_in`: a file that holds, or is to hold, the URL of one that stays.
    """
    if keep_in is not None and keep_in.exists():
        yield keep_in.read_text(encoding="utf-8")
        return
    name = f"peil_desk_bench_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(
        sa.make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    url = server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    done = False
    try:
        yield url
        done = True
    finally:
        if keep_in is not None and done:
            keep_in.parent.mkdir(parents=True, exist_ok=True)
            keep_in.write_text(url, encoding="utf-8")
        else:
            with server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.dispose()


if __name__ == "__main__":
    sys.exit(main())
