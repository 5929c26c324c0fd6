"""One throw-away PostgreSQL cluster for a test session, reached by a socket in its own folder: nothing listens on a port.
A small shell watches over the server through a pipe, so it stops, and its folder goes, however the session ends."""

import atexit
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.parse import quote

import psycopg
from psycopg import sql

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    # The data dies with the session. synchronous_commit stays on: the store asserts it.
    "fsync": "off",
    "full_page_writes": "off",
    # Nothing lives long enough to be vacuumed, and nothing is replicated.
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# A line, or the end of the pipe because the session died, shuts the server down and removes the folder.
WATCH = """
folder=$1; shift
"$@" </dev/null >"$folder/server.log" 2>&1 & server=$!
read -r _
kill -INT $server 2>/dev/null
wait $server
cd / && rm -rf "$folder"
"""


class Cluster:
    """A running server. Its superuser is `postgres`; whoever can reach the socket is trusted."""

    def __init__(self, folder: Path, process: subprocess.Popen) -> None:
        self.folder = folder
        self._process = process
        self._own: psycopg.Connection | None = None
        self._gone: Queue[str | None] = Queue()
        self._dropper: Thread | None = None

    def url(self, db: str = "postgres", user: str = "postgres", scheme: str = "postgresql+psycopg") -> str:
        """For SQLAlchemy; psycopg itself wants scheme `postgresql`."""
        return f"{scheme}://{quote(user)}@/{quote(db)}?host={self.folder}&port=5432"

    def connect(self, db: str = "postgres", user: str = "postgres", **options) -> psycopg.Connection:
        options.setdefault("autocommit", True)
        return psycopg.connect(self.url(db, user, scheme="postgresql"), **options)

    def create_database(self, name: str, template: str | None = None) -> None:
        """A copy of `template`, which must have no connections, in a few hundredths of a second."""
        # Copying files is the only way before 15, and from 15 on the quicker one where nothing is synced.
        how = "STRATEGY file_copy" if self._asking().info.server_version >= 150_000 else ""
        self._execute("CREATE DATABASE {} TEMPLATE {} " + how, name, template or "template1")

    def drop_database(self, name: str) -> None:
        """Soon, for it waits for a checkpoint. Who is still connected is thrown out; a name that is not there is no error."""
        if self._dropper is None:
            self._dropper = Thread(target=self._drop, daemon=True)
            self._dropper.start()
        self._gone.put(name)

    def dropped(self) -> None:
        """Wait until everything that was to be dropped is."""
        self._gone.join()

    def _drop(self) -> None:
        with self.connect() as connection:
            while name := self._gone.get():
                try:
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                finally:
                    self._gone.task_done()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._dropper:
            self._gone.put(None)
            self._dropper.join(timeout=60)
        if self._own:
            self._own.close()
        if self._process.stdin.closed:
            return
        try:
            self._process.stdin.write(b"\n")
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.wait(timeout=60)

    def _execute(self, statement: str, *names: str) -> None:
        self._asking().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _asking(self) -> psycopg.Connection:
        """One connection for databases made and dropped: opening one takes as long as dropping one."""
        if self._own is None or self._own.closed:
            self._own = self.connect()
        return self._own

    def _wait_until_ready(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                return self.connect().close()
            except psycopg.OperationalError:
                failed = any("FATAL" in line and "starting up" not in line for line in self._log().splitlines())
                if failed or time.monotonic() > end:
                    raise RuntimeError(f"PostgreSQL did not start:\n{self._log()}") from None
                time.sleep(0.02)

    def _log(self) -> str:
        log = self.folder / "server.log"
        return log.read_text(errors="replace") if log.exists() else ""


def start() -> Cluster:
    """About a second: initdb, then a server. Stopped by stop(), or when this process ends in any way."""
    if reason := missing_reason():
        raise RuntimeError(reason)
    programs = _programs()
    # Not tempfile.gettempdir(): a socket's path may have 103 characters, and user postgres must get there.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")))
    account = _account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    # As root: the server refuses root. A session of its own keeps Ctrl-C at the terminal away from it.
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    common = {
        **who,
        "cwd": folder,
        "start_new_session": True,
        "env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(folder)},
    }
    data = folder / "data"
    made = subprocess.run(
        [programs / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
         "--locale=C", "--no-sync", "--no-instructions"],
        capture_output=True, text=True, check=False, **common,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        ["/bin/sh", "-c", WATCH, "sh", folder, programs / "postgres", "-D", data, "-k", folder, *settings],
        stdin=subprocess.PIPE, **common,
    )  # fmt: skip
    cluster = Cluster(folder, process)
    atexit.register(cluster.stop)
    try:
        cluster._wait_until_ready()
    except BaseException:
        cluster.stop()
        raise
    return cluster


def missing_reason() -> str | None:
    """Why there can be no cluster on this machine, and the command that changes it; None where there can."""
    if not _programs():
        command = "brew install postgresql" if sys.platform == "darwin" else "apt-get install postgresql"
        return f"PostgreSQL's server is not installed: {command}"
    if os.geteuid() == 0 and not _account():
        return "PostgreSQL's server refuses root, and there is no user postgres or nobody to run it as"
    return None


def _programs() -> Path | None:
    """The folder with initdb and postgres, the newest where there are several."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: float(f.parent.name), reverse=True)
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(asked.stdout.strip()))
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _account() -> pwd.struct_passwd | None:
    """Whom root runs the server as; None for anyone else, who runs it as themselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")
