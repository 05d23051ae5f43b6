"""JSON Patch as clients send it: done in whole, or refused with the operation that cannot be done."""

from __future__ import annotations

from typing import Any

import pytest

from turnout.domain import json_patch
from turnout.space_errors import InvalidPatch

DOCUMENT = {"name": "a", "tags": ["x", "y"], "custom": {"a/b": {"c~d": 1}}}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "/name", "value": "b"}, {"name": "b"}),
        ({"op": "replace", "path": "/description", "value": "new"}, {"description": "new"}),
        ({"op": "add", "path": "/tags/1", "value": "z"}, {"tags": ["x", "z", "y"]}),
        ({"op": "add", "path": "/tags/2", "value": "z"}, {"tags": ["x", "y", "z"]}),
        ({"op": "add", "path": "/tags/-", "value": "z"}, {"tags": ["x", "y", "z"]}),
        ({"op": "replace", "path": "/tags/0", "value": "z"}, {"tags": ["z", "y"]}),
        ({"op": "remove", "path": "/tags/0"}, {"tags": ["y"]}),
        ({"op": "remove", "path": "/custom/a~1b/c~0d"}, {"custom": {"a/b": {}}}),
        ({"op": "copy", "from": "/tags/1", "path": "/name"}, {"name": "y"}),
        ({"op": "move", "from": "/tags/1", "path": "/name"}, {"name": "y", "tags": ["x"]}),
        ({"op": "test", "path": "/name", "value": "a"}, {}),
    ],
)
def test_an_operation_does_what_it_says(operation: dict[str, Any], expected: dict[str, Any]) -> None:
    assert json_patch.apply(DOCUMENT, [operation]) == {**DOCUMENT, **expected}


def test_what_was_given_stays_as_it_is() -> None:
    before = {"tags": ["x"]}
    value = {"y": [1]}
    after = json_patch.apply(before, [{"op": "add", "path": "/tags/-", "value": value}])
    value["y"].append(2)
    assert (before, after) == ({"tags": ["x"]}, {"tags": ["x", {"y": [1]}]})


@pytest.mark.parametrize(
    ("operations", "reason"),
    [
        ({"op": "add"}, "a list of operations was expected, not an object"),
        (["add"], '"op" is not one of'),
        ([{"op": "set", "path": "/a", "value": 1}], '"op" is not one of'),
        ([{"op": "add", "value": 1}], 'no "path"'),
        ([{"op": "add", "path": "/a"}], 'no "value"'),
        ([{"op": "move", "path": "/a"}], 'no "from"'),
        ([{"op": "add", "path": "name", "value": 1}], "does not begin with /"),
        ([{"op": "add", "path": "", "value": 1}], "does not begin with /"),
        ([{"op": "add", "path": "/nothing/there", "value": 1}], "there is no /nothing"),
        ([{"op": "add", "path": "/name/there", "value": 1}], "there is no /name to put a member into"),
        ([{"op": "remove", "path": "/nothing"}], "there is no /nothing"),
        ([{"op": "remove", "path": "/name/0"}], "there is no /name/0"),
        ([{"op": "add", "path": "/tags/3", "value": 1}], '"3" is no place in a list'),
        ([{"op": "replace", "path": "/tags/2", "value": 1}], '"2" is no place in a list'),
        ([{"op": "remove", "path": "/tags/-"}], '"-" is no place in a list'),
        ([{"op": "remove", "path": "/tags/01"}], '"01" is no place'),
        ([{"op": "remove", "path": "/tags/-1"}], '"-1" is no place'),
        ([{"op": "remove", "path": "/tags/\u0661"}], "is no place"),
        ([{"op": "remove", "path": "/tags/" + "9" * 5000}], "is no place"),
        ([{"op": "test", "path": "/name", "value": "b"}], "/name has another value"),
        ([{"op": "move", "from": "/custom", "path": "/custom/x"}], "moved into itself"),
    ],
)
def test_what_cannot_be_done_is_refused(operations: object, reason: str) -> None:
    with pytest.raises(InvalidPatch) as refused:
        json_patch.apply(DOCUMENT, operations)
    assert reason in refused.value.message


def test_the_operation_is_named_by_its_number() -> None:
    operations = [{"op": "remove", "path": "/name"}, {"op": "remove", "path": "/name"}]
    with pytest.raises(InvalidPatch, match="operation 1 "):
        json_patch.apply(DOCUMENT, operations)


def test_every_member_that_is_touched_is_named() -> None:
    operations = [
        {"op": "test", "path": "/a/b", "value": 1},
        {"op": "move", "from": "/c", "path": "/d/-"},
        {"op": "add", "path": "/e~1f", "value": 1},
    ]
    assert json_patch.touched(operations) == {"a", "c", "d", "e/f"}
