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


class UnknownSpecification(TurnoutError):
    """there is no {kind} with the id {id}"""

    code = "unknown_specification"
    sqlstate = "42704"
    http_status = 404


class UnknownAsset(TurnoutError):
    """model {asset} does not exist, or is in no space or project that you may see"""

    code = "unknown_asset"
    sqlstate = "42704"
    http_status = 404


class UnknownRevision(TurnoutError):
    """model {asset} has no revision {revision}"""

    code = "unknown_revision"
    sqlstate = "42704"
    http_status = 404
    hint = "GET /ml/v4/models/{asset}/revisions lists those there are"


class AssetInUse(TurnoutError):
    """model {asset} cannot be deleted: it answers, or is about to, at {deployments}"""

    code = "asset_in_use"
    sqlstate = "55006"
    http_status = 409
    hint = "delete the deployment first, or let it answer by another model"


class AssetWithoutContent(TurnoutError):
    """model {asset} has no content yet"""

    code = "asset_without_content"
    sqlstate = "55000"
    http_status = 409
    hint = "PUT /ml/v4/models/{asset}/content sends it"


class NoSource(TurnoutError):
    """
    model {asset} cannot be downloaded: it was trained in PostgreSQL, and is kept as what answers, not as an estimator
    """

    code = "no_source"
    sqlstate = "0A000"
    http_status = 409


class OfProject(TurnoutError):
    """model {asset} belongs to project "{project}" and is changed in SQL: {action} is for the models of spaces"""

    code = "of_project"
    sqlstate = "0A000"
    http_status = 409
    hint = "promote it into a space, or use pgml.train and pgml.delete_model"


class ContentTooLarge(TurnoutError):
    """the upload is larger than {limit} MB"""

    code = "content_too_large"
    sqlstate = "54000"
    http_status = 413
    hint = "TURNOUT_UPLOAD_MB sets how large a model may be"


class RequestTooLarge(TurnoutError):
    """the request is larger than {limit} MB"""

    code = "request_too_large"
    sqlstate = "54000"
    http_status = 413
    hint = "a model's content is sent to /ml/v4/models/<id>/content, which takes more"


class TooManyUploads(TurnoutError):
    """{waiting} models are waiting to be opened already"""

    code = "too_many_uploads"
    sqlstate = "53400"
    http_status = 429


class UploadNotKept(TurnoutError):
    """the upload could not be kept while it came: {reason}"""

    code = "upload_not_kept"
    sqlstate = "53100"
    http_status = 507
