"""What a model of ``pgml.train`` says of itself over HTTP, in the words in which an uploaded one is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turnout.domain.specifications import SOFTWARE, id_of

SPECIFICATION = "runtime-25.1-py3.12"
# the signature's types in the words of schemas
_TYPES = {
    "bool": "boolean", "int2": "integer", "int4": "integer", "int8": "integer", "float4": "float", "float8": "double",
    "numeric": "decimal", "text": "string", "enum": "string", "date": "date", "timestamp": "timestamp",
    "timestamptz": "timestamp",
}  # fmt: skip


def entity(
    *,
    library: Mapping[str, Any],
    signature: Mapping[str, Any],
    metrics: Mapping[str, Any],
    hyperparams: Mapping[str, Any],
    description: str = "",
) -> dict[str, Any]:
    """Type, schemas, label column and metrics of a trained model.

    >>> entity(library={"name": "xgboost", "version": "3.1.2"}, metrics={"r2": 0.5, "folds": [1]},
    ...        signature={"fields": [{"name": "x", "type": "float4"}], "targets": []}, hyperparams={})["type"]
    'xgboost_3.1'
    """
    targets = [str(target["name"]) for target in signature.get("targets") or ()]
    found: dict[str, Any] = {
        "description": description,
        "type": kind(library),
        "software_spec": {"id": str(id_of(SOFTWARE, SPECIFICATION)), "name": SPECIFICATION},
        "schemas": {"input": [_schema("input", signature.get("fields") or ())], "output": []},
        "metrics": [{"name": name, "value": value} for name, value in metrics.items() if _number(value)],
        "hyper_parameters": [{"name": name, "value": value} for name, value in hyperparams.items()],
    }
    if targets:
        found["label_column"] = targets[0]
    return found


def name(project: str, algorithm: str | None, model_id: int) -> str:
    """What a model of a project is called: a project has many.

    >>> name("sales", "xgboost", 17)
    'sales xgboost 17'
    """
    rest = f" {algorithm or 'model'} {model_id}"
    return project[: 255 - len(rest)] + rest


def kind(library: Mapping[str, Any]) -> str:
    """A library as the type of a model: its name, and its version to the second number."""
    name, version = library.get("name") or "turnout", str(library.get("version") or "")
    return "_".join(part for part in (str(name), ".".join(version.split(".")[:2])) if part)


def _schema(name: str, fields: Any) -> dict[str, Any]:
    return {"id": name, "type": "struct", "fields": [_field(field) for field in fields]}


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    word = _TYPES.get(str(field.get("type")), str(field.get("type")))
    size = field.get("size")
    return {"name": field["name"], "type": f"array<{word}>" if size is not None else word}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
