"""What a server process does beside answering: be on the list, read what it serves by, load models, say what it has."""

import os
from collections.abc import Iterable

from turnout.catalog import servers
from turnout.catalog.servers import Acknowledgement, Reading
from turnout.catalog.session import Session
from turnout.errors import BrokenArtifact
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem
from turnout.runtime.trial import try_out
from turnout.services import predict

is_standby = servers.is_standby
is_receiving = servers.is_receiving
listen = servers.listen
forget = servers.forget
CHANGED = servers.CHANGED
ACKNOWLEDGED = servers.ACKNOWLEDGED

__all__ = [
    "ACKNOWLEDGED",
    "CHANGED",
    "Acknowledgement",
    "Reading",
    "acknowledge",
    "forget",
    "is_receiving",
    "is_standby",
    "listen",
    "load",
    "read",
    "register",
]


def read(session: Session) -> Reading:
    """All that a server process serves by, at this moment."""
    return servers.read(session)


def register(session: Session, *, host: str, process_id: int, said: Iterable[Acknowledgement]) -> int:
    """Enter a server process that serves already what it says, all in one transaction; its number.

    Those of its host that are gone answer nobody any more: nothing has to wait until their leases have run out.
    """
    for gone, process in servers.of_host(session, host).items():
        if not _runs(process):
            servers.forget(session, gone)
    number = servers.register(session, host=host, process_id=process_id)
    servers.acknowledge(session, number, said)
    return number


def acknowledge(session: Session, number: int, said: Iterable[Acknowledgement]) -> None:
    """Say what a server process serves and has prepared."""
    servers.acknowledge(session, number, said)


def load(session: Session, model_id: int, sha256: str) -> Model:
    """Read a model, load it, and ask it about a row of its signature, which warms it up.

    Raises
    ------
    BrokenArtifact
        If it cannot be read, loaded, or asked.
    """
    model = predict.read(session, model_id, sha256)
    try:
        try_out(model)
    except Problem as problem:
        named = problem.named(project="", model_id=model_id)
        raise BrokenArtifact(model_id=model_id, reason=f"a trial row has no answer: {named}") from problem
    return model


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
