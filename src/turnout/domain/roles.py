"""What a member of a space may do: a viewer sees and scores, an editor deploys and deletes, an admin admits others."""

from __future__ import annotations

VIEWER = "viewer"
EDITOR = "editor"
ADMIN = "admin"
# each may do what those before it may
ROLES = (VIEWER, EDITOR, ADMIN)


def covers(role: str | None, needed: str) -> bool:
    """Whether a role may do what ``needed`` may.

    >>> covers("admin", "editor"), covers("viewer", "editor"), covers(None, "viewer")
    (True, False, False)
    """
    return role is not None and ROLES.index(role) >= ROLES.index(needed)
