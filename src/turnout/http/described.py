"""What a model looks like over HTTP, whether it was uploaded or trained, in a space or in its project."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from turnout.catalog.published import Facts, TrainedModel
from turnout.domain import trained
from turnout.services.assets import Held

# these stand in the metadata and not in the entity
IN_METADATA = ("description", "tags")


def of_asset(held: Held) -> dict[str, Any]:
    """A model in a space, as it is or as a revision of it was."""
    asset = held.asset
    metadata = {
        "id": str(asset.id),
        "name": asset.name,
        "space_id": str(asset.space_id),
        "owner": str(asset.owner_id),
        "created_at": asset.created_at,
        "modified_at": asset.updated_at,
        "commit_info": {"committed_at": asset.committed_at},
    }
    if asset.revision is not None:
        metadata["rev"] = str(asset.revision)
    return _described(metadata, asset.entity, held.facts)


def of_trained(model: TrainedModel, facts: Facts) -> dict[str, Any]:
    """A model in its project."""
    entity = trained.entity(
        library=model.library,
        signature=model.signature,
        metrics=model.metrics,
        hyperparams=model.hyperparams,
    )
    metadata = {
        "id": str(model.uid),
        "name": trained.name(model.project, model.algorithm, model.id),
        "project_id": str(model.project_uid),
        "owner": model.actor,
        "created_at": model.created_at,
        "modified_at": model.created_at,
        "commit_info": {"committed_at": model.created_at},
    }
    return _described(metadata, entity, facts)


def as_resource(asset_id: UUID, described: Mapping[str, Any]) -> dict[str, Any]:
    """The same as an asset among assets of any kind."""
    metadata = described["metadata"]
    return {
        "metadata": {
            **{key: value for key, value in metadata.items() if key != "id"},
            "asset_id": str(asset_id),
            "asset_type": "wml_model",
            "asset_state": "available",
            "owner_id": metadata["owner"],
            "href": f"/v2/assets/{asset_id}",
        },
        "entity": {"wml_model": described["entity"]},
        "attachments": attachments(described),
    }


def attachments(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What has been uploaded: nothing yet, or the model."""
    model = described["entity"].get("model")
    if not model:
        return []
    return [{"attachment_id": model["content_id"], "content_format": "native", "persisted": True}]


def _described(metadata: dict[str, Any], entity: Mapping[str, Any], facts: Facts | None) -> dict[str, Any]:
    for key in IN_METADATA:
        if entity.get(key) is not None:
            metadata[key] = entity[key]
    metadata["resource_key"] = metadata["id"]
    shown = {key: value for key, value in entity.items() if key not in IN_METADATA}
    shown["content_import_state"] = "completed" if facts else "missing"
    if facts:
        shown["model"] = _model(facts)
    return {"metadata": metadata, "entity": shown, "system": {"warnings": []}}


def _model(facts: Facts) -> dict[str, Any]:
    """What it is in truth, whatever type was typed."""
    return {
        "id": facts.id,
        "content_id": str(facts.uid),
        "task": facts.task,
        "algorithm": facts.algorithm,
        "library": facts.library,
        "predictor": facts.predictor,
        "sha256": facts.artifact_sha256,
        "bytes": facts.artifact_bytes,
        "warnings": facts.warnings,
    }
