"""What the catalog keeps of a training."""

from typing import Any

from turnout.catalog import models, projects, snapshots
from turnout.catalog.models import NewModel
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.runtime.artifact import digest
from turnout.runtime.labels import label_text
from turnout.services.planning import Plan
from turnout.services.source import Rows
from turnout.training.executors import Fitted


def record(session: Session, plan: Plan, rows: Rows, fitted: Fitted) -> tuple[Project, int]:
    """Write project, snapshot, model and artifact; the project, and the id of the model."""
    project = projects.make(
        session, name=plan.name, task=plan.task, owner=plan.role, key_metric=plan.key_metric
    )
    projects.require_owner(session, project, plan.role, "train")
    result = fitted.result
    snapshot_id = snapshots.insert(
        session,
        plan.source,
        columns=columns(rows, result["columns"]),
        analysis=result["rows"],
        split=result["split"],
        reserved=plan.snapshot_id,
    )
    classes = result["classes"]
    signature = {
        "fields": [{"name": f.name, "type": f.type, "size": f.size} for f in rows.features],
        "targets": [{"name": f.name, "type": f.type} for f in rows.targets],
        "classes": classes,
    }
    model_id = models.insert(
        session,
        NewModel(
            project_id=project.id,
            snapshot_id=snapshot_id,
            num_features=result["num_features"],
            algorithm=plan.algorithm,
            runtime=plan.runtime,
            hyperparams=result["hyperparams"],
            metrics=result["metrics"],
            task=plan.task,
            classes=None if classes is None or len(rows.targets) > 1 else list(map(label_text, classes)),
            signature=signature,
            predictor=result["format"],
            export=result["export"],
            library=result["library"],
            artifact_sha256=digest(fitted.artifact),
            artifact=fitted.artifact,
            importance=result["importance"],
            explanation=result["explanation"],
            explanation_data=fitted.explanation,
            search=plan.search,
            search_params=plan.search_params,
            search_args=plan.search_args,
        ),
    )
    return project, model_id


def columns(rows: Rows, statistics: dict[str, Any]) -> list[dict[str, Any]]:
    """What ``snapshots.columns`` says: each column with its type, place and statistics."""
    described = [
        {"name": column.name, "type": column.type, "size": column.size, "label": label}
        for label, part in ((False, rows.features), (True, rows.targets))
        for column in part
    ]
    return [
        {**column, "position": place, "statistics": statistics.get(str(column["name"]), {})}
        for place, column in enumerate(described, 1)
    ]
