"""What arrives as a model from elsewhere: opened in a confined process of its own, and made an artifact there.

Importing this is cheap: what reads models runs in the process that it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from turnout.importing.limits import Limits
from turnout.importing.process import ask
from turnout.upload_errors import UnusableUpload

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the caller says of a model.

    Parameters
    ----------
    type
        As the caller typed it: ``scikit-learn_1.3``.
    schemas
        ``input``, ``output`` and ``training``: each a schema with ``fields``, or a list of such. May be empty.
    label_column
        The column that the model was trained to predict.
    content_format
        As the upload says it.
    """

    type: str = ""
    schemas: dict[str, Any] = field(default_factory=dict)
    label_column: str | None = None
    content_format: str = "native"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A model that was accepted.

    Attributes
    ----------
    artifact
        What serves it, as training makes it.
    algorithm
        Turnout's name of it; none where training knows no such.
    classes
        The classes in the order of the probabilities, of each target if there are several; none for numbers.
    signature
        ``fields``, ``targets`` and ``classes``.
    predictor, export
        The serving format, and why no better one serves.
    library
        ``name`` and ``version`` that it was made with, as far as it says, and what read it.
    source, source_format
        What a download is made of.
    confined
        What held while it was opened.
    """

    artifact: bytes
    task: str
    algorithm: str | None
    num_features: int
    classes: list[Any] | None
    signature: dict[str, Any]
    predictor: str
    export: dict[str, Any]
    library: dict[str, Any]
    hyperparams: dict[str, Any]
    source: bytes
    source_format: str
    warnings: list[str]
    confined: list[str]


def convert(content: Path, declared: Declared, limits: Limits | None = None) -> Imported:
    """Make an artifact of an uploaded file.

    Raises
    ------
    UnusableUpload
        If it is refused; the message names what, and why.
    ConverterFailed
        If the process that opens it cannot be started.
    """
    limits = limits or Limits()
    size = content.stat().st_size
    if size == 0:
        raise UnusableUpload(reason="it is empty")
    if size > limits.content_bytes:
        raise UnusableUpload(
            reason=f"it has {size:,} bytes, and at most {limits.content_bytes:,} are opened",
        )
    job = {
        "do": "convert",
        "type": declared.type,
        "schemas": declared.schemas,
        "label_column": declared.label_column,
    }
    with content.open("rb") as file:
        found, parts, confined = ask(job, file, limits)
    return Imported(artifact=parts[0], source=parts[1], confined=confined, **found)


def restore(source: bytes, source_format: str, limits: Limits | None = None) -> bytes:
    """What a client downloads: a gzip tar, as it would have been uploaded.

    Raises
    ------
    UnusableUpload
        If the source cannot be read any more.
    """
    limits = limits or Limits()
    _, parts, _ = ask({"do": "restore", "source_format": source_format}, source, limits)
    return parts[0]


__all__ = ["Declared", "Imported", "Limits", "convert", "restore"]
