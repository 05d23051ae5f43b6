"""What differs between the model that answers and one that is to answer, as callers would feel it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# how much a type can hold, of its kind: going up is harmless. A row's enum comes as its text; a date is taken for the
# timestamp at midnight, while one with a time zone needs its offset
_WIDTHS = {
    "bool": ("number", 0),
    "int2": ("number", 1),
    "int4": ("number", 2),
    "int8": ("number", 3),
    "numeric": ("number", 4),
    "float4": ("number", 4),
    "float8": ("number", 4),
    "text": ("text", 0),
    "enum": ("text", 0),
    "date": ("time", 0),
    "timestamp": ("time", 1),
    "timestamptz": ("time with a zone", 0),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference, and whether callers break on it."""

    field: str
    severity: Literal["breaking", "warning"]
    text: str

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"


def differences(
    live: Mapping[str, Any], new: Mapping[str, Any], *, by_name: bool = False
) -> list[Difference]:
    """Compare two signatures field by field; the second is to take the place of the first.

    Callers who send their columns ``by_name`` depend neither on the columns' order nor on what the target is called.

    >>> a = {"fields": [{"name": "x", "type": "int4", "size": None}], "classes": ["0", "1"]}
    >>> b = {"fields": [{"name": "x", "type": "text", "size": None}], "classes": ["0", "1"]}
    >>> [str(d) for d in differences(a, b)]
    ['x: its type changes from int4 to text']
    >>> differences(a, a)
    []
    """
    found = _fields(live["fields"], new["fields"], by_name=by_name)
    if not live.get("targets") and not new.get("targets"):
        return [*found, *_classes("classes", live.get("classes"), new.get("classes"))]
    before, after = _targets(live), _targets(new)
    if by_name and max(len(before), len(after)) <= 1:
        return [*found, *_classes("classes", live.get("classes"), new.get("classes"))]
    if list(before) != list(after):
        names = [", ".join(targets) or "none" for targets in (before, after)]
        return [*found, _breaking("targets", f"they change from {names[0]} to {names[1]}")]
    for name, classes in before.items():
        found += _classes("classes" if len(before) == 1 else f"classes of {name}", classes, after[name])
    return found


def alike(trained: str, given: str) -> bool:
    """Whether a column of one type can be asked about where a model was trained on another.

    >>> alike("int4", "numeric"), alike("int4", "text")
    (True, False)
    """
    return _WIDTHS[trained][0] == _WIDTHS[given][0]


def algorithms(live: str | None, new: str | None) -> list[Difference]:
    """What another algorithm means: callers notice no more than other answers.

    >>> [str(d) for d in algorithms("linear", "svm")]
    ['algorithm: it changes from linear to svm']
    """
    if live == new:
        return []
    return [Difference(field="algorithm", severity="warning", text=f"it changes from {live} to {new}")]


def tasks(live: str, new: str) -> list[Difference]:
    """What another task means: answers of another kind.

    >>> [str(d) for d in tasks("regression", "classification")]
    ['task: it changes from regression to classification']
    """
    return [] if live == new else [_breaking("task", f"it changes from {live} to {new}")]


def frameworks(live: str | None, new: str | None) -> list[Difference]:
    """What another library means, of which the answers alone tell.

    >>> [d.severity for d in frameworks("scikit-learn", "xgboost")]
    ['warning']
    """
    if live == new or live is None or new is None:
        return []
    return [Difference(field="framework", severity="warning", text=f"it changes from {live} to {new}")]


def _fields(live: list[dict[str, Any]], new: list[dict[str, Any]], *, by_name: bool) -> list[Difference]:
    before, after = ({field["name"]: field for field in fields} for fields in (live, new))
    found = [_added(field) for name, field in after.items() if name not in before]
    found += [_breaking(name, "the new model has no such column") for name in before if name not in after]
    for name in before.keys() & after.keys():
        found += _types(before[name], after[name])
    if not found and list(before) != list(after):
        text = f"their order changes to {', '.join(after)}, which arrays depend on"
        found.append(Difference(field="columns", severity="warning" if by_name else "breaking", text=text))
    return sorted(found, key=lambda difference: difference.field)


def _added(field: dict[str, Any]) -> Difference:
    if field.get("optional"):
        return Difference(
            field=field["name"], severity="warning", text="the new model takes this column, too"
        )
    return _breaking(field["name"], "the new model needs this column")


def _types(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    name = before["name"]
    if before.get("size") != after.get("size"):
        return [_breaking(name, f"its length changes from {before.get('size')} to {after.get('size')}")]
    if before["type"] == after["type"]:
        return []
    text = f"its type changes from {before['type']} to {after['type']}"
    old_kind, old_width = _WIDTHS.get(before["type"], (before["type"], 0))
    new_kind, new_width = _WIDTHS.get(after["type"], (after["type"], 0))
    if old_kind != new_kind or new_width < old_width:
        return [_breaking(name, text)]
    return [Difference(field=name, severity="warning", text=text)]


def _targets(signature: Mapping[str, Any]) -> dict[str, list[Any] | None]:
    """The classes of each target, in order."""
    names = [target["name"] for target in signature.get("targets") or []]
    classes = signature.get("classes")
    several = classes if len(names) > 1 and classes is not None else [classes] * len(names)
    return dict(zip(names, several, strict=True))


def _classes(field: str, live: list[Any] | None, new: list[Any] | None) -> list[Difference]:
    # Python takes True for 1, where one is called true and the other 1
    if _told_apart(live) == _told_apart(new):
        return []
    return [_breaking(field, f"they change from {live} to {new}")]


def _told_apart(classes: list[Any] | None) -> list[tuple[bool, Any]] | None:
    return None if classes is None else [(isinstance(value, bool), value) for value in classes]


def _breaking(field: str, text: str) -> Difference:
    return Difference(field=field, severity="breaking", text=text)
