"""What the HTTP service is started with."""

from dataclasses import dataclass

# what a process writes when it answers
READY = b"ready\n"
# seconds for the requests under way when the service is to end
GRACE = 20


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every process of the service is told.

    Attributes
    ----------
    dsn
        A role that owns the catalog.
    host
        The address to listen on.
    http_port, https_port
        Zero: any free one.
    workers
        How many processes answer.
    certificate, key
        Paths of PEM files.
    replacement_seconds
        For how long a replacement waits for a process that hangs (``TURNOUT_REPLACEMENT_SECONDS``).
    max_body
        Bytes that a request for predictions may have (``TURNOUT_MAX_BODY_MB``).
    max_upload
        Bytes that a model may have (``TURNOUT_UPLOAD_MB``).
    """

    dsn: str
    host: str = "127.0.0.1"
    http_port: int = 0
    https_port: int = 0
    workers: int = 2
    certificate: str
    key: str
    replacement_seconds: float = 30.0
    max_body: int = 64 << 20
    max_upload: int = 512 << 20
