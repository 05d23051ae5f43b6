"""Who may ask which deployment: looked up once for each token and deployment, and kept while nothing changes."""

from __future__ import annotations

from time import time
from typing import TypeVar

from turnout.http.directory import Directory, Here, Live
from turnout.http.meter import Meter, Series
from turnout.input_errors import NotDeployed, NotReady, UnknownDeployment
from turnout.runtime.table import Table
from turnout.service_errors import NotAuthenticated
from turnout.services import tokens
from turnout.services.tokens import Claims

# tokens, and pairs of a deployment and a token, that are kept
KEPT = 4096
_PREFIX = b"bearer "
_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class Entry:
    """A caller at a deployment.

    Attributes
    ----------
    deployment, model, user
        Their ids, as logs and counts have them.
    lines
        The headers that say who answers.
    expires
        When the caller's token does.
    """

    __slots__ = ("deployment", "expires", "lines", "live", "model", "series", "user")

    def __init__(self, live: Live, claims: Claims, meter: Meter) -> None:
        self.live = live
        self.deployment = str(live.id)
        self.model = "" if live.model_id is None else str(live.model_id)
        self.user = str(claims.user_id)
        self.expires = claims.expires
        self.series: Series = meter.series(self.deployment, self.model)
        self.lines = f"x-model-id: {self.model}\r\nx-deployment-revision: {live.revision}\r\n".encode()

    @property
    def table(self) -> Table:
        """The model that answers.

        Raises
        ------
        NotReady, NotDeployed
            If there is none yet, or none any more.
        """
        model = self.live.model
        if model is not None:
            return model.table or Table.of(model)
        raise (NotDeployed if self.live.revision else NotReady)(deployment=self.live.name)


class Admission:
    """Lets callers in.

    Parameters
    ----------
    here
        What this process serves by.
    meter
        Where those who are let in are counted.
    """

    def __init__(self, here: Here, meter: Meter) -> None:
        self._here = here
        self._meter = meter
        self._directory = here.directory
        self._entries: dict[tuple[str, bytes | None], Entry] = {}
        # what a token says does not change with who may do what
        self._claims: dict[bytes, Claims] = {}

    def enter(self, key: str, authorization: bytes | None) -> tuple[Entry, bool]:
        """The caller at the deployment, and whether its answers are to be marked as stale.

        Parameters
        ----------
        key
            The deployment's id or serving name.
        authorization
            The header of that name.

        Raises
        ------
        NotAuthenticated, UnknownDeployment
            Without a token that holds; for a deployment that is not there, or in a space that is not the caller's.
        """
        # in this order: what is found after the mark is at least as new as the mark says
        stale = self._here.stale
        directory = self._here.directory
        if directory is not self._directory:
            self._renew(directory)
        entry = self._entries.get((key, authorization))
        if entry is None or entry.expires <= time():
            entry = self._entered(key, authorization, directory)
        return entry, stale or entry.live.stale

    def _renew(self, directory: Directory) -> None:
        self._entries.clear()
        if directory.signing_keys != self._directory.signing_keys:
            self._claims.clear()
        self._directory = directory

    def _entered(self, key: str, authorization: bytes | None, directory: Directory) -> Entry:
        self._entries.pop((key, authorization), None)
        claims = self._verified(authorization, directory)
        live = directory.find(key)
        if live is None or directory.role(claims.user_id, live.space_id) is None:
            raise UnknownDeployment(deployment=key[:60])
        entry = self._entries[key, authorization] = Entry(live, claims, self._meter)
        _bound(self._entries)
        return entry

    def _verified(self, authorization: bytes | None, directory: Directory) -> Claims:
        """What the token says, if it holds."""
        if authorization is None:
            raise NotAuthenticated(reason="none came")
        claims = self._claims.pop(authorization, None)
        if claims is None or claims.expires <= time():
            if authorization[: len(_PREFIX)].lower() != _PREFIX:
                raise NotAuthenticated(reason="the header Authorization does not begin with Bearer")
            text = authorization[len(_PREFIX) :].strip().decode("latin-1")
            claims = tokens.read(text, directory.signing_keys)
        if not directory.token_valid(claims.user_id, claims.generation):
            raise NotAuthenticated(reason="the one that came was made with a key that holds no more")
        self._claims[authorization] = claims
        _bound(self._claims)
        return claims


def _bound(kept: dict[_Key, _Kept]) -> None:
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)))
