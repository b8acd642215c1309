"""The migrations make the tables of bot.store.tables, no more and no less, on both databases."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.bootstrap import StartError, migrate
from bot.settings import Settings
from bot.store import tables
from bot.store.engine import make_engine
from bot.store.migrate import config, upgrade
from tests.integration.parts import Clock, House, Person, teahouse


@pytest.fixture
def engine(database_url: str):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"PEIL_DATA_DIR": str(tmp_path / "data"), "PEIL_DATABASE_URL": database_url}
    )


@pytest.fixture
def own_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on a database of its own: the prepared one is shared, and its tables must stay as they are."""
    house = House(tmp_path, database_url, Clock())
    yield house
    house.close()


def differences(engine: sa.Engine, metadata: sa.MetaData = tables.metadata) -> list:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, metadata)


def schema(engine: sa.Engine) -> dict:
    """Every table as the database itself describes it, with its rows."""
    described = {}
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in sorted(inspector.get_table_names()):
            columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
            rows = sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{table}"')))
            described[table] = (columns, rows)
    return described


def test_migrations_make_exactly_the_tables_types_included(engine: sa.Engine) -> None:
    assert upgrade(engine) is True

    assert differences(engine) == []


def test_the_comparison_would_notice_another_type_a_missing_index_and_a_missing_column(
    engine: sa.Engine,
) -> None:
    upgrade(engine)
    other = sa.MetaData(naming_convention=tables.metadata.naming_convention)
    for table in tables.metadata.sorted_tables:
        table.to_metadata(other)
    other.tables["inbox"].c.text.type = sa.Integer()
    sa.Index("ix_extra", other.tables["answers"].c.by)
    other.tables["pictures"].append_column(sa.Column("extra", sa.Text))

    found = {(one[0][0] if isinstance(one, list) else one[0]) for one in differences(engine, other)}

    assert found == {"modify_type", "add_index", "add_column"}


def test_a_second_upgrade_does_nothing(engine: sa.Engine) -> None:
    upgrade(engine)
    before = schema(engine)

    assert upgrade(engine) is False
    assert schema(engine) == before


def test_what_was_said_survives_a_second_start(house: House) -> None:
    person = Person(house)
    person.say("2")
    before = house.everything()

    assert house.publish(teahouse=teahouse()) == []
    assert house.everything() == before


def test_a_database_of_a_newer_revision_is_refused_and_left_alone(
    engine: sa.Engine, settings: Settings
) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("CREATE TABLE of_the_future (id INTEGER)")
    before = schema(engine)

    with pytest.raises(
        StartError, match=r"^The database was made by another version of Peil .*'9999'"
    ) as caught:
        migrate(settings)

    assert "nothing was changed" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert schema(engine) == before


def test_a_migration_that_fails_leaves_nothing_half(engine: sa.Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        # In the way of the last table that the migration makes.
        connection.exec_driver_sql("CREATE TABLE pictures (mine INTEGER)")
    before = schema(engine)

    with pytest.raises(StartError, match="The database cannot be used"):
        migrate(settings)

    assert schema(engine) == before


def test_down_to_the_beginning_and_up_again(engine: sa.Engine) -> None:
    upgrade(engine)
    before = schema(engine)
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")

    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version"}
    assert upgrade(engine) is True
    assert schema(engine) == before
    assert differences(engine) == []


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}", "postgresql://nobody@127.0.0.1:1/peil"):
        unusable = Settings.from_environment({"PEIL_DATA_DIR": str(tmp_path), "PEIL_DATABASE_URL": url})
        with pytest.raises(StartError, match=r"^The database cannot be used: .*Check PEIL_DATABASE_URL\.$"):
            migrate(unusable)


def test_a_migration_that_copies_a_table_keeps_everything_that_hangs_on_it(
    own_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own_house
    person = Person(house)
    person.say("2")
    # 'always' is what SQLite needs for most changes: copy the table, drop the old one. PostgreSQL never does.
    recreate = "always" if house.is_sqlite else "auto"
    before = house.rows(tables.transcript), house.rows(tables.answers)
    next_one = tmp_path / "versions"
    next_one.mkdir()
    (next_one / "9999_note.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = '9999', '0009', None, None\n"
        "def upgrade():\n"
        f"    with op.batch_alter_table('conversations', recreate='{recreate}') as table:\n"
        "        table.add_column(sa.Column('note', sa.Text))\n",
        encoding="utf-8",
    )
    ours = config().get_main_option("script_location")
    made = config()
    made.set_main_option("path_separator", "os")
    made.set_main_option("version_locations", f"{ours}/versions{os.pathsep}{next_one}")
    monkeypatch.setattr("bot.store.migrate.config", lambda: copy.copy(made))

    assert upgrade(house.store.engine) is True

    assert (house.rows(tables.transcript), house.rows(tables.answers)) == before
    with house.store.engine.connect() as connection:
        if house.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("SELECT count(note) FROM conversations").scalar_one() == 0
