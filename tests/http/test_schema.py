"""The description of the API holds: whatever it lets one send, and what it doesn't, no answer is an internal error."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from tests.http.scored import Scored

pytestmark = [pytest.mark.one_server, pytest.mark.slow]
EXAMPLES = 10
# hashing a key takes its time, and who fails is slowed down: test_login has them
SLOWED = ("/icp4d-api/v1/authorize", "/identity/token")


def operations(scored: Scored) -> list[Any]:
    """Every operation that the page of the API has."""
    schema = schemathesis.openapi.from_url(f"{scored.service.http}/openapi.json")
    found = list(schema.get_all_operations())
    assert not [one for one in found if not isinstance(one, Ok)]
    return [one.ok() for one in found if isinstance(one, Ok)]


def test_the_page_has_the_predictions(scored: Scored) -> None:
    labels = {operation.label for operation in operations(scored)}
    assert {"POST /ml/v4/deployments/{deployment_id}/predictions", "GET /v2/spaces", "GET /readyz"} <= labels


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_operation_fails_inside(scored: Scored, mode: GenerationMode) -> None:
    failures: set[str] = set()
    called = 0
    made = scored.client.post(
        "/ml/v4/models", json={"name": "m", "type": "scikit-learn_1.7", "space_id": str(scored.space_id)}
    ).raise_for_status()
    model = str(made.json()["metadata"]["id"])
    with scored.service.database.connect() as connection:
        trained = [str(row[0]) for row in connection.execute("select uid from pgml.models").fetchall()]
        projects = [str(row[0]) for row in connection.execute("select uid from pgml.projects").fetchall()]
    there = {
        "deployment_id": list(map(str, scored.ids.values())),
        "space_id": [str(scored.space_id)],
        "model_id": [model, *trained[:1]],
        "asset_id": [model, *trained[:1]],
        "project_id": projects[:1],
        "member_id": ["admin"],
    }

    def call(operation: Any) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def check(case: Case[Any], data: st.DataObject) -> None:
            nonlocal called
            for name, known in there.items():
                # the others are found nowhere; what is deleted is missing from then on
                if case.method != "DELETE" and name in case.path_parameters and data.draw(st.booleans()):
                    case.path_parameters[name] = data.draw(st.sampled_from(known))
            answer = case.call(
                base_url=scored.service.http,
                headers={"Authorization": scored.client.headers["authorization"]},
                timeout=60,
            )
            called += 1
            if answer.status_code >= 500 and answer.status_code != 503:
                failures.add(f"{operation.label}: {answer.status_code} {answer.text[:300]}")

        check()

    for operation in operations(scored):
        if operation.path not in SLOWED:
            # what takes nothing cannot be given anything wrong
            with suppress(Unsatisfiable):
                call(operation)
    assert not failures
    assert called > 100
