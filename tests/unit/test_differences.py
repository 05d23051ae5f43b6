"""What callers who send their columns by name break on, and what they hardly notice."""

from __future__ import annotations

from typing import Any

import pytest

from turnout.domain.compatibility import differences, frameworks, tasks


def signature(
    *fields: tuple[str, str], classes: list[Any] | None = None, target: str = "y"
) -> dict[str, Any]:
    return {
        "fields": [{"name": name, "type": kind, "size": None} for name, kind in fields],
        "targets": [{"name": target, "type": "float4"}],
        "classes": classes,
    }


A, B = ("a", "int4"), ("b", "text")
LIVE = signature(A, B)


@pytest.mark.parametrize(
    ("new", "by_position", "by_name"),
    [
        (LIVE, [], []),
        (signature(B, A), [("columns", "breaking")], [("columns", "warning")]),
        (signature(A, B, target="price"), [("targets", "breaking")], []),
        (signature(A), [("b", "breaking")], [("b", "breaking")]),
        (signature(A, B, ("c", "bool")), [("c", "breaking")], [("c", "breaking")]),
        (signature(("a", "int8"), B), [("a", "warning")], [("a", "warning")]),
        (signature(("a", "float8"), B), [("a", "warning")], [("a", "warning")]),
        (signature(("a", "int2"), B), [("a", "breaking")], [("a", "breaking")]),
        (signature(("a", "text"), B), [("a", "breaking")], [("a", "breaking")]),
        (signature(A, ("b", "enum")), [("b", "warning")], [("b", "warning")]),
        (signature(A, ("b", "json")), [("b", "breaking")], [("b", "breaking")]),
        (signature(A, B, classes=["0", "1"]), [("classes", "breaking")], [("classes", "breaking")]),
    ],
)
def test_by_position_and_by_name(
    new: dict[str, Any], by_position: list[tuple[str, str]], by_name: list[tuple[str, str]]
) -> None:
    assert [(one.field, one.severity) for one in differences(LIVE, new)] == by_position
    assert [(one.field, one.severity) for one in differences(LIVE, new, by_name=True)] == by_name


def test_a_column_that_may_be_left_out() -> None:
    new = signature(A, B, ("c", "bool"))
    new["fields"][2]["optional"] = True
    (found,) = differences(LIVE, new, by_name=True)
    assert (found.severity, str(found)) == ("warning", "c: the new model takes this column, too")


def test_several_targets_keep_their_names() -> None:
    both = {**LIVE, "targets": [{"name": "y"}, {"name": "z"}]}
    renamed = {**LIVE, "targets": [{"name": "y"}, {"name": "w"}]}
    assert [str(one) for one in differences(both, renamed, by_name=True)] == [
        "targets: they change from y, z to y, w"
    ]


def test_classes_are_compared_as_they_are_answered() -> None:
    numbers, truths = signature(A, classes=[0, 1]), signature(A, classes=[False, True])
    assert [one.field for one in differences(numbers, truths, by_name=True)] == ["classes"]


def test_another_task_breaks_and_another_library_is_told() -> None:
    assert [one.severity for one in tasks("regression", "clustering")] == ["breaking"]
    assert tasks("regression", "regression") == []
    assert [one.severity for one in frameworks("scikit-learn", "lightgbm")] == ["warning"]
    assert frameworks(None, "lightgbm") == frameworks("lightgbm", "lightgbm") == []
