"""What spaces, models and deployments say of themselves, whoever has written it: texts, tags, what is your own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turnout.errors import InvalidArgument

KINDS = {"description": (str, "a text"), "type": (str, "a text"), "custom": (dict, "an object")}


def require_name(name: object) -> str:
    """The name, if it is one.

    Raises
    ------
    InvalidArgument
        If it is no text, empty, or longer than 255 characters.
    """
    if isinstance(name, str) and name.strip() and len(name) <= 255:
        return name
    raise InvalidArgument(argument="name", value=_shown(name), expected="a text of 1 to 255 characters")


def require_described(entity: Mapping[str, Any]) -> None:
    """Refuse a description that is no text, tags that are no list, and the like.

    Raises
    ------
    InvalidArgument
        Naming the member, and what was expected.
    """
    for key, (kind, word) in KINDS.items():
        value = entity.get(key)
        if value is not None and not isinstance(value, kind):
            raise InvalidArgument(argument=key, value=_shown(value), expected=word)
    tags = entity.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise InvalidArgument(argument="tags", value=_shown(tags), expected="a list of texts")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
