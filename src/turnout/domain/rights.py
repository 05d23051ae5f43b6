"""Who may change a project: a member of the role that owns it."""

from turnout.errors import NotOwner


def require_member(*, role: str, owner: str, project: str, action: str, is_member: bool) -> None:
    """Refuse a role that is no member of the owner.

    Raises
    ------
    NotOwner
        Naming the role, the owner and what was to be done.
    """
    if not is_member:
        raise NotOwner(role=role, owner=owner, project=project, action=action)
