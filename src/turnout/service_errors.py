"""The errors of the HTTP service, its users and its processes."""

from turnout.errors import TurnoutError


class NotAuthenticated(TurnoutError):
    """this call needs a token: {reason}"""

    code = "not_authenticated"
    sqlstate = "28000"
    http_status = 401
    hint = "POST /icp4d-api/v1/authorize with username and api_key gives one, to be sent as Authorization: Bearer"


class LoginFailed(TurnoutError):
    """the name or the API key is wrong"""

    code = "login_failed"
    sqlstate = "28P01"
    http_status = 401
    hint = "turnout user rotate NAME makes a new key"


class TooManyLogins(TurnoutError):
    """too many logins have failed for {name}: the next one is looked at in {seconds} s"""

    code = "too_many_logins"
    sqlstate = "28000"
    http_status = 429


class AdministratorNeeded(TurnoutError):
    """user "{user}" may not {action}: it takes an administrator of the installation"""

    code = "administrator_needed"
    sqlstate = "42501"
    http_status = 403


class UnknownUser(TurnoutError):
    """user "{name}" does not exist"""

    code = "unknown_user"
    sqlstate = "42704"
    http_status = 404
    hint = "turnout user list shows those there are; turnout user add NAME makes one"


class LastAdministrator(TurnoutError):
    """user "{name}" is the last administrator"""

    code = "last_administrator"
    sqlstate = "55006"
    http_status = 409
    hint = "make another one first: turnout user add NAME --role admin"


class DatabaseAway(TurnoutError):
    """the database cannot be reached at the moment: {reason}"""

    code = "database_away"
    sqlstate = "57P03"
    http_status = 503
    hint = "try again in a few seconds; predictions go on meanwhile"


class InvalidRequest(TurnoutError):
    """{reason}"""

    code = "invalid_request"
    sqlstate = "22023"
    http_status = 400


class NoSuchPage(TurnoutError):
    """{method} {path}: {reason}"""

    code = "not_found"
    sqlstate = "42704"
    http_status = 404


class MethodNotAllowed(TurnoutError):
    """{method} {path}: {reason}"""

    code = "method_not_allowed"
    sqlstate = "0A000"
    http_status = 405


class CannotListen(TurnoutError):
    """the service cannot listen at {address}: {reason}"""

    code = "cannot_listen"
    sqlstate = "58000"
    http_status = 500
    hint = "choose another port, or end what has it"


class ServiceFailed(TurnoutError):
    """the HTTP service did not start: {reason}"""

    code = "service_failed"
    sqlstate = "58000"
    http_status = 500


class CatalogMissing(TurnoutError):
    """the database {server} has no Turnout of this version: {reason}"""

    code = "catalog_missing"
    sqlstate = "3F000"
    http_status = 500
    hint = "turnout install --dsn ... puts it there"
