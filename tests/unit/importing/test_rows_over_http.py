"""Uploaded models as rows of JSON ask them: the answers are the estimator's, one by one and many at a time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.importing.honest import case
from tests.unit.importing.test_honest import as_rows, scores
from tests.unit.importing.uploads import dumped, uploaded
from turnout.errors import TurnoutError
from turnout.runtime.model import Model
from turnout.runtime.table import Table

# one of each way in which rows reach a model
KINDS = (
    "columns to logistic",
    "columns passed through",
    "tf-idf and numbers",
    "texts alone",
    "dates and booleans",
    "catboost with categories",
    "several classes",
    "means",
    "components",
    "a union",
)


def numbers(table: Table, answers: list[list[Any]]) -> Any:
    """What is compared with the estimator's scores: probabilities where there are some, else what is predicted."""
    place = table.fields.index("probability") if "probability" in table.fields else 0
    return np.array(
        [np.hstack([np.ravel(part) for part in np.atleast_1d(answer[place])]) for answer in answers]
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_rows_in_any_order_answer_as_in_python(name: str, tmp_path: Path) -> None:
    made = case(name)
    found = uploaded(tmp_path, dumped(made.model))
    rows = as_rows(made, found)
    model = Model.load(found.artifact)
    table = Table(model)
    names = [*rows[0], "more"]
    random.Random(3).shuffle(names)
    plan = table.plan(names, "rows")
    given = [[row.get(field) for field in names] for row in rows]
    many = table.answers(plan, given, "rows")
    alone = [table.answers(plan, [row], "rows")[0] for row in given[:5]]
    # together, sums may be made in another order
    assert numbers(table, alone) == pytest.approx(numbers(table, many[:5]), rel=1e-5, abs=1e-6)
    assert [answer[0] for answer in alone] == [answer[0] for answer in many[:5]] or model.classes is None
    texts = [[str(value) if type(value) in (int, float) else value for value in row] for row in given]
    assert table.answers(plan, texts, "rows") == many
    if model.task != "clustering":
        assert numbers(table, many) == pytest.approx(scores(made), rel=1e-4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_a_pipeline_cannot_take_is_named(tmp_path: Path) -> None:
    made = case(KINDS[0])
    found = uploaded(tmp_path, dumped(made.model))
    table = Table(Model.load(found.artifact))
    rows = as_rows(made, found)
    names = list(rows[0])
    for at, field in enumerate(names):
        bad = [list(row.values()) for row in rows[:4]]
        bad[2][at] = {}
        with pytest.raises(TurnoutError) as caught:
            table.answers(table.plan(names, "rows"), bad, "rows")
        assert f'row 2 (counted from 0) of rows: column "{field}" is an object' in caught.value.message
