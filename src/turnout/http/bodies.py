"""What a request may hold: JSON that PostgreSQL can keep as it came."""

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

DEEPEST = 64
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any, depth: int = 0) -> Any:
    """The value, if it can be kept as JSON.

    Raises
    ------
    ValueError
        For NaN and infinities, characters that are none, and what is nested too deeply.
    """
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    if isinstance(value, str):
        text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinities are no JSON")
    elif isinstance(value, dict):
        for key, member in value.items():
            text(str(key))
            storable(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            storable(member, depth + 1)
    return value


def text(value: str) -> str:
    """The text, if PostgreSQL can keep it.

    Raises
    ------
    ValueError
        If it has the character NUL, or half of a surrogate pair.
    """
    if _UNSTORABLE.search(value):
        raise ValueError("it has a character that is none: NUL, or half of a surrogate pair")
    return value


class Body(BaseModel):
    """A JSON object, of which members that are not known are kept too."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return storable(value)


Text = Annotated[str, AfterValidator(text)]
# a JSON Patch; services look at its operations
Operations = Annotated[list[dict[str, Any]], BeforeValidator(storable)]
