"""Why an upload is refused, within the process that opens it."""


class Refused(Exception):
    """The message says what was refused, and why."""
