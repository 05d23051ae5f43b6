"""The HTTP service that ``turnout up`` starts beside the server."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.commands import Commands
from tests.processes import alive, until


@pytest.fixture
def turnout(tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path / "home")
    yield commands
    commands.run("down")


def log_in(url: str, key: str, name: str = "admin") -> int:
    body = {"username": name, "api_key": key}
    return httpx.post(f"{url}/icp4d-api/v1/authorize", json=body, timeout=30).status_code


def service_pid(turnout: Commands) -> int:
    return int(json.loads((turnout.home / "http.json").read_text())["pid"])


def test_up_starts_it_and_shows_a_key_once(turnout: Commands) -> None:
    up = turnout.run("up")
    assert (up.returncode, up.stderr) == (0, "")
    key = up.stdout.split("key:")[1].split()[0]
    status = turnout.status()
    assert log_in(status["http"], key) == 200
    trusted = ssl.create_default_context(cafile=status["certificate"])
    assert httpx.get(f"{status['https']}/ml/wml_services/v2/version", verify=trusted).status_code == 200
    assert "key:" not in turnout.run("up").stdout
    assert turnout.status() == status
    pid = service_pid(turnout)
    turnout.run("down")
    assert not alive(pid)
    assert [turnout.status()[name] for name in ("http", "https", "certificate")] == [None] * 3
    # callers hold the URL
    assert turnout.run("up").returncode == 0
    assert turnout.status() == status
    assert log_in(status["http"], key) == 200


def test_it_is_started_again_after_a_crash(turnout: Commands) -> None:
    turnout.run("up")
    before = turnout.status()
    pid = service_pid(turnout)
    workers = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    assert len(workers) == 2
    os.kill(pid, signal.SIGKILL)
    # no process is left to hold the ports
    until(lambda: not any(map(alive, workers)), "the processes to end with their supervisor")
    assert turnout.status()["http"] is None
    assert turnout.run("up").returncode == 0
    assert turnout.status() == before


def test_another_port_if_somebody_has_it(turnout: Commands) -> None:
    turnout.run("up")
    before = turnout.status()
    turnout.run("down")
    with socket.create_server(("127.0.0.1", int(before["http"].rpartition(":")[2]))):
        turnout.run("up")
        after = turnout.status()
        assert after["http"] != before["http"]
        assert after["https"] == before["https"]
        assert httpx.get(f"{after['http']}/ml/wml_services/v2/version").status_code == 200


def test_the_users_of_the_command_line(turnout: Commands) -> None:
    assert "turnout up" in turnout.run("user", "add", "ann").stderr
    turnout.run("up")
    url = turnout.status()["http"]
    added = json.loads(turnout.run("user", "add", "ann", "--role", "admin", "--json").stdout)
    assert sorted(added) == ["api_key", "name"]
    assert log_in(url, added["api_key"], "ann") == 200
    again = turnout.run("user", "add", "ann")
    assert (again.returncode, again.stdout) == (1, "")
    assert 'there is already a user "ann"' in again.stderr or "ann" in again.stderr
    rotated = json.loads(turnout.run("user", "rotate", "ann", "--json").stdout)
    assert log_in(url, added["api_key"], "ann") == 401
    assert log_in(url, rotated["api_key"], "ann") == 200
    found = json.loads(turnout.run("user", "list", "--json").stdout)
    assert [(user["name"], user["role"]) for user in found] == [("admin", "admin"), ("ann", "admin")]
    assert turnout.run("user", "remove", "ann").returncode == 0
    assert log_in(url, rotated["api_key"], "ann") == 401
    assert "does not exist" in turnout.run("user", "remove", "ann").stderr
    assert "one of user, admin" in turnout.run("user", "add", "bob", "--role", "king").stderr


def test_settings_for_other_servers_do_not_reach_it(turnout: Commands) -> None:
    careless = Commands(turnout.home, {"PGSSLMODE": "require", "PGHOSTADDR": "203.0.113.1", "PGUSER": "ann"})
    up = careless.run("up")
    assert up.returncode == 0, up.stderr
    assert log_in(turnout.status()["http"], up.stdout.split("key:")[1].split()[0]) == 200


def test_secrets_are_for_the_owner_alone(turnout: Commands) -> None:
    turnout.run("up")
    assert (turnout.home / "certificate.key").stat().st_mode & 0o077 == 0
    password = turnout.status()["dsn"].partition("postgres:")[2].partition("@")[0]
    pid = service_pid(turnout)
    for process in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
        for file in ("cmdline", "environ"):
            assert password not in Path(f"/proc/{process}/{file}").read_text()
    assert password not in (turnout.home / "http.log").read_text()
