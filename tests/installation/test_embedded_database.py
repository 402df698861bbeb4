"""The embedded PostgreSQL on real folders: what may stand in its way, and what must survive."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psycopg
import pytest

from telmee.core.errors import DomainError
from telmee.installation.embedded_database import (
    EmbeddedDatabase,
    _all_processes,
    _is_postgres_on,
    binaries,
)
from tests.patience import wait_until

SOURCE = Path(__file__).parents[2] / "src"


def maintenance(database: EmbeddedDatabase) -> psycopg.Connection[tuple[object, ...]]:
    """Connect where a new cluster has a database already."""
    found = database.addresses()
    assert found
    return psycopg.connect(found.owner.replace("/telmee?", "/postgres?"), autocommit=True)


def server_pid(database: EmbeddedDatabase) -> int:
    return int((database.folder / "postmaster.pid").read_text().splitlines()[0])


def healed(database: EmbeddedDatabase) -> bool:
    database.heal()
    return database.addresses() is not None


def code_of(database: EmbeddedDatabase) -> str:
    with pytest.raises(DomainError) as raised:
        database.start()
    return raised.value.problems[0].code


def wait_until_gone(pid: int) -> None:
    wait_until(lambda: not Path("/proc", str(pid)).exists(), "the end of a database")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_is_stored_is_there_after_a_restart(place: Path) -> None:
    database = EmbeddedDatabase(place / "data" / "database", durable=False)
    with database, maintenance(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS figure")
    assert database.addresses() is None
    with database, maintenance(database) as connection:
        assert connection.execute("SELECT figure FROM kept").fetchone() == (1,)


def test_it_is_private_and_sorts_the_same_everywhere(place: Path) -> None:
    with EmbeddedDatabase(place / "database") as database, maintenance(database) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("listen_addresses", "fsync", "TimeZone", "server_encoding")
        }
        assert shown == {
            "listen_addresses": ("",),
            "fsync": ("on",),
            "TimeZone": ("UTC",),
            "server_encoding": ("UTF8",),
        }
        collation = "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"
        assert connection.execute(collation).fetchone() == ("C",)
        assert database.folder.stat().st_mode & 0o777 == 0o700
        assert place.stat().st_mode & 0o777 == 0o755, "the folder above was touched"


def test_a_killed_server_starts_again_with_what_was_committed(place: Path) -> None:
    database = EmbeddedDatabase(place / "database")
    with database:
        with maintenance(database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS figure")
        pid = server_pid(database)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
    with database, maintenance(database) as connection:
        assert connection.execute("SELECT figure FROM kept").fetchone() == (1,)


def test_a_pid_that_went_to_somebody_else_is_no_obstacle_and_left_alone(place: Path) -> None:
    database = EmbeddedDatabase(place / "database", durable=False)
    with database:
        pid_file = (database.folder / "postmaster.pid").read_text().splitlines()
    owner = database.folder.stat()
    user = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **user) as stranger:  # type: ignore[call-overload]
        pid_file[0] = str(stranger.pid)
        (database.folder / "postmaster.pid").write_text("\n".join(pid_file))
        assert database.addresses() is None
        with database:
            assert database.addresses()
        assert stranger.poll() is None
        stranger.terminate()


def test_a_folder_of_another_version_is_named_and_untouched(place: Path) -> None:
    folder = place / "database"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(DomainError) as raised:
        EmbeddedDatabase(folder).start()
    assert raised.value.problems[0].code == "data_folder_other_version"
    assert raised.value.problems[0].params["found"] == "16"
    assert [path.name for path in folder.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_something_else_is_refused(place: Path) -> None:
    (place / "letters").mkdir()
    (place / "letters" / "letter.txt").write_text("Dear reader")
    assert code_of(EmbeddedDatabase(place / "letters")) == "data_folder_foreign"
    assert (place / "letters" / "letter.txt").read_text() == "Dear reader"


def test_a_folder_behind_a_closed_door_is_refused_and_the_door_stays_closed(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    mode = closed.stat().st_mode
    assert code_of(EmbeddedDatabase(closed / "database")) == "data_folder_unreachable"
    assert closed.stat().st_mode == mode


def test_the_second_of_two_starts_is_told_so(place: Path) -> None:
    with EmbeddedDatabase(place / "database", durable=False) as database:
        assert code_of(EmbeddedDatabase(place / "database")) == "database_in_use"
        assert database.addresses()


def test_a_path_too_long_for_a_socket_works(place: Path) -> None:
    folder = place / ("a, b" * 20) / ("d'" * 20)
    database = EmbeddedDatabase(folder, durable=False)
    with database:
        found = database.addresses()
        assert found
        assert str(folder) not in found.owner
        socket_folder = Path((folder / "postmaster.pid").read_text().splitlines()[4])
        assert socket_folder.stat().st_mode & 0o777 == 0o700
        maintenance(database).close()
    assert not socket_folder.exists()


def test_half_a_first_start_leaves_nothing_in_the_way(place: Path) -> None:
    (place / ".database.new").mkdir()
    (place / ".database.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedDatabase(place / "database", durable=False):
        assert sorted(path.name for path in place.iterdir()) == [".database.lock", "database"]


def test_it_ends_with_the_process_that_started_it_even_when_that_is_killed(place: Path) -> None:
    start = (
        "import sys; from pathlib import Path;"
        "from telmee.installation.embedded_database import EmbeddedDatabase;"
        "EmbeddedDatabase(Path(sys.argv[1]), durable=False).start();"
        "print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start, place / "database"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        database = EmbeddedDatabase(place / "database", durable=False)
        pid = server_pid(database)
        starter.kill()
    with database:  # at once, while the first is still stopping
        wait_until_gone(pid)
        assert database.addresses()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_programs_in_a_closed_place_are_copied(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_user: object, program: Path) -> bool:
        return not program.is_relative_to(binaries())

    monkeypatch.setattr("telmee.installation.embedded_database._User.can_run", refuses)
    with EmbeddedDatabase(place / "database", durable=False) as database:
        (copied,) = place.glob("database-programs-*")
        options = (database.folder / "postmaster.opts").read_text()
        assert options.startswith(str(copied))


def test_a_server_that_is_killed_is_started_again_with_all_it_had(place: Path) -> None:
    with EmbeddedDatabase(place / "database") as database:
        with maintenance(database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        busy = maintenance(database)
        before = server_pid(database)
        database.heal()
        assert server_pid(database) == before
        children = set(_all_processes_on(database.folder)) - {str(before)}
        os.kill(before, signal.SIGKILL)
        wait_until_gone(before)
        database.heal()
        assert server_pid(database) != before
        assert not children & set(_all_processes_on(database.folder))
        busy.close()
        with maintenance(database) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
        again = server_pid(database)
    wait_until_gone(again)


def test_a_server_that_cannot_be_started_again_is_tried_later(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("telmee.installation.embedded_database._AGAIN_SECONDS", 0.0)
    with EmbeddedDatabase(place / "database", durable=False) as database:
        os.kill(server_pid(database), signal.SIGKILL)
        version = database.folder / "PG_VERSION"
        kept = version.read_text()
        version.write_text("1\n")
        while "could not be started" not in caplog.text:
            database.heal()
        version.write_text(kept)
        wait_until(partial(healed, database), "a database that was healed")
        maintenance(database).close()


def test_one_that_was_stopped_is_not_started_again(place: Path) -> None:
    database = EmbeddedDatabase(place / "database", durable=False)
    with database:
        pass
    database.heal()
    assert database.addresses() is None


def _all_processes_on(folder: Path) -> list[str]:
    return [pid for pid in _all_processes() if _is_postgres_on(folder, pid)]
