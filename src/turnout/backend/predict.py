"""The entries that predict: a session's first call pays for every import here."""

from __future__ import annotations

from turnout.backend.boundary import entry
from turnout.catalog.in_backend import BackendSession
from turnout.catalog.pointer import READY, changed, forget
from turnout.errors import InvalidArgument
from turnout.runtime.json_reader import read_json
from turnout.runtime.model import Model
from turnout.services.predict import by_model, by_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.services.predict import Answer, Asked

    Entry = Callable[[Asked, Any], Answer | None]

SESSION = BackendSession(reading=True)


def _of_array(find: Callable[..., Answer], ask: Callable[[Model, list[Any]], Answer]) -> Entry[Asked, Answer]:
    """An entry whose features are an array; NULL gives NULL."""

    @entry
    def call(asked: Asked, features: list[Any] | None) -> Answer | None:
        return None if features is None else find(SESSION, asked, ask, features)

    return call


def _at_once(ask: Entry[Asked, Any]) -> Entry[Asked, Any]:
    """The entry, but for what is known to answer at once for as long as the pointer need not be read again."""

    def call(asked: Any, features: Any) -> Any:
        if changed():
            forget()
        else:
            written = READY.get(asked)
            if written is not None:
                answer = written(features)
                if answer is not None:
                    return answer
        return ask(asked, features)

    return call


def _of_rows(find: Callable[..., list[float]]) -> Callable[[Any, list[Any] | None], list[float]]:
    """An entry whose features are those of several rows; NULL gives no rows."""

    @entry
    def call(asked: Any, features: list[Any] | None) -> list[float]:
        return [] if features is None else find(SESSION, asked, Model.predict_many, features)

    return call


def _of_row(
    find: Callable[..., Answer], ask: Callable[[Model, dict[str, Any]], Answer]
) -> Entry[Asked, Answer]:
    """An entry whose features are a row, as JSON; NULL gives NULL."""

    @entry
    def call(asked: Asked, features: str | None) -> Answer | None:
        return None if features is None else find(SESSION, asked, ask, _row(features))

    return call


def _row(text: str) -> dict[str, Any]:
    """The columns of a row by name; a single number is a row of one."""
    row = read_json(text)
    if isinstance(row, dict):
        return row
    if isinstance(row, (int, float)):
        return {"f1": row}
    raise InvalidArgument(
        argument="features",
        value="an array of text" if isinstance(row, list) else text[:100],
        expected="an array of numbers, or a row",
        hint="cast an array: features::real[]; give a row as ROW(...), or as the table's row",
    )


predict = _at_once(_of_array(by_project, Model.predict_array))
predict_by_model = _at_once(_of_array(by_model, Model.predict_array))
predict_row = _of_row(by_project, Model.predict_row)
predict_row_by_model = _of_row(by_model, Model.predict_row)

predict_batch = _of_rows(by_project)
predict_batch_by_model = _of_rows(by_model)

decompose = _of_array(by_project, Model.decompose_array)

predict_joint = _of_array(by_project, Model.joint_array)
predict_joint_by_model = _of_array(by_model, Model.joint_array)
predict_joint_row = _of_row(by_project, Model.joint_row)
predict_joint_row_by_model = _of_row(by_model, Model.joint_row)

predict_proba = _of_array(by_project, Model.proba_array)
predict_proba_by_model = _of_array(by_model, Model.proba_array)
predict_proba_row = _of_row(by_project, Model.proba_row)
predict_proba_row_by_model = _of_row(by_model, Model.proba_row)

predict_label = _of_array(by_project, Model.label_array)
predict_label_by_model = _of_array(by_model, Model.label_array)
predict_label_row = _of_row(by_project, Model.label_row)
predict_label_row_by_model = _of_row(by_model, Model.label_row)
