"""The throw-away cluster itself: it starts, copies databases, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import postgres

pytestmark = pytest.mark.skipif(
    postgres.missing_reason() is not None and os.environ.get("CI") != "true",
    reason=str(postgres.missing_reason()),
)


@pytest.fixture(scope="module")
def cluster():
    cluster = postgres.start()
    yield cluster
    cluster.stop()
    assert not cluster.folder.exists()


def test_a_database_is_copied_from_a_template_and_dropped_under_its_users(cluster):
    cluster.create_database("pattern")
    with cluster.connect("pattern") as connection:
        connection.execute("CREATE TABLE vial (serial text)")
        connection.execute("INSERT INTO vial VALUES ('1')")
    cluster.create_database("copy", template="pattern")
    with cluster.connect("copy") as connection:
        assert connection.execute("SELECT serial FROM vial").fetchone() == ("1",)
        cluster.drop_database("copy")
        cluster.dropped()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    cluster.drop_database("copy")
    cluster.dropped()


def test_commits_are_synchronous_and_nothing_listens_on_a_port(cluster):
    with cluster.connect() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_stops_and_its_folder_goes_when_the_session_is_interrupted(how):
    # A shell that starts the tests in the background has them ignore Ctrl-C, and what they start as well.
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from tests import postgres; print(postgres.start().folder, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as session:
        folder = Path(session.stdout.readline().strip())
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        session.send_signal(how)
    end = time.monotonic() + 20
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
