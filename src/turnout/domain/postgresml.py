"""What PostgresML's catalog says of a model, of versions 1 and 2, and whether the model can be carried over.

Rows are as ``to_jsonb`` gives them: columns came and went between versions, and what is missing is left out.
"""

from collections.abc import Mapping
from typing import Any

from turnout.domain.choices import ALGORITHMS, SAMPLINGS, SEARCHES, TASKS, algorithm

Row = Mapping[str, Any]

STRATEGIES = ("new_score", "best_score", "most_recent", "rollback", "specific")
# written by the libraries themselves, where PostgresML's Rust runtime trained
NATIVE = ("xgboost", "lightgbm")
# what it trains on, by PostgreSQL's names
_TYPES = {name: name for name in ("bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text")} | {
    "varchar": "text",
    "bpchar": "text",
}
# of a single value that PostgresML puts for a missing one
_STATISTICS = ("mean", "median", "mode", "min", "max")
_NULL_CATEGORY = "__NULL__"


class NotCarried(Exception):
    """why a model can't be carried over, and is to be trained again"""


def task_of(project: Row) -> str | None:
    """The task of a project; none if it is one that is not ours, such as a language model's."""
    task = project.get("task") or project.get("objective")
    task = "clustering" if task == "cluster" else task
    return task if task in TASKS else None


def algorithm_of(model: Row) -> str | None:
    """The algorithm, as it is called today; none if it is not ours."""
    name = algorithm(model.get("algorithm") or model.get("algorithm_name"))
    return name if name in ALGORITHMS else None


def runtime_of(model: Row) -> str:
    """Which half of PostgresML trained; version 1 had Python only."""
    return "rust" if model.get("runtime") == "rust" else "python"


def search_of(model: Row) -> str | None:
    """The search, if it is one of today's."""
    return model["search"] if model.get("search") in SEARCHES else None


def sampling_of(snapshot: Row) -> str:
    """How rows were split; a sampling that is not known any more counts as random."""
    return snapshot["test_sampling"] if snapshot["test_sampling"] in SAMPLINGS else "random"


def columns_of(snapshot: Row) -> list[Row]:
    """The columns in order; none from version 1, which kept their names and types without one."""
    columns = snapshot.get("columns")
    return columns if isinstance(columns, list) else []


def preprocess_of(snapshot: Row) -> dict[str, dict[str, Any]]:
    """What was asked of the preprocessing, without what asks for nothing."""
    found = {}
    for column in columns_of(snapshot):
        given = column.get("preprocessor") or {}
        asked = {
            key: given[key]
            for key, nothing in (("encode", "native"), ("impute", "error"), ("scale", "preserve"))
            if given.get(key, nothing) != nothing
        }
        if asked:
            found[str(column["name"])] = asked
    return found


def check_kind(project: Row, model: Row, snapshot: Row | None) -> None:
    """Refuse what can be told from the rows alone.

    Raises
    ------
    NotCarried
        With the reason.
    """
    if runtime_of(model) == "python":
        raise NotCarried("PostgresML keeps it as a pickle, which is a program and is never loaded")
    if algorithm_of(model) not in NATIVE:
        raise NotCarried("PostgresML keeps it in the Rust library linfa's format, which nothing else reads")
    if task_of(project) not in ("regression", "classification"):
        raise NotCarried("it is neither a regression nor a classification")
    if snapshot is None or not columns_of(snapshot):
        raise NotCarried("the columns that it was trained on are not on record")
    if len(snapshot.get("y_column_name") or ()) != 1:
        raise NotCarried("it has several targets")


def check_columns(snapshot: Row) -> None:
    """Refuse what can be told from the columns, before the file is read.

    Raises
    ------
    NotCarried
        With the reason.
    """
    try:
        fields_of(snapshot)
        target_of(snapshot)
        transform_of(snapshot, rewritten_by=None)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise NotCarried("its columns are not on record as PostgresML writes them") from None


def fields_of(snapshot: Row) -> list[dict[str, Any]]:
    """The features of the signature, in the order of an array.

    Raises
    ------
    NotCarried
        If one has a type that is no feature's here.
    """
    return [_field(column) for column in columns_of(snapshot) if not column.get("label")]


def target_of(snapshot: Row) -> dict[str, Any]:
    """The target of the signature.

    Raises
    ------
    NotCarried
        If there is none on record, or its classes are texts.
    """
    labels = [column for column in columns_of(snapshot) if column.get("label")]
    if len(labels) != 1:
        raise NotCarried("its target is not on record")
    field = _field(labels[0])
    if field["type"] == "text":
        raise NotCarried("its classes are texts, which PostgresML numbers with the missing one among them")
    return {"name": field["name"], "type": field["type"]}


def classes_of(snapshot: Row, count: int) -> list[Any]:
    """The classes that a model of so many classes answers with: PostgresML takes them for numbers from 0 up.

    Raises
    ------
    NotCarried
        If the target's values are others.
    """
    target = target_of(snapshot)
    label = next(column for column in columns_of(snapshot) if column.get("label"))
    statistics = label.get("statistics") or {}
    least, most = statistics.get("min"), statistics.get("max")
    if (least is not None and least != 0) or (most is not None and most > count - 1):
        raise NotCarried(f"its classes are numbers from {least:g} to {most:g}, and not from 0 to {count - 1}")
    if target["type"] == "bool":
        if count != 2:
            raise NotCarried(f"its target is boolean, and it has {count} classes")
        return [False, True]
    whole = target["type"] in ("int2", "int4", "int8")
    return [value if whole else float(value) for value in range(count)]


def transform_of(snapshot: Row, *, rewritten_by: int | None) -> list[dict[str, Any]]:
    """What is done to each feature before the model, as PostgresML did it for a row when it trained.

    Parameters
    ----------
    rewritten_by
        The model whose training has rewritten the snapshot's statistics since.

    Raises
    ------
    NotCarried
        If that can't be had exactly.
    """
    return [_entry(column, rewritten_by) for column in columns_of(snapshot) if not column.get("label")]


def _field(column: Row) -> dict[str, Any]:
    declared = str(column.get("pg_type") or "")
    base = declared.removesuffix("[]")
    kind = _TYPES.get(base)
    is_array = bool(column.get("array")) or declared != base
    if kind is None or (is_array and kind == "text"):
        raise NotCarried(f'its column "{column["name"]}" has type {declared or "unknown"}')
    return {"name": column["name"], "type": kind, "size": int(column["size"]) if is_array else None}


def _entry(column: Row, rewritten_by: int | None) -> dict[str, Any]:
    name, given = column["name"], column.get("preprocessor") or {}
    encode, impute = given.get("encode", "native"), given.get("impute", "error")
    if given.get("scale", "preserve") != "preserve":
        raise NotCarried(
            f'its column "{name}" is scaled, which PostgresML rounds otherwise: '
            "a value at a split may fall on the other side"
        )
    if encode == "target":
        raise NotCarried(
            f'its column "{name}" is encoded by the target, which PostgresML does only when it predicts: '
            "its answers were wrong"
        )
    if encode == "one_hot":
        raise NotCarried(f'its column "{name}" is encoded as one_hot, which PostgresML gets wrong')
    found: dict[str, Any] = {"impute": _imputed(column, impute, rewritten_by)}
    if _field(column)["type"] == "text":
        found["encode"] = _encoding(column)
    return found


def _imputed(column: Row, impute: str, rewritten_by: int | None) -> Any:
    if impute == "error":
        return "error"
    if impute == "zero":
        return 0.0
    value = (column.get("statistics") or {}).get(impute)
    if impute not in _STATISTICS or value is None:
        raise NotCarried(f'what it puts for missing values of "{column["name"]}" is not on record')
    if rewritten_by is not None:
        raise NotCarried(
            f'what it puts for missing values of "{column["name"]}" was rewritten by '
            f"the training of model {rewritten_by}"
        )
    return float(value)


def _encoding(column: Row) -> dict[str, Any]:
    """The numbers of a text column's categories; an unknown one counts as missing, and NULL is a category."""
    categories = (column.get("statistics") or {}).get("categories")
    if not categories:
        raise NotCarried(f'the categories of its column "{column["name"]}" are not on record')
    values = {text: [float(category["value"])] for text, category in categories.items()}
    missing = values.pop(_NULL_CATEGORY, [0.0])
    return {"width": 1, "values": values, "unknown": [None], "missing": missing}
