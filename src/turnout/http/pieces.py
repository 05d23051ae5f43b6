"""Large requests, read and answered a piece at a time, so that memory stays bounded and other requests get their turn.

Parsing holds Python's lock: sixty megabytes in one go would let everybody else wait for the better part of a second,
and take ten times as much memory. So the arrays of rows are cut between rows first, outside of the lock, and the rest
of the body is read with a name in place of each. By JSON's grammar, pieces that are lists of values each, and a rest
that is JSON with the names, are JSON together.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import orjson

from turnout.http import payload
from turnout.input_errors import BodyTooLarge, InvalidBody
from turnout.runtime.table import Table

PIECE = 1 << 15
# what is parsed in one go at most: a row, and all of a body that is no large array of rows
MOST_OF_ROW = 4 << 20
MOST_OF_REST = 8 << 20
# rows of a block that was not cut, answered together
_ROWS = 512
_KEY = re.compile(rb'"values"[ \t\r\n]*:[ \t\r\n]*\Z')
# stands for an array that was cut out; nobody outside can name one
_NAME = secrets.token_hex(16)


def _compiled() -> Any:
    try:
        from turnout.runtime import _pieces
    except ImportError:  # no compiler when this was installed: bodies are read whole
        return None
    return _pieces


_COMPILED = _compiled()


class Rows:
    """The rows of a block that was cut.

    Parameters
    ----------
    body
        The whole body.
    places
        Where the first piece begins, the commas between two, and where the last one ends.
    """

    __slots__ = ("_body", "_places")

    def __init__(self, body: bytearray, places: list[int]) -> None:
        self._body = body
        self._places = places

    def parts(self, name: str, fields: list[str] | None) -> Iterator[list[Any]]:
        """Some rows after the other.

        Raises
        ------
        InvalidBody, InvalidValue
            If one of the pieces is no list of rows.
        """
        start, count = self._places[0], 0
        for end in self._places[1:]:
            if end - start > MOST_OF_ROW + PIECE:
                raise BodyTooLarge(
                    what=f"a row of {name}, row {count} (counted from 0) or the next,", limit=MOST_OF_ROW
                )
            piece = b"[%b]" % bytes(self._body[start:end])
            try:
                rows = orjson.loads(piece)
            except orjson.JSONDecodeError as error:
                raise payload.not_json_rows(piece, name, fields, count) or InvalidBody(
                    reason=f"it is not JSON: {name}, at row {count} (counted from 0) or later: {error}"
                ) from None
            if not rows:
                raise InvalidBody(
                    reason=f"it is not JSON: {name}: nothing follows the comma after row {count - 1}"
                )
            yield rows
            start = end + 1
            count += len(rows)


def answer(table: Table, body: bytearray) -> tuple[int, list[bytes]]:
    """How many rows a body has, and the body that answers, in parts.

    Raises
    ------
    TurnoutError
        If it cannot be read, or a row not answered.
    """
    rest, cut = _cut(body)
    asked = payload.blocks(rest, cut)
    warnings: list[str] = []
    parts: list[bytes] = []
    total = 0
    opening = b'{"predictions":['
    for name, own_id, fields, rows in asked:
        plan = table.plan(fields, name)
        warnings += plan.warnings
        head = {"fields": table.fields} if own_id is None else {"id": own_id, "fields": table.fields}
        opening += orjson.dumps(head)[:-1] + b',"values":['
        count = 0
        for some in rows.parts(name, fields) if isinstance(rows, Rows) else _parts(rows):
            answers = table.answers(plan, some, name, count)
            parts.append(opening + orjson.dumps(answers)[1:-1])
            count += len(some)
            opening = b","
        opening = b"]},"
        total += count
    told = b"" if not warnings else b',"system":' + orjson.dumps(payload.system(warnings))
    parts.append(b"]}]" + told + b"}")
    return total, parts


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(rows), _ROWS):
        yield rows[at : at + _ROWS]


def _cut(body: bytearray) -> tuple[bytes, dict[str, Rows]]:
    """The body without its large arrays of rows, and these by the names that stand for them."""
    found: dict[str, Rows] = {}
    kept: list[bytes] = []
    after = 0
    for places in _COMPILED.cuts(body, PIECE) if _COMPILED else ():
        before = places[0] - 1
        if len(places) > 2 and _KEY.search(body[max(0, before - 64) : before]):
            name = f"{_NAME}-{len(found)}"
            found[name] = Rows(body, places)
            kept += (bytes(body[after:before]), b'"%b"' % name.encode())
            after = places[-1] + 1
    kept.append(bytes(body[after:]))
    size = sum(map(len, kept))
    if _COMPILED and size > MOST_OF_REST:
        raise BodyTooLarge(
            what="the request without its large arrays of rows",
            limit=MOST_OF_REST,
            hint="send fewer blocks with more rows each, or several requests",
        )
    return b"".join(kept), found
