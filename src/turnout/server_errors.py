"""The errors of the servers that the command line sets up and connects to."""

from turnout.errors import TurnoutError


class EmbeddedUnavailable(TurnoutError):
    """the embedded PostgreSQL cannot be used: {reason}"""

    code = "embedded_unavailable"
    sqlstate = "58000"
    http_status = 500


class ServerNotRunning(TurnoutError):
    """the embedded PostgreSQL in {home} is not running"""

    code = "server_not_running"
    sqlstate = "58000"
    http_status = 503
    hint = "`turnout up` starts it"


class ServerFailed(TurnoutError):
    """PostgreSQL in {data} did not {verb}: {reason}"""

    code = "server_failed"
    sqlstate = "58000"
    http_status = 500


class CannotConnect(TurnoutError):
    """no connection to {server}: {reason}"""

    code = "cannot_connect"
    sqlstate = "08001"
    http_status = 503


class CannotInstall(TurnoutError):
    """pgml cannot be installed in {database}: {reason}"""

    code = "cannot_install"
    sqlstate = "58000"
    http_status = 500


class CannotMigrate(TurnoutError):
    """database {database} cannot be migrated: {reason}"""

    code = "cannot_migrate"
    sqlstate = "55000"
    http_status = 409


class StatementFailed(TurnoutError):
    """PostgreSQL refused a statement: {reason}"""

    code = "statement_failed"
    sqlstate = "38000"
    http_status = 500


class OtherBuild(TurnoutError):
    """the catalog in {home} was made by another build of Turnout ({found}; this is {expected})"""

    code = "other_build"
    sqlstate = "55000"
    http_status = 500
    hint = (
        "before a release the tables change in place: `turnout down`, then begin anew with another TURNOUT_HOME, or "
        "after removing this one with its models"
    )
