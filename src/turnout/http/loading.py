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
# seconds after which a model is tried again: one that could not be read, and one that could not be loaded, since
# memory comes back, and so do files
_READ_AGAIN, _LOAD_AGAIN = 1.0, 30.0


Connection = psycopg.Connection[tuple[object, ...]]


class Failed:
    """Why a model could not be loaded."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Models:
    """The loaded models, by the checksum of their artifact.

    Parameters
    ----------
    connect
        Makes a connection of its own for each model that is read.
    arrived
        Called, in another thread, when one has been loaded or could not be.
    """

    def __init__(self, connect: Callable[[], Connection], arrived: Callable[[], None]) -> None:
        self._connect = connect
        self._arrived = arrived
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="turnout-load")
        self._coming: dict[str, Future[Model | Failed | None]] = {}
        self._here: dict[str, Model | Failed] = {}
        self._again: dict[str, float] = {}

    def want(self, wanted: Mapping[str, int]) -> None:
        """Have these and no others: checksum of the artifact -> a model that has it."""
        self._collect()
        for held in (self._here, self._again):
            for sha256 in held.keys() - wanted.keys():
                del held[sha256]
        for sha256 in self._coming.keys() - wanted.keys():
            self._coming.pop(sha256).cancel()
        for sha256, model_id in wanted.items():
            known = sha256 in self._coming or isinstance(self._here.get(sha256), Model)
            if not known and self._again.get(sha256, 0.0) <= monotonic():
                coming = self._coming[sha256] = self._threads.submit(self._load, model_id, sha256)
                coming.add_done_callback(lambda _: self._arrived())

    def get(self, sha256: str) -> Model | Failed | None:
        """The model, or why there is none; None while it is on its way."""
        return self._here.get(sha256)

    @property
    def due(self) -> bool:
        """Whether it is time to try one again."""
        now = monotonic()
        return any(when <= now for sha256, when in self._again.items() if sha256 not in self._coming)

    def __len__(self) -> int:
        return len(self._here)

    def close(self) -> None:
        """Load nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> None:
        for sha256, coming in list(self._coming.items()):
            if not coming.done():
                continue
            del self._coming[sha256]
            outcome = coming.result()
            self._again.pop(sha256, None)
            if outcome is not None:
                self._here[sha256] = outcome
            if not isinstance(outcome, Model):
                self._again[sha256] = monotonic() + (_READ_AGAIN if outcome is None else _LOAD_AGAIN)

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
