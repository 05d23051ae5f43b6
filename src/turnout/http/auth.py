"""Who is calling."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from turnout.http.database import WorkOf
from turnout.service_errors import AdministratorNeeded, NotAuthenticated
from turnout.services import tokens

bearer = HTTPBearer(auto_error=False, description="A token from POST /icp4d-api/v1/authorize.")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A user whose token was looked at.

    Attributes
    ----------
    admin
        An administrator of the installation, who may do everything in every space.
    """

    id: UUID
    name: str
    admin: bool


def caller(
    work: WorkOf, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None
) -> Caller:
    """The user whose token came.

    Raises
    ------
    NotAuthenticated
        Without a token, or with one that doesn't hold any more.
    """
    if given is None:
        raise NotAuthenticated(reason="none came")
    with work.session() as session:
        user = tokens.holder(session, given.credentials)
    return Caller(id=user.id, name=user.name, admin=user.admin)


CallerOf = Annotated[Caller, Depends(caller)]


def administrator(found: CallerOf) -> Caller:
    """The caller, who has to be an administrator of the installation."""
    if not found.admin:
        raise AdministratorNeeded(user=found.name, action="do this")
    return found


AdministratorOf = Annotated[Caller, Depends(administrator)]
