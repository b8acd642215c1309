"""Measures the consultants' desk on a full database: each page's time and number of queries.

`python -m benchmarks.desk [--postgres URL] [--sqlite N] [--postgres-count N] [--times N] [--json FILE]` fills
databases of its own (one made on the PostgreSQL server of --postgres or PEIL_TEST_POSTGRES_URL, and dropped
afterwards; an SQLite file in a temporary folder), signs in, and asks for every page. Prints Markdown. Exit
status 1 where a page's 95th percentile is above the limit.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
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
        with tempfile.TemporaryDirectory(prefix="peil-desk-bench-") as folder:
            if arguments.postgres and arguments.postgres_count:
                with _own_database(arguments.postgres) as url:
                    found.append(
                        measure(url, Path(folder) / "pg", arguments.postgres_count, arguments.times, say)
                    )
            if arguments.sqlite:
                url = f"sqlite:///{Path(folder) / 'desk.db'}"
                found.append(measure(url, Path(folder) / "lite", arguments.sqlite, arguments.times, say))
        return found

    failures = (DeskBenchError, SettingsError, StartError, sa.exc.SQLAlchemyError)
    measured = carry_out(work, failures, "The desk bench")
    print(text(measured))
    keep(report(measured), arguments.json)
    return 0 if all(one.met for one in measured) else 1


@contextmanager
def _own_database(server_url: str) -> Iterator[str]:
    """The URL of a new database on this server, which goes afterwards."""
    name = f"peil_desk_bench_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(
        sa.make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.dispose()


if __name__ == "__main__":
    sys.exit(main())
