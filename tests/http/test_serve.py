"""``turnout serve``: what it refuses to start on, and its processes."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.http import service as services
from tests.http.service import TURNOUT, Service
from tests.processes import alive, until
from tests.servers import Database
from turnout.http import certificate
from turnout.install import install_catalog


def refused(*arguments: str, home: Path) -> str:
    done = subprocess.run(
        [TURNOUT, "serve", *arguments],
        env={**os.environ, "TURNOUT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_it_serves_every_version(service: Service) -> None:
    assert service.token()


@pytest.mark.one_server
def test_a_database_without_the_catalog(bare_database: Database, tmp_path: Path) -> None:
    said = refused("--dsn", bare_database.dsn, home=tmp_path)
    assert "has no Turnout of this version" in said
    assert "turnout install" in said


def test_it_needs_no_superuser_and_no_plpython(bare_database: Database, tmp_path: Path) -> None:
    role = bare_database.server.role()
    with bare_database.server.connect() as connection:
        connection.execute(f'alter database "{bare_database.name}" owner to "{role}"')
    password = bare_database.server.roles[role]
    dsn = bare_database.server.cluster.dsn(bare_database.name, user=role, password=password)
    install_catalog(dsn)
    with services.running(bare_database, tmp_path, "--dsn", dsn) as service:
        assert service.token()


@pytest.mark.one_server
def test_a_port_that_somebody_has(database: Database, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused("--dsn", database.dsn, "--http-port", port, "--https-port", "0", home=tmp_path)
    assert f"cannot listen at 127.0.0.1:{port}" in said


@pytest.mark.one_server
def test_no_server(tmp_path: Path) -> None:
    said = refused("--dsn", "postgresql://ann:hush@127.0.0.1:1/none", home=tmp_path)
    assert "Connection refused" in said
    assert "hush" not in said
    assert "--key is missing" in refused("--dsn", "x", "--certificate", "a.pem", home=tmp_path)


@pytest.mark.one_server
def test_a_process_that_is_killed_is_started_again(service: Service) -> None:
    gone = service.workers()[0]
    os.kill(gone, signal.SIGKILL)
    services.restarted(service, gone)
    for _ in range(20):
        assert httpx.get(f"{service.http}/ml/wml_services/v2/version").status_code == 200


@pytest.mark.one_server
def test_new_processes_take_over_with_a_new_certificate(database: Database, tmp_path: Path) -> None:
    with services.running(database, tmp_path) as service:
        before, first = service.workers(), Path(service.certificate).read_text()
        Path(service.certificate).unlink()
        certificate.ensure(Path(service.certificate).parent)
        assert Path(service.certificate).read_text() != first
        answers: list[int] = []

        def ask() -> bool:
            answers.append(httpx.get(f"{service.http}/ml/wml_services/v2/version").status_code)
            return not set(before) & set(service.workers())

        service.process.send_signal(signal.SIGHUP)
        until(ask, "other processes")
        assert set(answers) == {200}
        assert len(service.workers()) == 2
        trusted = ssl.create_default_context(cafile=service.certificate)
        assert httpx.get(f"{service.https}/ml/wml_services/v2/version", verify=trusted).status_code == 200


@pytest.mark.one_server
def test_it_ends_in_order(database: Database, tmp_path: Path) -> None:
    with services.running(database, tmp_path, "--workers", "3") as service:
        workers = service.workers()
        assert len(workers) == 3
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        assert not any(map(alive, workers))
    with services.running(database, tmp_path) as service:
        # the key is shown on the first start alone
        assert service.admin_key == ""
        workers = service.workers()
        service.process.kill()
        until(lambda: not any(map(alive, workers)), "the processes to end with their supervisor")


@pytest.mark.one_server
def test_who_keeps_a_connection_open_does_not_hold_up_the_end(database: Database, tmp_path: Path) -> None:
    with services.running(database, tmp_path) as service:
        trusted = ssl.create_default_context(cafile=service.certificate)
        with httpx.Client(verify=trusted) as idle:
            for url in (service.http, service.https):
                assert idle.get(f"{url}/ml/wml_services/v2/version").status_code == 200
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(15) == 0


@pytest.mark.one_server
def test_a_request_under_way_is_answered_before_the_end(database: Database, tmp_path: Path) -> None:
    with services.running(database, tmp_path, "--workers", "1") as service:
        body = b'{"username": "admin", "api_key": "' + service.admin_key.encode() + b'"}'
        head = (
            b"POST /icp4d-api/v1/authorize HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
        )
        address = httpx.URL(service.http)
        with socket.create_connection((address.host, address.port or 0)) as connection:
            connection.sendall(head + body)
            until(lambda: _busy(service), "the request to be read")
            service.process.send_signal(signal.SIGTERM)
            answer = connection.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 200 OK")


def _busy(service: Service) -> bool:
    with service.database.connect() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'turnout http'"
        ).fetchone()
    return row is not None and row[0] != 0
