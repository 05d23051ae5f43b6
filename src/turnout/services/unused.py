"""The files of models that nothing refers to any more."""

from collections.abc import Iterable
from uuid import UUID

from turnout.catalog import assets, models, references
from turnout.catalog.session import Session


def release(session: Session, model_ids: Iterable[int]) -> list[int]:
    """Remove the files of those uploaded models that nothing refers to any more; their rows stay, as the history does.

    A model of a project is its project's: ``pgml.delete_model`` and ``pgml.prune`` remove it.

    Returns
    -------
    list of int
        The models whose files have gone.
    """
    gone = []
    for model_id in sorted(set(model_ids)):
        model = models.by_id(session, model_id)
        if model is None or model.project_id is not None:
            continue
        references.lock(session, model_id)
        if references.use(session, model_id) is None and not models.get(session, model_id).deleted:
            models.delete(session, model_id)
            gone.append(model_id)
    return gone


def clear(session: Session, space_id: UUID) -> None:
    """Remove every asset of a space that is about to go, and that has no deployments."""
    held: set[int] = set()
    for asset_id in assets.lock_space(session, space_id):
        held.update(assets.models(session, asset_id))
        assets.delete(session, asset_id)
    release(session, held)
