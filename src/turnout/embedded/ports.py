"""Ports on this machine."""

from __future__ import annotations

import random
import socket

# Below the range from which systems draw the ports of outgoing connections.
CHOICE = range(15432, 25432)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As PostgreSQL does: connections that ended a minute ago must not cost us the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free() -> int:
    """A port that nothing listens on.

    Drawn at random, so that two homes which choose at the same moment rarely choose the same.
    """
    return next(port for port in random.sample(CHOICE, len(CHOICE)) if is_free(port))
