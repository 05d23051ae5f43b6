"""What an asset holds: an upload on its way into the catalog, and back to who asks for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from turnout import importing
from turnout.catalog import assets, models, published
from turnout.catalog.models import NewModel
from turnout.catalog.session import Session
from turnout.importing import Declared, Imported
from turnout.runtime.artifact import digest
from turnout.runtime.labels import label_text
from turnout.services import unused
from turnout.services.assets import get, locked
from turnout.services.spaces import Person
from turnout.space_errors import AssetWithoutContent, NoSource


@dataclass(frozen=True, kw_only=True)
class Source:
    """An uploaded model in the form in which it is kept."""

    name: str
    format: str
    data: bytes


def expected(session: Session, person: Person, asset_id: UUID) -> Declared:
    """What an asset says that its content will be, to who may send it.

    Raises
    ------
    UnknownAsset, RoleTooLow
        If there is none, or somebody may only see it.
    """
    entity = locked(session, person, asset_id).entity
    schemas = entity.get("schemas")
    label = entity.get("label_column")
    training = _training_schema(entity)
    known = dict(schemas) if isinstance(schemas, dict) else {}
    return Declared(
        type=str(entity["type"]),
        schemas={**known, "training": training} if training else known,
        label_column=label if isinstance(label, str) else None,
    )


def convert(content: Path, declared: Declared) -> Imported:
    """Make a model of an upload, in a confined process; outside of any transaction, for it takes seconds."""
    return importing.convert(content, declared)


def keep(session: Session, person: Person, asset_id: UUID, imported: Imported) -> UUID:
    """Store what an upload has become, and let the asset hold it; the id of the content."""
    # waits for who is about to deploy what it has held so far, and may go now
    before = locked(session, person, asset_id, removal=True).model_id
    model_id = models.insert(session, _model(imported))
    assets.set_model(session, asset_id, model_id)
    if before is not None:
        unused.release(session, [before])
    return published.facts(session, [model_id])[model_id].uid


def source(session: Session, person: Person, asset_id: UUID, revision: int | None = None) -> Source:
    """What an asset holds, in the form in which it is kept.

    Raises
    ------
    AssetWithoutContent
        If nothing has come yet.
    NoSource
        If the model was trained in PostgreSQL.
    """
    held = get(session, person, asset_id, revision)
    if held.asset.model_id is None:
        raise AssetWithoutContent(asset=asset_id)
    found = models.source(session, held.asset.model_id)
    if found is None:
        raise NoSource(asset=asset_id)
    return Source(name=held.asset.name, format=found[0], data=found[1])


def restore(kept: Source) -> bytes:
    """The archive that a client downloads; outside of any transaction, for it may take a while."""
    return importing.restore(kept.data, kept.format)


def _training_schema(entity: dict[str, Any]) -> Any:
    references = entity.get("training_data_references")
    first = references[0] if isinstance(references, list) and references else None
    return first.get("schema") if isinstance(first, dict) else None


def _model(imported: Imported) -> NewModel:
    classes = imported.classes
    return NewModel(
        num_features=imported.num_features,
        algorithm=imported.algorithm,
        hyperparams=imported.hyperparams,
        metrics={},
        task=imported.task,
        classes=None
        if classes is None or len(imported.signature["targets"]) > 1
        else [label_text(label) for label in classes],
        signature=imported.signature,
        predictor=imported.predictor,
        export=imported.export,
        library=imported.library,
        artifact_sha256=digest(imported.artifact),
        artifact=imported.artifact,
        source=imported.source,
        imported={
            "source_format": imported.source_format,
            "warnings": imported.warnings,
            "confined": imported.confined,
        },
    )
