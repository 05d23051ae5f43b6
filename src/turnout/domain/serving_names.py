"""Serving names: what stands in an URL in the place of a deployment's id."""

import re

from turnout.errors import InvalidArgument

_NAME = re.compile(r"[a-z0-9_]{1,36}", re.ASCII)


def require_serving_name(name: object) -> str:
    """The serving name, if it can be one.

    >>> require_serving_name("credit_risk")
    'credit_risk'

    Raises
    ------
    InvalidArgument
        For anything but 1 to 36 small letters, digits and underscores.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise InvalidArgument(
        argument="serving_name",
        value=repr(name)[:60],
        expected="1 to 36 small letters, digits and underscores",
    )
