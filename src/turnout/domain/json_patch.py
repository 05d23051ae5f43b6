"""JSON Patch (RFC 6902): what clients of this API send to change a space, a member, a model or a deployment.

One leniency: ``replace`` of a member that an object does not have adds it. Clients of Watson Machine Learning replace a
description that was never given.
"""

from __future__ import annotations

import copy
from typing import Any

from turnout.space_errors import InvalidPatch

NEEDS_VALUE = ("add", "replace", "test")
NEEDS_FROM = ("move", "copy")
OPERATIONS = (*NEEDS_VALUE, "remove", *NEEDS_FROM)


def touched(operations: object) -> set[str]:
    """The members of the document that a patch reads or changes, each by the first part of its path.

    >>> sorted(touched([{"op": "replace", "path": "/asset", "value": {}}, {"op": "remove", "path": "/custom/a"}]))
    ['asset', 'custom']

    Raises
    ------
    InvalidPatch
        If it is no list of operations.
    """
    found = set()
    for number, operation in enumerate(_listed(operations)):
        for key in ("path", "from") if operation["op"] in NEEDS_FROM else ("path",):
            found.add(_parts(operation[key], number)[0])
    return found


def apply(document: dict[str, Any], operations: object) -> dict[str, Any]:
    """The document as it is after a patch; the one that was given stays as it is.

    >>> apply({"name": "a", "tags": ["x"]}, [{"op": "add", "path": "/tags/-", "value": "y"}])
    {'name': 'a', 'tags': ['x', 'y']}

    Raises
    ------
    InvalidPatch
        Naming the operation that cannot be done, the first being 0.
    """
    changed = copy.deepcopy(document)
    for number, operation in enumerate(_listed(operations)):
        _do(changed, operation, number)
    return changed


def _listed(operations: object) -> list[dict[str, Any]]:
    if not isinstance(operations, list):
        raise InvalidPatch(number=0, reason=f"a list of operations was expected, not {_kind(operations)}")
    for number, operation in enumerate(operations):
        if not isinstance(operation, dict) or operation.get("op") not in OPERATIONS:
            raise InvalidPatch(number=number, reason=f'its "op" is not one of {", ".join(OPERATIONS)}')
        op = operation["op"]
        for key in ("path", "from") if op in NEEDS_FROM else ("path",):
            if not isinstance(operation.get(key), str):
                raise InvalidPatch(number=number, reason=f'it has no "{key}" that is a text')
        if op in NEEDS_VALUE and "value" not in operation:
            raise InvalidPatch(number=number, reason='it has no "value"')
    return operations


def _do(document: dict[str, Any], operation: dict[str, Any], number: int) -> None:
    op = operation["op"]
    path = _parts(operation["path"], number)
    if op == "test":
        if _get(document, path, number) != operation["value"]:
            raise InvalidPatch(number=number, reason=f"{operation['path']} has another value")
    elif op == "remove":
        _take(document, path, number)
    elif op == "replace":
        _put(document, path, copy.deepcopy(operation["value"]), number, insert=False)
    elif op == "add":
        _put(document, path, copy.deepcopy(operation["value"]), number, insert=True)
    else:
        source = _parts(operation["from"], number)
        if op == "move" and path[: len(source)] == source and path != source:
            raise InvalidPatch(number=number, reason="nothing can be moved into itself")
        value = copy.deepcopy(_get(document, source, number))
        if op == "move":
            _take(document, source, number)
        _put(document, path, value, number, insert=True)


def _parts(pointer: str, number: int) -> list[str]:
    if not pointer.startswith("/"):
        raise InvalidPatch(number=number, reason=f'the path "{pointer}" does not begin with /')
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _get(document: Any, path: list[str], number: int) -> Any:
    for part in path:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list):
            document = document[_index(part, len(document) - 1, number)]
        else:
            raise InvalidPatch(number=number, reason=f"there is no /{'/'.join(path)}")
    return document


def _put(document: Any, path: list[str], value: Any, number: int, *, insert: bool) -> None:
    holder = _get(document, path[:-1], number)
    last = path[-1]
    if isinstance(holder, dict):
        holder[last] = value
    elif isinstance(holder, list) and insert:
        holder.insert(len(holder) if last == "-" else _index(last, len(holder), number), value)
    elif isinstance(holder, list):
        holder[_index(last, len(holder) - 1, number)] = value
    else:
        raise InvalidPatch(number=number, reason=f"there is no /{'/'.join(path[:-1])} to put a member into")


def _take(document: Any, path: list[str], number: int) -> None:
    _get(document, path, number)
    holder = _get(document, path[:-1], number)
    del holder[path[-1] if isinstance(holder, dict) else int(path[-1])]


def _index(part: str, last: int, number: int) -> int:
    # no sign, no leading zero, and no digits of other scripts
    if part.isascii() and part.isdigit() and str(int(part[:20])) == part and int(part) <= last:
        return int(part)
    raise InvalidPatch(number=number, reason=f'"{part}" is no place in a list whose last one is {last}')


def _kind(value: object) -> str:
    return {dict: "an object", str: "a text", type(None): "null"}.get(type(value), "a single value")
