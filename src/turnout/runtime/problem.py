"""A problem with a prediction's input, before anybody has said which model of which project it was for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.errors import TurnoutError


class Problem(Exception):
    """An error that lacks only the names of the project and the model.

    Parameters
    ----------
    error
        The class that the error will have.
    details
        What fills its message, but for ``project`` and ``model_id``.
    """

    def __init__(self, error: type[TurnoutError], **details: object) -> None:
        super().__init__(error.__name__, details)
        self.error = error
        self.details = details

    def named(self, *, project: str, model_id: int) -> TurnoutError:
        """The error itself, ready to raise."""
        return self.error(project=project, model_id=model_id, **self.details)
