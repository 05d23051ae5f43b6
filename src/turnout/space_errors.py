"""The errors of spaces, their members and the models in them."""

from turnout.errors import TurnoutError


class InvalidPatch(TurnoutError):
    """operation {number} of the patch cannot be done: {reason}"""

    code = "invalid_patch"
    sqlstate = "22023"
    http_status = 400
    hint = 'it is a JSON Patch: [{{"op": "replace", "path": "/name", "value": "..."}}]'


class UnknownSpace(TurnoutError):
    """space "{space}" does not exist, or you are no member of it"""

    code = "unknown_space"
    sqlstate = "42704"
    http_status = 404


class AmbiguousSpace(TurnoutError):
    """there are several spaces with the name "{space}": {ids}"""

    code = "ambiguous_space"
    sqlstate = "42725"
    http_status = 409
    hint = "give the id instead of the name"


class RoleTooLow(TurnoutError):
    """user "{user}" is {role} of space {space}; this needs the role {needed}"""

    code = "role_too_low"
    sqlstate = "42501"
    http_status = 403
    hint = "an admin of the space can give it"


class SpaceInUse(TurnoutError):
    """space {space} cannot be deleted: it has deployments, whose URLs would end with it: {deployments}"""

    code = "space_in_use"
    sqlstate = "55006"
    http_status = 409
    hint = "delete them first"


class UnknownMember(TurnoutError):
    """user "{member}" is no member of space {space}"""

    code = "unknown_member"
    sqlstate = "42704"
    http_status = 404


class AlreadyMember(TurnoutError):
    """user "{member}" is {role} of space {space} already"""

    code = "already_member"
    sqlstate = "42710"
    http_status = 409
    hint = "change the role of a member with PATCH"


class LastAdmin(TurnoutError):
    """user "{member}" is the last admin of space {space}, and stays it"""

    code = "last_admin"
    sqlstate = "55006"
    http_status = 409
    hint = "make another member admin first"
