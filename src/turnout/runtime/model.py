"""A loaded model: from a caller's array or row to its answer."""

from __future__ import annotations

from turnout.errors import NoAnswer, WrongTask
from turnout.runtime import artifact
from turnout.runtime.answers import Answers, answer_by, class_numbers
from turnout.runtime.formats import predictor_of
from turnout.runtime.labels import label_text
from turnout.runtime.problem import Problem
from turnout.runtime.transform import Transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any

    from turnout.runtime.formats import Predictor
    from turnout.runtime.formats.sums import Shortcut
    from turnout.runtime.table import Table

ROWS_AT_ONCE = 4096


class Model:
    """One artifact, ready to answer.

    A classifier gives the class whose probability is highest, the first of equal ones: as a number where
    the classes are numbers or booleans, as its index where they are texts. A model of several targets answers for
    all of them at once. Input that doesn't fit raises `Problem`, which the caller gives the model's name.

    Attributes
    ----------
    fields : list of dict
        The signature: name, type and size of each input column.
    classes : list or None
        The classes in the order of the probabilities; none for numbers, and where there are several targets.
    num_features : int
        Numbers in an array that holds one row.
    transform, predictor
        What makes a row's numbers of what callers give, and what makes all of its scores of those.
    size : int
        The artifact's bytes, as the cache counts them.
    table : Table or None
        The model as rows of JSON ask it, once they have.
    written : function or None
        From a list of plain numbers to the answer as PL/Python takes it soonest, or to None where it takes a closer
        look.
    """

    __slots__ = (
        "_answer", "_answers", "_one", "_predictor", "_quick", "_row", "algorithm", "classes",
        "fields", "header", "num_features", "predictor", "size", "table", "task", "transform", "written",
    )  # fmt: skip

    def __init__(self, header: dict[str, Any], predictor: Predictor, size: int) -> None:
        self.header = header
        targets = header.get("targets") or []
        joint = len(targets) > 1
        self.task: str = header["task"]
        self.algorithm: str = header["algorithm"]
        self.fields: list[dict[str, Any]] = header["fields"]
        self.classes: list[Any] | None = None if joint else header["classes"]
        if self.classes is not None and not isinstance(self.classes, list):
            raise ValueError("its classes are no list")
        self.size = size
        self.table: Table | None = None
        self.transform = _transform_of(header)
        self.num_features = self.transform.num_features
        self.predictor = predictor
        self._predictor = _one_number(self.task, predictor, joint=joint)
        if getattr(predictor, "width", self.transform.width) != self.transform.width:
            raise ValueError(
                f"its predictor takes other rows than the {self.transform.width} numbers that it is given"
            )
        self._row = self.transform.array
        self._one = self._predictor.one
        self._answer = answer_by(self.classes)
        self._answers = Answers(len(targets), header["classes"]) if joint else None
        shortcuts = self._shortcuts()
        self._quick: Shortcut | None = shortcuts[0] if shortcuts else None
        self.written: Shortcut | None = shortcuts[1] if shortcuts else None

    @staticmethod
    def load(data: bytes, *, threads: int = 1) -> Model:
        """Read an artifact.

        Parameters
        ----------
        data
            The artifact's bytes.
        threads
            How many threads its predictor may use; one is fastest for single rows.

        Raises
        ------
        ValueError
            If the artifact is broken or not one that this version reads.
        """
        header, payload = artifact.unpack(data)
        try:
            predictor = predictor_of(header["format"])(payload, header, threads)
            return Model(header, predictor, len(data))
        except (KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise ValueError(f"its header is incomplete: {error!r}") from None

    @property
    def numbers(self) -> list[float] | None:
        """What is answered for each class; none where there are no classes."""
        return class_numbers(self.classes)

    def from_row(self, row: dict[str, Any]) -> array[float]:
        """The predictor's input for one row that came with column names."""
        return self.transform.row(row)

    def scores(self, buffer: array[float], count: int) -> Any:
        """Raw scores of several rows: one number, or one probability per class, a row."""
        return self._predictor.many(buffer, count)

    def scores_of(self, rows: list[dict[str, Any]]) -> Any:
        """Raw scores of rows with column names, as lists or a matrix; of all targets, if there are several."""
        if not rows:
            return []
        buffer: Any = self.transform.row(rows[0])
        for row in rows[1:]:
            buffer += self.transform.row(row)
        return self.predictor.many(buffer, len(rows))

    def predict_array(self, values: list[Any]) -> float:
        """The answer for one array of features."""
        if self._quick is not None:
            answer: float | None = self._quick(values)
            if answer is not None:
                return answer
        return self._answer(self._one(self._row(values)))

    def predict_row(self, row: dict[str, Any]) -> float:
        """The answer for one row with column names."""
        return self._answer(self._one(self.transform.row(row)))

    def predict_many(self, values: list[Any]) -> list[float]:
        """The answers for several rows in one flat array."""
        buffer, rows = self.transform.arrays(values)
        answers: list[float] = []
        width = self.transform.width
        for start in range(0, rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, rows - start)
            part = buffer if count == rows else buffer[start * width : (start + count) * width]
            answers.extend(map(self._answer, _lists(self._predictor.many(part, count))))
        return answers

    def proba_array(self, values: list[Any]) -> list[float]:
        """One probability per class for one array of features."""
        return self._probabilities(self._row(values))

    def proba_row(self, row: dict[str, Any]) -> list[float]:
        """One probability per class for one row with column names."""
        return self._probabilities(self.transform.row(row))

    def label_array(self, values: list[Any]) -> str:
        """The class as text for one array of features."""
        return self._label(self._row(values))

    def label_row(self, row: dict[str, Any]) -> str:
        """The class as text for one row with column names."""
        return self._label(self.transform.row(row))

    def joint_array(self, values: list[Any]) -> list[float]:
        """One answer per target for one array of features."""
        return self._joint(self._row(values))

    def joint_row(self, row: dict[str, Any]) -> list[float]:
        """One answer per target for one row with column names."""
        return self._joint(self.transform.row(row))

    def decompose_array(self, values: list[Any]) -> list[float]:
        """The components of one array of features."""
        if self.task != "decomposition":
            raise Problem(WrongTask, task=self.task, wanted="components")
        found = self.predictor.one(self._row(values))
        if any(value - value != 0.0 for value in found):
            raise Problem(NoAnswer)
        return found

    def _shortcuts(self) -> tuple[Shortcut, Shortcut] | None:
        make = getattr(self._predictor, "shortcuts", None)
        arithmetic = self.transform.arithmetic()
        return None if make is None or arithmetic is None else make(self.numbers, *arithmetic)

    def _joint(self, buffer: array[float]) -> list[float]:
        if self._answers is None:
            return [self._answer(self._one(buffer))]
        return self._answers.of(self.predictor.one(buffer))

    def _probabilities(self, buffer: array[float]) -> list[float]:
        if self.classes is None:
            raise self._without("class probabilities")
        scores = self._one(buffer)
        self._answer(scores)
        # sums in float32 leave the interval by a last bit
        return [min(max(score, 0.0), 1.0) for score in scores]

    def _label(self, buffer: array[float]) -> str:
        if self.classes is None:
            raise self._without("class labels")
        scores = self._one(buffer)
        self._answer(scores)
        return label_text(self.classes[scores.index(max(scores))])

    def _without(self, wanted: str) -> Problem:
        if self._answers is None:
            return Problem(WrongTask, task=self.task, wanted=wanted)
        return Problem(WrongTask, task=f"joint {self.task}", wanted=f"{wanted}: ask pgml.predict_joint")


def _transform_of(header: dict[str, Any]) -> Transform:
    """What prepares rows; nothing does where a model transforms them itself."""
    if header.get("values") != "as they are":
        return Transform(header)
    from turnout.runtime.records import Records

    return Records(header)


class _First:
    """The first component, where a decomposition is asked for one number, as scripts for PostgresML do."""

    __slots__ = ("_predictor",)

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def one(self, buffer: array[float]) -> list[float]:
        return self._predictor.one(buffer)[:1]

    def many(self, buffer: Any, count: int) -> Any:
        return [list(row[:1]) for row in _lists(self._predictor.many(buffer, count))]


class _NoNumber:
    """Stands where a model of several targets is asked for one number."""

    __slots__ = ("_task",)

    def __init__(self, task: str) -> None:
        self._task = task

    def one(self, buffer: array[float]) -> list[float]:  # noqa: ARG002
        raise Problem(WrongTask, task=f"joint {self._task}", wanted="single answer: ask pgml.predict_joint")

    def many(self, buffer: Any, count: int) -> Any:  # noqa: ARG002
        return self.one(buffer)


def _one_number(task: str, predictor: Predictor, *, joint: bool) -> Any:
    """What gives one number, or one per class, of a predictor that may give more."""
    if joint:
        return _NoNumber(task)
    return _First(predictor) if task == "decomposition" else predictor


def _lists(rows: Any) -> Any:
    return rows.tolist() if hasattr(rows, "tolist") else rows
