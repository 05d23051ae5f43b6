"""What can be wrong with a model that arrives from elsewhere, and with what opens it."""

from turnout.errors import TurnoutError


class UnusableUpload(TurnoutError):
    """the uploaded model is refused: {reason}"""

    code = "unusable_upload"
    sqlstate = "22023"
    http_status = 400


class ConverterFailed(TurnoutError):
    """the process that opens uploaded models cannot do its work: {reason}"""

    code = "converter_failed"
    sqlstate = "58000"
    http_status = 500
    hint = "turnout doctor looks for what is missing"
