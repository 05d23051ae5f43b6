"""Every error that Turnout raises on purpose: one class, one stable code, one SQLSTATE, one HTTP status.

The docstring of a class is its message; what stands in braces comes from the keyword arguments.
"""


class TurnoutError(Exception):
    """something went wrong"""

    code = "internal_error"
    sqlstate = "XX000"
    http_status = 500
    hint = ""

    def __init__(self, **details: object) -> None:
        self.details = details
        self.message = " ".join((type(self).__doc__ or "").split()).format_map(details)
        super().__init__(self.message)

    @property
    def advice(self) -> str:
        """How to mend it: the class's hint, or the ``hint`` that was given."""
        given = self.details.get("hint")
        return str(given) if given else self.hint.format_map(self.details)


class UnknownProject(TurnoutError):
    """project "{project}" does not exist"""

    code = "unknown_project"
    sqlstate = "42704"
    http_status = 404
    hint = "pgml.train('{project}', ...) makes it; select name from pgml.projects lists those you have"


class UnknownModel(TurnoutError):
    """model {model_id} does not exist"""

    code = "unknown_model"
    sqlstate = "42704"
    http_status = 404
    hint = "select id, algorithm, status from pgml.models lists the models"


class ModelNotUsable(TurnoutError):
    """model {model_id} of project "{project}" cannot be used: it is {state}"""

    code = "model_not_usable"
    sqlstate = "55000"
    http_status = 409
    hint = "choose one with status 'successful' that is not deleted"


class ModelInUse(TurnoutError):
    """model {model_id} of project "{project}" cannot be deleted: it is {use}"""

    code = "model_in_use"
    sqlstate = "55006"
    http_status = 409


class IncompatibleModel(TurnoutError):
    """model {model_id} does not fit the callers of model {live} of {endpoint}: {differences}"""

    code = "incompatible_model"
    sqlstate = "55000"
    http_status = 400


class NothingDeployed(TurnoutError):
    """project "{project}" has no deployed model"""

    code = "nothing_deployed"
    sqlstate = "55000"
    http_status = 409
    hint = "deploy one with pgml.deploy('{project}', 'best_score')"


class ChangedMeanwhile(TurnoutError):
    """project "{project}" cannot be deleted: a transaction that this one does not see has added to it"""

    code = "changed_meanwhile"
    sqlstate = "40001"
    http_status = 409
    hint = "try again in a new transaction"


class NoCandidate(TurnoutError):
    """{kind} "{project}" has no model to deploy by {strategy}: {reason}"""

    code = "no_candidate"
    sqlstate = "55000"
    http_status = 409


class NoEarlierDeployment(TurnoutError):
    """{kind} "{project}" cannot be rolled back: {reason}"""

    code = "no_earlier_deployment"
    sqlstate = "55000"
    http_status = 409


class UnknownChoice(TurnoutError):
    """{what} "{value}" does not exist; expected one of: {choices}"""

    code = "unknown_choice"
    sqlstate = "22023"
    http_status = 400


class TaskMismatch(TurnoutError):
    """project "{project}" is a {expected} project, and cannot be trained for {task}"""

    code = "task_mismatch"
    sqlstate = "22023"
    http_status = 409
    hint = "leave the task out, or give the other task a project of its own"


class MissingArgument(TurnoutError):
    """{argument} is missing: {reason}"""

    code = "missing_argument"
    sqlstate = "22004"
    http_status = 400


class InvalidArgument(TurnoutError):
    """{argument} is {value}, expected {expected}"""

    code = "invalid_argument"
    sqlstate = "22023"
    http_status = 400


class InvalidHyperparameter(TurnoutError):
    """hyperparameter "{name}" of {algorithm}: {reason}"""

    code = "invalid_hyperparameter"
    sqlstate = "22023"
    http_status = 400


class UnknownRelation(TurnoutError):
    """relation "{relation}" does not exist"""

    code = "unknown_relation"
    sqlstate = "42P01"
    http_status = 404
    hint = "name it as schema.table, or put its schema into search_path"


class UnknownColumn(TurnoutError):
    """column "{column}" does not exist in relation "{relation}"; it has: {columns}"""

    code = "unknown_column"
    sqlstate = "42703"
    http_status = 400


class UnsupportedColumn(TurnoutError):
    """column "{column}" has type {type}, which cannot be used as {role}"""

    code = "unsupported_column"
    sqlstate = "42804"
    http_status = 400


class UnusableData(TurnoutError):
    """relation "{relation}" cannot be trained on: {reason}"""

    code = "unusable_data"
    sqlstate = "22023"
    http_status = 400


class UnusableRelation(TurnoutError):
    """relation "{relation}" cannot be scored: {reason}"""

    code = "unusable_relation"
    sqlstate = "22023"
    http_status = 400


class UnusableTable(TurnoutError):
    """table "{table}" cannot take the predictions: {reason}"""

    code = "unusable_table"
    sqlstate = "42804"
    http_status = 400


class NullTarget(TurnoutError):
    """{count} of {rows} rows of relation "{relation}" have no value in the target column "{column}\""""

    code = "null_target"
    sqlstate = "22004"
    http_status = 400
    hint = "train on a view that leaves them out: where {column} is not null"


class WrongNumberOfFeatures(TurnoutError):
    """model {model_id} of project "{project}" expects {expected} features ({names}), but got {got}"""

    code = "wrong_number_of_features"
    sqlstate = "22023"
    http_status = 400


class MissingFeature(TurnoutError):
    """model {model_id} of project "{project}" expects a column "{column}", but got: {got}"""

    code = "missing_feature"
    sqlstate = "42703"
    http_status = 400


class InvalidFeature(TurnoutError):
    """feature "{column}" of model {model_id} of project "{project}" is {value}, expected {expected}"""

    code = "invalid_feature"
    sqlstate = "22023"
    http_status = 400


class NoAnswer(TurnoutError):
    """model {model_id} of project "{project}" gives no finite number for these features"""

    code = "no_answer"
    sqlstate = "22003"
    http_status = 422
    hint = "they are probably far outside of what it was trained on"


class UnusableRow(TurnoutError):
    """model {model_id} of project "{project}" cannot be asked about these features: {reason}"""

    code = "unusable_row"
    sqlstate = "22023"
    http_status = 400


class WrongTask(TurnoutError):
    """model {model_id} of project "{project}" is a {task} model and has no {wanted}"""

    code = "wrong_task"
    sqlstate = "22023"
    http_status = 400


class FitFailed(TurnoutError):
    """training {algorithm} on "{relation}" failed: {reason}"""

    code = "fit_failed"
    sqlstate = "38000"
    http_status = 422


class SnapshotFailed(TurnoutError):
    """describing "{relation}" failed: {reason}"""

    code = "snapshot_failed"
    sqlstate = "38000"
    http_status = 422


class FitCrashed(TurnoutError):
    """the process that {doing} ended without an answer ({how})"""

    code = "fit_crashed"
    sqlstate = "38000"
    http_status = 500
    hint = "the database is unharmed and nothing was stored; memory limits and the server's log may say why"


class FitProcessMissing(TurnoutError):
    """the process that trains could not be started with "{python}": {reason}"""

    code = "fit_process_missing"
    sqlstate = "58000"
    http_status = 500
    hint = (
        "set pgml.python to an interpreter that the server's user can run and that has turnout installed; "
        "`turnout doctor` tries it"
    )


class ExportFailed(TurnoutError):
    """no serving format answers as the {algorithm} estimator does: {reason}"""

    code = "export_failed"
    sqlstate = "38000"
    http_status = 422


class BrokenArtifact(TurnoutError):
    """the artifact of model {model_id} cannot be used: {reason}"""

    code = "broken_artifact"
    sqlstate = "XX001"
    http_status = 500


class NotOwner(TurnoutError):
    """role "{role}" may not {action} project "{project}", which belongs to "{owner}\""""

    code = "not_owner"
    sqlstate = "42501"
    http_status = 403
    hint = "grant {owner} to {role}"


class NotEditor(TurnoutError):
    """role "{role}" may not {action} deployment "{deployment}": it is no user with the role {needed} in its space"""

    code = "not_editor"
    sqlstate = "42501"
    http_status = 403
    hint = "a user of the HTTP service with the role's name, and that role in the space, may"


class ReplacementUnderWay(TurnoutError):
    """deployment "{deployment}" is being updated: another replacement is under way"""

    code = "replacement_under_way"
    sqlstate = "55006"
    http_status = 409
    hint = "try again when its state is ready"


class NotInSpace(TurnoutError):
    """model {model_id} is no model of the space of deployment "{deployment}\""""

    code = "not_in_space"
    sqlstate = "55000"
    http_status = 409
    hint = "pgml.promote({model_id}, '<the space>') puts it there"


class NotPermitted(TurnoutError):
    """{what} is not permitted: {reason}"""

    code = "not_permitted"
    sqlstate = "42501"
    http_status = 403


class InvalidSetting(TurnoutError):
    """setting {setting} is "{value}", expected {expected}"""

    code = "invalid_setting"
    sqlstate = "22023"
    http_status = 500


class NotSupported(TurnoutError):
    """{what} is not supported: {reason}"""

    code = "not_supported"
    sqlstate = "0A000"
    http_status = 501


class UnknownDataset(TurnoutError):
    """dataset "{source}" is not known; expected one of: {choices}"""

    code = "unknown_dataset"
    sqlstate = "22023"
    http_status = 400


class UnknownPackage(TurnoutError):
    """package "{package}" is not installed for the server's Python"""

    code = "unknown_package"
    sqlstate = "42704"
    http_status = 404
    hint = "pgml.python_pip_freeze() lists what is"


class MissingPackages(TurnoutError):
    """the server's Python {version} does not find: {packages}"""

    code = "missing_packages"
    sqlstate = "58000"
    http_status = 500
    hint = "install turnout with all its dependencies where the server finds it; `turnout doctor` says where it looks"


class NameTaken(TurnoutError):
    """the name "{name}" is taken by another {kind}"""

    code = "name_taken"
    sqlstate = "42710"
    http_status = 409


def every() -> "dict[str, type[TurnoutError]]":
    """Each error class by its stable code."""
    found: dict[str, type[TurnoutError]] = {}
    waiting = [TurnoutError]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found
