"""Software and hardware specifications: under the names that clients look up."""

from __future__ import annotations

import httpx
import pytest

from tests.http.service import Service

pytestmark = pytest.mark.one_server


@pytest.mark.parametrize(
    "name",
    [
        "default_py3.8",
        "hybrid_0.1",
        "autoai-kb_3.1-py3.7",
        "autoai-kb_rt22.2-py3.10",
        "genai-A25-py3.12",
        "runtime-22.1-py3.9",
        "runtime-24.1-py3.11",
        "runtime-25.1-py3.12",
        "runtime-26.2-py3.14",
        "scikit-learn_0.23-py3.7",
        "tensorflow_rt23.1-py3.10",
        "watsonx-cfm-caikit-1.1",
    ],
)
def test_a_software_specification_has_an_id_of_its_own(client: httpx.Client, name: str) -> None:
    found = client.get("/v2/software_specifications", params={"name": name}).json()
    assert found["total_results"] == len(found["resources"]) == 1
    one = found["resources"][0]
    assert one["metadata"]["name"] == name
    assert one["metadata"]["asset_type"] == "software_specification"
    assert one["entity"]["software_specification"] == {"type": "base", "display_name": name}
    assert client.get(one["metadata"]["href"]).json() == one


def test_ids_are_the_same_in_every_installation(client: httpx.Client) -> None:
    found = client.get("/v2/software_specifications", params={"name": "runtime-24.1-py3.11"}).json()
    assert found["resources"][0]["metadata"]["asset_id"] == "ca26137e-0e82-51bc-a0ac-ae066e69ea75"


@pytest.mark.parametrize("kind", ["software", "hardware"])
def test_what_is_listed_is_found_by_name_and_id(client: httpx.Client, kind: str) -> None:
    url = f"/v2/{kind}_specifications"
    found = client.get(url).json()
    assert found["total_results"] == len(found["resources"]) >= 10
    for one in found["resources"]:
        by_name = client.get(url, params={"name": one["metadata"]["name"]}).json()["resources"]
        assert [one] == by_name == [client.get(f"{url}/{one['metadata']['asset_id']}").json()]


@pytest.mark.parametrize("kind", ["software", "hardware"])
def test_what_nobody_has_heard_of_is_not_found(client: httpx.Client, service: Service, kind: str) -> None:
    url = f"/v2/{kind}_specifications"
    assert client.get(url, params={"name": "never"}).json() == {"total_results": 0, "resources": []}
    answer = client.get(f"{url}/00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "unknown_specification")
