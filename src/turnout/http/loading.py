"""The models of a server process: each loaded once, aside, in threads of their own, and let go when nobody needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

import psycopg

from turnout.catalog.over_wire import WireSession
from turnout.runtime.model import Model
from turnout.services import serving

_LOG = logging.getLogger("turnout.loading")
_THREADS = 2
# a model that could not be loaded may be another time: memory comes back, and so do files
_TRY_AGAIN = 30.0


class Failed:
    """Why a model could not be loaded, and until when that is taken for an answer."""

    __slots__ = ("reason", "until")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.until = monotonic() + _TRY_AGAIN


class Models:
    """The loaded models, by the checksum of their artifact.

    Parameters
    ----------
    connect
        Makes a connection of its own for each model that is read.
    arrived
        Called, in another thread, when one has been loaded or could not be.
    """

    def __init__(
        self, connect: Callable[[], psycopg.Connection[tuple[object, ...]]], arrived: Callable[[], None]
    ) -> None:
        self._connect = connect
        self._arrived = arrived
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="turnout-load")
        self._coming: dict[str, Future[Model | Failed | None]] = {}
        self._here: dict[str, Model | Failed] = {}

    def want(self, wanted: Mapping[str, int]) -> None:
        """Have these and no others: checksum of the artifact -> a model that has it."""
        self._collect()
        for sha256 in self._here.keys() - wanted.keys():
            del self._here[sha256]
        for sha256 in self._coming.keys() - wanted.keys():
            self._coming.pop(sha256).cancel()
        for sha256, model_id in wanted.items():
            if sha256 not in self._coming and self.get(sha256) is None:
                coming = self._coming[sha256] = self._threads.submit(self._load, model_id, sha256)
                coming.add_done_callback(lambda _: self._arrived())

    def get(self, sha256: str) -> Model | Failed | None:
        """The model, or why there is none; None while it is on its way."""
        found = self._here.get(sha256)
        if isinstance(found, Failed) and found.until < monotonic():
            return None
        return found

    def __len__(self) -> int:
        return len(self._here)

    def close(self) -> None:
        """Load nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> None:
        for sha256, coming in list(self._coming.items()):
            if coming.done():
                del self._coming[sha256]
                outcome = coming.result()
                if outcome is not None:
                    self._here[sha256] = outcome

    def _load(self, model_id: int, sha256: str) -> Model | Failed | None:
        """The model; None if the database is away, so that nothing can be said of it."""
        try:
            with self._connect() as connection:
                return serving.load(WireSession(connection), model_id, sha256)
        except psycopg.OperationalError as error:
            _LOG.warning("model %d cannot be read at the moment: %s", model_id, error)
            return None
        except Exception as error:  # whatever is wrong with a model: this process and the others live on
            _LOG.warning("model %d cannot be loaded: %s", model_id, error)
            return Failed(str(error) or type(error).__name__)
