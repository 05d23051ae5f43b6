"""The errors of online deployments over HTTP."""

from turnout.errors import TurnoutError


class UnusableAsset(TurnoutError):
    """asset {asset} cannot be deployed: {reason}"""

    code = "unusable_asset"
    sqlstate = "55000"
    http_status = 400


class InvalidDeployment(TurnoutError):
    """{field}: {reason}"""

    code = "invalid_deployment"
    sqlstate = "22023"
    http_status = 400


class UnfitModel(TurnoutError):
    """model {model_id} cannot take over: {reason}"""

    code = "unfit_model"
    sqlstate = "55000"
    http_status = 409


class NotPrepared(TurnoutError):
    """model {model_id} cannot take over: no server process has prepared it within {seconds} s"""

    code = "not_prepared"
    sqlstate = "55000"
    http_status = 503
