"""What can be wrong with rows that come over HTTP: each error names the block, the row (from 0) and the column."""

from turnout.errors import TurnoutError


class InvalidBody(TurnoutError):
    """the request cannot be read: {reason}"""

    code = "invalid_body"
    sqlstate = "22023"
    http_status = 400
    hint = 'send JSON as {{"input_data": [{{"fields": ["a", "b"], "values": [[1, 2], [3, 4]]}}]}}'


class MissingColumns(TurnoutError):
    """{block} lacks the columns {columns}, which the model needs; its fields are: {got}"""

    code = "missing_columns"
    sqlstate = "42703"
    http_status = 400


class RepeatedColumn(TurnoutError):
    """{block} has the column "{column}" more than once"""

    code = "repeated_column"
    sqlstate = "42701"
    http_status = 400


class InvalidRow(TurnoutError):
    """row {row} (counted from 0) of {block} is {got}, expected {expected}"""

    code = "invalid_row"
    sqlstate = "22023"
    http_status = 400


class InvalidValue(TurnoutError):
    """row {row} (counted from 0) of {block}: column "{column}" is {value}, expected {expected}"""

    code = "invalid_value"
    sqlstate = "22023"
    http_status = 400


class NoAnswerForRow(TurnoutError):
    """row {row} (counted from 0) of {block}: the model gives no finite number for it"""

    code = "no_answer_for_row"
    sqlstate = "22003"
    http_status = 422
    hint = "its values are probably far outside of what the model was trained on"


class ModelFails(TurnoutError):
    """the model behind this deployment cannot answer: {reason}"""

    code = "model_fails"
    sqlstate = "XX001"
    http_status = 500


class BodyTooLarge(TurnoutError):
    """{what} has more than {limit} bytes"""

    code = "body_too_large"
    sqlstate = "54000"
    http_status = 413
    hint = "send the rows in several requests, or let the server take more by TURNOUT_MAX_BODY_MB"


class UnsupportedEncoding(TurnoutError):
    """a body that is encoded as {encoding} is not read here; expected it as it is"""

    code = "unsupported_encoding"
    sqlstate = "0A000"
    http_status = 415


class TooBusy(TurnoutError):
    """this process has enough to do at the moment: {reason}"""

    code = "too_busy"
    sqlstate = "53000"
    http_status = 503
    hint = "try again in a few seconds, or send fewer rows at a time"


class NotReady(TurnoutError):
    """deployment "{deployment}" has no model that answers yet"""

    code = "not_ready"
    sqlstate = "55000"
    http_status = 503
    hint = "GET /ml/v4/deployments/ID says whether it is initializing, or why it has failed"


class NotDeployed(TurnoutError):
    """deployment "{deployment}" answers nothing: its model was taken away"""

    code = "not_deployed"
    sqlstate = "55000"
    http_status = 409
    hint = "give it one: PATCH its /asset, or POST /v1/deployments/ID/rollback"


class UnknownDeployment(TurnoutError):
    """deployment "{deployment}" does not exist"""

    code = "unknown_deployment"
    sqlstate = "42704"
    http_status = 404
    hint = "GET /ml/v4/deployments?space_id=ID lists those of a space"
