"""Software and hardware specifications over HTTP: what clients look up before they store a model or deploy it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from turnout.domain.specifications import HARDWARE, SOFTWARE, id_of, known, listed, name_of, size_of
from turnout.http.auth import caller
from turnout.http.bodies import Text
from turnout.space_errors import UnknownSpecification

router = APIRouter(prefix="/v2", tags=["specifications"], dependencies=[Depends(caller)])
Name = Annotated[Text | None, Query(max_length=255, description="Only the one with this name.")]
# these have been there always
CREATED = "2026-01-01T00:00:00.000Z"


@router.get("/software_specifications")
def list_software_specifications(name: Name = None) -> dict[str, Any]:
    """The software specifications; asked for by name, all that Watson Machine Learning has had."""
    return _found(SOFTWARE, name)


@router.get("/software_specifications/{specification_id}")
def get_software_specification(specification_id: UUID) -> dict[str, Any]:
    """One software specification."""
    return _by_id(SOFTWARE, specification_id)


@router.get("/hardware_specifications")
def list_hardware_specifications(name: Name = None) -> dict[str, Any]:
    """The hardware specifications; here they are names without consequence."""
    return _found(HARDWARE, name)


@router.get("/hardware_specifications/{specification_id}")
def get_hardware_specification(specification_id: UUID) -> dict[str, Any]:
    """One hardware specification."""
    return _by_id(HARDWARE, specification_id)


def _found(kind: str, name: str | None) -> dict[str, Any]:
    names: Sequence[str] = listed(kind) if name is None else [name] if known(kind, name) else []
    return {"total_results": len(names), "resources": [_resource(kind, one) for one in names]}


def _by_id(kind: str, specification_id: UUID) -> dict[str, Any]:
    name = name_of(kind, specification_id)
    if name is None:
        raise UnknownSpecification(kind=kind.replace("_", " "), id=specification_id)
    return _resource(kind, name)


def _resource(kind: str, name: str) -> dict[str, Any]:
    specification_id = id_of(kind, name)
    metadata: dict[str, Any] = {
        "name": name,
        "asset_id": str(specification_id),
        "asset_type": kind,
        "href": f"/v2/{kind}s/{specification_id}",
        "created_at": CREATED,
        "description": "",
    }
    if kind == SOFTWARE:
        metadata["life_cycle"] = {"supported": True}
        return {"metadata": metadata, "entity": {kind: {"type": "base", "display_name": name}}}
    cpu, memory = size_of(name)
    nodes = {"cpu": {"units": cpu}, "mem": {"size": memory}}
    return {"metadata": metadata, "entity": {kind: {"type": "base", "nodes": nodes}}}
