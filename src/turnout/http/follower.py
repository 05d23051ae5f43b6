"""The thread that keeps a server process in step with the catalog.

It listens, reads what is live, has models loaded aside, replaces the directory, acknowledges, and brings replacements
to their end. While its database session lives, nobody takes a switch for done before it has followed. When the session
is lost, or nothing is heard within the lease, the answers of this process are marked as stale until it has caught up.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg

from turnout.catalog.over_wire import WireSession
from turnout.http.directory import Directory, Here, Live, members_of, users_of
from turnout.http.loading import Failed, Models
from turnout.runtime.model import Model
from turnout.services import replacing, serving
from turnout.services.serving import Acknowledgement, Reading

Connection = psycopg.Connection[tuple[object, ...]]

_LOG = logging.getLogger("turnout.follower")

HEARTBEAT = 1.0
# while something is under way, what was missed because somebody else had a lock is looked at again after so long
_IMPATIENT = 0.2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# a process that stands still within a transaction is not to hold its locks for longer, nor one query the follower
_OPTIONS = "-c idle_in_transaction_session_timeout=5s -c statement_timeout=15s -c lock_timeout=3s"


class Follower:
    """Keeps ``here`` current, in a thread of its own.

    Parameters
    ----------
    dsn
        The database, as a role that may write the catalog; on a standby, nothing is written.
    here
        What this process serves by.
    replacement_seconds
        For how long a switch waits for a process that does not follow.
    lease
        For how many seconds the directory is taken for current after the database was last heard of.
    """

    def __init__(
        self,
        dsn: str,
        here: Here,
        *,
        replacement_seconds: float = replacing.SECONDS,
        lease: float = replacing.LEASE,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self._dsn = dsn
        self._here = here
        self._seconds = replacement_seconds
        self._lease = lease
        self._heartbeat = heartbeat
        self._stopping = Event()
        self._awake, self._alarm = socket.socketpair()
        for end in (self._awake, self._alarm):
            end.setblocking(False)
        self._models = Models(lambda: self._connect("loader", ""), self._wake)
        self._number: int | None = None
        # what it was called before it has lost its session, until the list says so too
        self._former: set[int] = set()
        self._said: dict[int, Acknowledgement] = {}
        self._pending = False
        self._tended = 0.0
        self._thread = Thread(target=self._run, name="turnout-follower", daemon=True)

    def start(self) -> None:
        """Begin; ``here.ready`` says when this process may answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take this process off the list, and end the thread."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._models.close()
        for end in (self._awake, self._alarm):
            end.close()

    def _connect(self, what: str, options: str) -> Connection:
        return psycopg.connect(
            self._dsn,
            application_name=f"turnout {what} {os.getpid()}",
            connect_timeout=5,
            tcp_user_timeout=10_000,
            options=options,
        )

    def _wake(self) -> None:
        try:
            self._alarm.send(b"!")
        except OSError:  # it is full, and wakes anyway; or it is over
            return

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                with self._connect("follower", _OPTIONS) as connection:
                    pause = _FIRST_PAUSE
                    self._follow(connection)
            except psycopg.Error as error:
                _LOG.warning("the database is away, answers come from memory: %s", str(error).strip())
            except Exception:  # whatever it is, this process goes on answering, and tries again
                _LOG.exception("the follower has stumbled")
            self._here.doubt()
            self._stopping.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _follow(self, connection: Connection) -> None:
        """Follow within one session, until it ends or this process does."""
        session = WireSession(connection)
        standby = serving.is_standby(session)
        if not standby:
            serving.listen(session)
        connection.commit()
        if self._number is not None:
            self._former.add(self._number)
        self._number, self._said, self._pending = None, {}, False
        changed, current = True, False
        with selectors.DefaultSelector() as sources:
            sources.register(connection.fileno(), selectors.EVENT_READ)
            sources.register(self._awake, selectors.EVENT_READ)
            while not self._stopping.is_set():
                since = monotonic()
                try:
                    if changed or standby:
                        current = self._catch_up(session, standby=standby) or (current and not standby)
                    if self._number is not None:
                        self._look_after(session)
                    elif standby and not serving.is_standby(session):
                        return
                    connection.commit()
                except psycopg.Error as error:
                    if connection.closed:
                        raise
                    connection.rollback()
                    _LOG.warning("tried again: %s", str(error).strip())
                    changed = True
                    self._stopping.wait(_IMPATIENT)
                    continue
                if current:
                    self._here.confirm(since + self._lease)
                    self._here.ready = True
                changed = self._wait(connection, sources)
            if self._number is not None:
                serving.forget(session, self._number)

    def _catch_up(self, session: WireSession, *, standby: bool) -> bool:
        """Bring the directory up to date; whether it may be taken for current."""
        reading = serving.read(session)
        session.connection.commit()
        whole, said = self._take(reading)
        if standby:
            # what its primary has switched to meanwhile, it cannot know
            return whole and serving.is_receiving(session)
        self._pending = bool(reading.replacements)
        if self._number is not None:
            self._acknowledge(session, said)
            return True
        if not whole:
            return False
        # on the list from here on, with what it serves already, and nothing has to wait for it; what was switched
        # meanwhile is read next
        for former in self._former:
            serving.forget(session, former)
        number = serving.register(
            session, host=socket.gethostname(), process_id=os.getpid(), said=said.values()
        )
        session.connection.commit()
        self._number, self._said = number, said
        self._former.clear()
        return self._catch_up(session, standby=False)

    def _acknowledge(self, session: WireSession, said: dict[int, Acknowledgement]) -> None:
        news = [one for one in said.values() if self._said.get(one.endpoint_id) != one]
        if news and self._number is not None:
            serving.acknowledge(session, self._number, news)
            session.connection.commit()
        self._said = said

    def _look_after(self, session: WireSession) -> None:
        """Bring to their end the replacements that have come so far, and leave behind who has not followed."""
        if self._pending:
            self._pending = not replacing.advance(session)
            session.connection.commit()
        if monotonic() - self._tended >= self._heartbeat:
            replacing.tend(session, seconds=self._seconds, lease=self._lease)
            self._tended = monotonic()

    def _wait(self, connection: Connection, sources: selectors.BaseSelector) -> bool:
        """Wait until something is heard, a model has arrived, or it is time; whether there is something to read."""
        heard = {notify.channel for notify in connection.notifies(timeout=0)}
        if not heard:
            sources.select(_IMPATIENT if self._pending else self._heartbeat)
            heard = {notify.channel for notify in connection.notifies(timeout=0)}
        try:
            arrived = bool(self._awake.recv(4096))
        except BlockingIOError:
            arrived = False
        self._pending = self._pending or serving.ACKNOWLEDGED in heard
        return arrived or serving.CHANGED in heard or self._models.due

    def _take(self, reading: Reading) -> tuple[bool, dict[int, Acknowledgement]]:
        """Serve by a reading; whether every live model is here, and what there is to say of each endpoint."""
        needed = [*reading.deployments, *reading.replacements]
        self._models.want({row["sha256"]: row["model_id"] for row in needed if row["sha256"]})
        awaited = {row["endpoint_id"]: row for row in reading.replacements}
        before = self._here.directory.deployments
        whole, served, said = True, [], {}
        for row in reading.deployments:
            found = None if row["sha256"] is None else self._models.get(row["sha256"])
            live = _live(row, found, before.get(UUID(row["id"])))
            whole = whole and (found is not None or row["sha256"] is None)
            served.append(live)
            said[row["endpoint_id"]] = self._said_of(row, found, live, awaited.get(row["endpoint_id"]))
        self._here.directory = Directory(
            served,
            users_of(reading.users),
            members_of(reading.members),
            [bytes.fromhex(secret) for secret in reading.signing_keys],
        )
        return whole, said

    def _said_of(
        self, row: dict[str, Any], found: object, live: Live, awaited: dict[str, Any] | None
    ) -> Acknowledgement:
        prepared = None if awaited is None else self._models.get(awaited["sha256"])
        if awaited is not None and prepared is not None:
            problem = prepared.reason if isinstance(prepared, Failed) else None
            return Acknowledgement(
                endpoint_id=row["endpoint_id"],
                revision=live.revision,
                replacement_id=awaited["id"],
                problem=problem,
            )
        if isinstance(found, Failed):
            # it has looked at this revision, and cannot follow it
            return Acknowledgement(
                endpoint_id=row["endpoint_id"], revision=row["revision"], problem=found.reason
            )
        return Acknowledgement(endpoint_id=row["endpoint_id"], revision=live.revision)


def _live(row: dict[str, Any], found: object, before: Live | None) -> Live:
    """What is served of a deployment: the model that is live, or the one that was while that is not here."""
    asset_id = None if row["asset_id"] is None else UUID(row["asset_id"])
    model_id, revision, model = row["model_id"], row["revision"], found
    stale = isinstance(found, Failed)
    if not isinstance(found, Model) and row["sha256"] is not None:
        if before is None:
            model_id, asset_id, revision, model = None, None, 0, None
        else:
            model_id, asset_id, revision, model = (
                before.model_id, before.asset_id, before.revision, before.model,
            )  # fmt: skip
    return Live(
        id=UUID(row["id"]),
        serving_name=row["serving_name"],
        space_id=UUID(row["space_id"]),
        name=row["name"],
        model_id=model_id,
        asset_id=asset_id,
        revision=revision,
        model=model if isinstance(model, Model) else None,
        stale=stale,
    )
