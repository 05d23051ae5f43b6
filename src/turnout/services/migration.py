"""Carry projects, snapshots, models and deployments over from PostgresML's own tables.

What XGBoost and LightGBM wrote themselves becomes an artifact, which is loaded and asked before it counts. Every
other model is carried as history: its row says what it was, and nothing can deploy it. Of a pickle nothing is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from turnout.catalog import postgresml, projects
from turnout.catalog.over_wire import WireSession
from turnout.catalog.postgresml import Old
from turnout.catalog.session import Row
from turnout.domain import postgresml as facts
from turnout.domain.metrics import key_metric
from turnout.domain.postgresml import NotCarried
from turnout.runtime.artifact import digest
from turnout.runtime.labels import label_text
from turnout.server_errors import CannotMigrate
from turnout.services import retraining
from turnout.services.carrying import Carried, carry
from turnout.services.deploy import undeploy
from turnout.training.native_child import NativeReader

_REASON = "carried over from PostgresML"


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """What became of one model.

    Attributes
    ----------
    id, new_id
        There and here; none here in a dry run.
    outcome
        "carried", or "history": its row without its artifact.
    reason
        Why it is history only.
    compared
        Whether the old server answered, and alike.
    retrain
        The statement that trains it again; empty for a carried one, or where not enough is known.
    """

    id: int
    new_id: int | None
    algorithm: str | None
    outcome: str
    reason: str = ""
    compared: bool = False
    retrain: str = ""


@dataclass(kw_only=True)
class ProjectReport:
    """What became of one project.

    Attributes
    ----------
    outcome
        "carried", or "left out", with the reason.
    live
        The model that was live there.
    answers
        Whether it is live here too; if not, nothing is deployed.
    """

    name: str
    task: str
    outcome: str = "carried"
    reason: str = ""
    deployments: int = 0
    live: int | None = None
    answers: bool = False
    deploy: str = ""
    models: list[ModelReport] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a migration did, or would do."""

    dry_run: bool
    projects: list[ProjectReport]


def migrate(
    old_session: WireSession,
    session: WireSession,
    *,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Carry everything over, or nothing.

    Parameters
    ----------
    old_session
        The database with PostgresML's tables, in one snapshot; it is only read.
    session
        The database with our extension, as its owner; the caller's transaction decides.
    dry_run
        Write nothing, and say what would be carried.
    tell
        Called with the name of each project before its turn.

    Raises
    ------
    CannotMigrate, NotPermitted
        Before anything is written: the one is not PostgresML's, the other not ours, or has projects of these names.
    """
    old = postgresml.read(old_session)
    owner = postgresml.require_owner(session)
    names = [project["name"] for project in old.projects if facts.task_of(project)]
    if found := postgresml.taken(session, names):
        raise CannotMigrate(
            database=old.database,
            reason=f"there is a project already for {', '.join(found)}",
            hint="a migration is run once; pgml.delete_project(name) makes room for another",
        )
    reports = []
    with NativeReader() as reader:
        for project in old.projects:
            tell(str(project["name"]))
            one = _Migration(
                old_session, session, reader=reader, old=old, project=project, owner=owner, dry_run=dry_run
            )
            reports.append(one.run())
    return Report(dry_run=dry_run, projects=reports)


class _Migration:
    """One project on its way."""

    def __init__(
        self,
        old_session: WireSession,
        session: WireSession,
        *,
        reader: NativeReader,
        old: Old,
        project: Row,
        owner: str,
        dry_run: bool,
    ) -> None:
        self.old_session, self.session, self.reader, self.old = old_session, session, reader, old
        self.project, self.owner, self.dry_run = project, owner, dry_run
        self.task = facts.task_of(project)
        self.report = ProjectReport(
            name=project["name"], task=str(project.get("task") or project.get("objective"))
        )
        self.snapshots: dict[int, int] = {}
        # the models of the old catalog as those of ours
        self.ids: dict[int, int | None] = {}
        self.carried: set[int] = set()

    def run(self) -> ProjectReport:
        if self.task is None:
            self.report.outcome = "left out"
            self.report.reason = f"{self.report.task} is no task of ours"
            return self.report
        project_id, endpoint_id = (0, 0) if self.dry_run else self._make()
        for model in self.old.models:
            if model["project_id"] == self.project["id"]:
                self.report.models.append(self._model(project_id, model))
        self._deployments(project_id, endpoint_id)
        return self.report

    def _make(self) -> tuple[int, int]:
        name = str(self.project["name"])
        return postgresml.insert_project(
            self.session,
            self.project,
            task=self.task,
            owner=self.owner,
            seed=projects.seed_of(name),
            key_metric=key_metric(str(self.task)).name,
            zone=self.old.zone,
        )

    def _model(self, project_id: int, model: Row) -> ModelReport:
        snapshot = self.old.snapshots.get(model.get("snapshot_id") or 0)
        try:
            if model["status"] != "successful":
                raise NotCarried(f"its training has not succeeded: it is {model['status']}")
            facts.check_kind(self.project, model, snapshot)
            found = carry(self.old_session, self.reader, self.old, self.project, model)
            reason, retrain = "", ""
            self.carried.add(model["id"])
        except NotCarried as why:
            found, reason = None, str(why)
            retrain = retraining.statement(self.session, self.project, model, snapshot)
        new_id = None if self.dry_run else self._store(project_id, model, snapshot, found, reason)
        self.ids[model["id"]] = new_id
        return ModelReport(
            id=model["id"],
            new_id=new_id,
            algorithm=facts.algorithm_of(model),
            outcome="carried" if found else "history",
            reason=reason,
            compared=found is not None and found.compared,
            retrain=retrain,
        )

    def _store(
        self, project_id: int, model: Row, snapshot: Row | None, found: Carried | None, reason: str
    ) -> int:
        stored = self.old.files.get(model["id"])
        finished = model["status"] == "successful" and (found or stored)
        classes = found.header["classes"] if found else None
        return postgresml.insert_model(
            self.session,
            model,
            project_id=project_id,
            snapshot_id=self._snapshot(snapshot),
            num_features=model.get("num_features"),
            algorithm=facts.algorithm_of(model),
            runtime=facts.runtime_of(model),
            status="successful" if finished else "failed",
            search=facts.search_of(model),
            task=self.task,
            classes=None if classes is None else [label_text(value) for value in classes],
            signature={name: found.header[name] for name in ("fields", "targets", "classes")}
            if found
            else {},
            predictor=found.header["algorithm"] if found else None,
            library={"from": "PostgresML"},
            artifact=found.artifact if found else None,
            sha256=digest(found.artifact) if found else stored.sha256 if stored else None,
            bytes=len(found.artifact) if found else stored.bytes if stored else None,
            error=f"carried over from PostgresML without its artifact: {reason}" if reason else None,
            zone=self.old.zone,
        )

    def _snapshot(self, snapshot: Row | None) -> int | None:
        if snapshot is None:
            return None
        if snapshot["id"] not in self.snapshots:
            self.snapshots[snapshot["id"]] = postgresml.insert_snapshot(
                self.session,
                snapshot,
                sampling=facts.sampling_of(snapshot),
                preprocess=facts.preprocess_of(snapshot),
                zone=self.old.zone,
            )
        return self.snapshots[snapshot["id"]]

    def _deployments(self, project_id: int, endpoint_id: int) -> None:
        """The history in its order; where its last model has stayed behind, nothing is deployed after it."""
        history = [
            row
            for row in self.old.deployments
            if row["project_id"] == self.project["id"] and row["model_id"] in self.ids
        ]
        self.report.deployments = len(history)
        if not history:
            return
        live = history[-1]["model_id"]
        self.report.live, self.report.answers = live, live in self.carried
        if not self.report.answers:
            self.report.deploy = retraining.deployment(self.session, str(self.project["name"]))
        if not self.dry_run:
            self._write(project_id, endpoint_id, history)

    def _write(self, project_id: int, endpoint_id: int, history: list[Row]) -> None:
        previous = None
        for revision, row in enumerate(history, 1):
            model_id = self.ids[row["model_id"]]
            strategy = row["strategy"] if row["strategy"] in facts.STRATEGIES else "specific"
            reason = f"{_REASON}, deployment {row['id']}"
            postgresml.insert_deployment(
                self.session, endpoint_id, project_id, model_id, strategy, revision, previous, reason,
                row["created_at"], self.old.zone,
            )  # fmt: skip
            previous = model_id
        if previous is None:
            return
        postgresml.point(self.session, endpoint_id, previous, len(history))
        if not self.report.answers:
            undeploy(
                self.session,
                project=str(self.project["name"]),
                reason=f"model {self.report.live} of PostgresML, which was live, was not carried over",
            )
