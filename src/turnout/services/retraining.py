"""The statements that train a model of PostgresML again here."""

import json

from turnout.catalog import postgresml
from turnout.catalog.over_wire import WireSession
from turnout.catalog.session import Row
from turnout.domain import postgresml as facts

# what pgml.train has for what is not given
_TEST_SIZE, _SAMPLING = 0.25, "stratified"


def statement(session: WireSession, project: Row, model: Row, snapshot: Row | None) -> str:
    """The ``pgml.train`` that trains a model again; empty if its rows or its algorithm are not known here."""
    task, algorithm = facts.task_of(project), facts.algorithm_of(model)
    if task is None or algorithm is None or snapshot is None:
        return ""
    targets = snapshot.get("y_column_name") or []
    given = {"algorithm": algorithm}
    if model.get("hyperparams"):
        given["hyperparams"] = json.dumps(model["hyperparams"])
    if float(snapshot["test_size"]) != _TEST_SIZE:
        given["test_size"] = str(snapshot["test_size"])
    if facts.sampling_of(snapshot) != _SAMPLING:
        given["test_sampling"] = facts.sampling_of(snapshot)
    if asked := facts.preprocess_of(snapshot):
        given["preprocess"] = json.dumps(asked)
    placed = [str(project["name"]), task, str(snapshot["relation_name"])]
    quoted = postgresml.literals(session, [*placed, *targets, *given.values()])
    head, rest = quoted[:3], quoted[3:]
    targets_sql, values = rest[: len(targets)], rest[len(targets) :]
    if len(targets) == 1:
        head += targets_sql
    elif targets:
        head.append(f"array[{', '.join(targets_sql)}]")
    named = [f"{name} => {value}" for name, value in zip(given, values, strict=True)]
    function = "train_joint" if len(targets) > 1 else "train"
    return postgresml.call(session, function, [*head, *named])


def deployment(session: WireSession, project: str) -> str:
    """The statement that deploys what was trained last: no training undoes that nothing is deployed."""
    name, strategy = postgresml.literals(session, [project, "most_recent"])
    return postgresml.call(session, "deploy", [name, strategy])
