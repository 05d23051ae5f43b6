"""The models that a session has loaded: keyed by the artifact's SHA-256, so nothing ever has to be invalidated."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.runtime.model import Model


class ModelCache:
    """A store of models that is bounded in bytes; the least recently used leaves first.

    A model counts with its artifact's size. The newest one always stays, even if it alone is over the limit.
    """

    __slots__ = ("_models", "size")

    def __init__(self) -> None:
        self._models: dict[str, Model] = {}
        self.size = 0

    def __len__(self) -> int:
        return len(self._models)

    def __contains__(self, key: str) -> bool:
        return key in self._models

    def get(self, key: str) -> Model | None:
        """The model of that artifact, which then counts as just used; none if it isn't here."""
        model = self._models.pop(key, None)
        if model is not None:
            self._models[key] = model
        return model

    def put(self, key: str, model: Model, *, limit_bytes: int) -> None:
        """Keep a model, and let go of others until all fit into ``limit_bytes``."""
        self.drop(key)
        self._models[key] = model
        self.size += model.size
        while self.size > limit_bytes and len(self._models) > 1:
            self.drop(next(iter(self._models)))

    def drop(self, key: str) -> None:
        """Let go of a model, if it is here."""
        model = self._models.pop(key, None)
        if model is not None:
            self.size -= model.size

    def clear(self) -> None:
        """Let go of every model."""
        self._models.clear()
        self.size = 0
