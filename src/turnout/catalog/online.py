"""Online deployments: endpoints that are held as an URL."""

import json
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("online")


def fail(session: Session, endpoint_id: int, failure: dict[str, Any]) -> None:
    """Say why the last creation or replacement of a locked endpoint failed."""
    session.rows(_Q["fail"], endpoint_id, json.dumps(failure))
