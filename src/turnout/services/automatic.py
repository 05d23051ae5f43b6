"""Automatic deployment: whether a new model takes the live one's place, and why."""

from dataclasses import dataclass, replace
from typing import Any

from turnout.catalog import endpoints, models
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.models import ModelRow
from turnout.catalog.pointer import artifact
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.domain.metrics import METRICS, is_figure
from turnout.services.compatibility import compare
from turnout.training.executors import LocalExecutor

STRATEGY = "new_score"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether to deploy, the reason in words, and the figures that the history keeps."""

    deploy: bool
    reason: str
    judgement: dict[str, Any] | None = None
    checks: dict[str, Any] | None = None


def consider(session: Session, executor: LocalExecutor, project: Project, model_id: int) -> bool:
    """Deploy a new model if it is its project's first, or better than the live one; whether it was deployed.

    The endpoint is locked first, so that the model that it is compared with is the one that it replaces.
    """
    endpoint = endpoints.lock(session, project)
    challenger = models.get(session, model_id)
    verdict = _verdict(session, executor, project, endpoint, challenger)
    if verdict.deploy:
        endpoints.switch(
            session,
            endpoint,
            model_id=model_id,
            strategy=STRATEGY,
            reason=verdict.reason,
            judgement=verdict.judgement,
            checks=verdict.checks,
        )
    outcome = "is deployed" if verdict.deploy else "is not deployed"
    session.notice(f"model {model_id} ({challenger.algorithm}) {outcome}: {verdict.reason}")
    return verdict.deploy


def _verdict(
    session: Session, executor: LocalExecutor, project: Project, endpoint: Endpoint, challenger: ModelRow
) -> Verdict:
    if endpoint.revision == 0:
        return Verdict(
            deploy=True, reason="it is the first model of its project", judgement=_alone(project, challenger)
        )
    champion = models.by_id(session, endpoint.model_id) if endpoint.model_id is not None else None
    if champion is None:
        return Verdict(deploy=False, reason="the project was undeployed, and a training does not undo that")
    changed = compare(champion, challenger)
    if changed.breaking:
        listed = "\n".join(f"  {difference}" for difference in changed.breaking)
        session.warning(
            f"model {challenger.id} does not fit the callers of model {champion.id}, and is not deployed:\n{listed}"
        )
        return Verdict(deploy=False, reason=f"it does not fit the callers of the live model {champion.id}")
    verdict = _compare(session, executor, project, champion, challenger)
    return replace(verdict, checks=changed.recorded())


def _alone(project: Project, challenger: ModelRow) -> dict[str, Any]:
    return {
        "metric": project.key_metric,
        "challenger": challenger.metrics.get(project.key_metric),
        "champion": None,
        "champion_model_id": None,
        "basis": "first",
    }


def _compare(
    session: Session, executor: LocalExecutor, project: Project, champion: ModelRow, challenger: ModelRow
) -> Verdict:
    """Compare on the same rows, none of which either has trained on, or each by its own test rows."""
    metric = METRICS[project.key_metric]
    judged = executor.judge(
        champion=artifact(session, champion.artifact_sha256 or ""), split=champion.split, metric=metric.name
    )
    new, old, rows, basis = judged["challenger"], judged["champion"], judged["rows"], judged["basis"]
    where = f"on the same {rows} test rows, which neither has trained on"
    if basis != "shared_test_rows" or not (is_figure(new) and is_figure(old)):
        new, old = challenger.metrics.get(metric.name), champion.metrics.get(metric.name)
        basis, where = (
            "own_scores",
            f"each on its own test rows ({judged.get('reason') or f'{metric.name} has no value on the common ones'})",
        )
    better = metric.improves(new, old)
    return Verdict(
        deploy=better,
        reason=f"{metric.name} {_figure(new)} {'improves' if better else 'does not improve'} on {_figure(old)} "
        f"of model {champion.id}, {where}",
        judgement={
            "metric": metric.name,
            "challenger": new,
            "champion": old,
            "champion_model_id": champion.id,
            "basis": basis,
            "rows": rows if basis == "shared_test_rows" else None,
        },
    )


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
