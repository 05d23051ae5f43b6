"""What differs from library to library: checking hyperparameters, building, blaming and exporting."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm

    Export = tuple[str, str, Callable[[], tuple[bytes, dict[str, Any]]]]
    Explains = tuple[str, Callable[[], tuple[bytes, dict[str, Any]]]]

    class Library(Protocol):
        """One module of this package."""

        def check(self, entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
            """The hyperparameters that will be used; raises InvalidHyperparameter."""

        def build(self, entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:
            """An estimator that can be fitted, and has probabilities if it classifies."""

        def takes_several(self, estimator: Any) -> bool:
            """Whether a regression can be fitted on several targets at once, and is served then."""

        def blame(self, entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
            """The hyperparameter that a fit's error is about, if it is about one."""

        def readable(self, error: Exception) -> str:
            """A fit's error in one line."""

        def exports(self, estimator: Any, width: int) -> Iterator[Export]:
            """A name, a format, and a maker of payload and extra header, best first."""

        def importance(self, estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:
            """What the estimator itself says of its inputs: what that is, and a number for each; none if nothing."""

        def explains(self, estimator: Any, rows: NDArray[Any]) -> Explains | None:
            """What explains its answers: a format, and a maker of payload and extra header; none if nothing."""

        def preload(self) -> None:
            """Import what the export will need, while rows are still coming."""

        def version(self) -> dict[str, str]:
            """Name and version of the library."""


def library(name: str) -> Library:
    """The module that knows a library, which it imports."""
    found: Library = import_module(f"turnout.training.libraries.{name}")
    return found


def estimator_class(path: str) -> Any:
    """The class behind ``"module:Class"``."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
