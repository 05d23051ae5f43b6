"""The scoring route as sockets see it: parts, pipelines, clients who leave, bodies without end."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from typing import Any

import httpx
import pytest

from tests.http import scored as deployments
from tests.http.scored import NUMBERS, Scored, refused
from tests.processes import until
from tests.servers import Server

pytestmark = pytest.mark.one_server
PATH = "/ml/v4/deployments/number_online/predictions?version=2026-11-01"
LIMIT = 1 << 20


@pytest.fixture(scope="module")
def small(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scored]:
    """A service that takes a megabyte."""
    directory = tmp_path_factory.mktemp("small")
    environment = {"TURNOUT_MAX_BODY_MB": "1"}
    with deployments.scored(server, directory, "--workers", "1", environment=environment) as found:
        yield found


def body(*rows: list[Any], fields: list[str] | None = None) -> bytes:
    return json.dumps({"input_data": [{"fields": fields or NUMBERS, "values": list(rows)}]}).encode()


def request(made: Scored, content: bytes, *more: str, method: str = "POST", version: str = "1.1") -> bytes:
    """A whole request."""
    token = made.client.headers["authorization"]
    lines = [f"{method} {PATH} HTTP/{version}", "Host: x", f"Authorization: {token}", *more]
    if not any(line.lower().startswith("transfer-encoding") for line in more):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Wire:
    """A connection, and what comes back on it, one answer after the other."""

    def __init__(self, made: Scored) -> None:
        url = httpx.URL(made.service.http)
        assert url.port is not None
        self._socket = socket.create_connection((url.host, url.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def makefile(self, *given: Any) -> Any:
        """What is read from, for the standard library."""
        return Unclosed(self._file)

    def next(self, method: str = "POST") -> tuple[HTTPResponse, Any]:
        """The next answer, and its body."""
        found = HTTPResponse(self, method=method)  # type: ignore[arg-type]
        found.begin()
        text = found.read()
        return found, json.loads(text) if text else None

    def line(self) -> bytes:
        return self._file.readline()

    def ended(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Unclosed:
    """A file that an answer doesn't close, since the next one is in it too."""

    def __init__(self, file: Any) -> None:
        self.read, self.readline, self.readinto = file.read, file.readline, file.readinto
        self.flush, self.read1, self.peek = file.flush, file.read1, file.peek

    def close(self) -> None:
        return


def values(told: Any) -> list[float]:
    return [row[0] for row in told["predictions"][0]["values"]]


def test_a_request_that_comes_in_small_parts(scored: Scored) -> None:
    content = body([1, 2, 3])
    expected = scored.ask("number_online", NUMBERS, [1, 2, 3])[0]
    whole = request(scored, content)
    for size in (1, 7, 100):
        with closing(Wire(scored)) as connection:
            for at in range(0, len(whole), size):
                connection.send(whole[at : at + size])
            answer, told = connection.next()
            assert (answer.status, values(told)) == (200, expected)


def test_requests_in_a_pipeline_are_answered_in_their_order(scored: Scored) -> None:
    many = 3000
    sent: list[bytes] = []
    for i in range(60):
        kind = i % 4
        if kind == 0:
            sent.append(request(scored, body([i, 0, 0])))
        elif kind == 1:
            sent.append(request(scored, body(*[[i, 0, 0]] * many)))
        elif kind == 2:
            sent.append(request(scored, body([i, "x", 0])))
        else:
            sent.append(request(scored, b"", method="HEAD"))
    with closing(Wire(scored)) as connection, ThreadPoolExecutor(1) as pool:
        pool.submit(connection.send, b"".join(sent))
        for i in range(60):
            kind = i % 4
            answer, told = connection.next("HEAD" if kind == 3 else "POST")
            assert answer.status == (200, 200, 400, 405)[kind]
            if kind < 2:
                found = values(told)
                assert len(found) == (1, many)[kind]
                assert found[0] == pytest.approx(2 * i, abs=0.1)


def test_a_thousand_small_requests_at_once_on_one_connection(scored: Scored) -> None:
    with closing(Wire(scored)) as connection, ThreadPoolExecutor(1) as pool:
        pool.submit(connection.send, b"".join(request(scored, body([i, 0, 0])) for i in range(1000)))
        for i in range(1000):
            answer, told = connection.next()
            assert answer.status == 200
            assert values(told)[0] == pytest.approx(2 * i, abs=0.1)


def test_a_connection_is_closed_when_that_is_asked_for(scored: Scored) -> None:
    for content in (body([1, 2, 3]), body([1, "x", 3]), body(*[[1, 2, 3]] * 5000)):
        for whole in (request(scored, content, "Connection: close"), request(scored, content, version="1.0")):
            with closing(Wire(scored)) as connection:
                connection.send(whole)
                answer, _ = connection.next()
                assert answer.status in (200, 400)
                assert connection.ended()


def test_a_body_of_unknown_length(scored: Scored) -> None:
    for rows in (1, 20_000):
        content = body(*[[1, 2, 3]] * rows)
        answer = scored.client.post(
            PATH, content=(content[at : at + 50_000] for at in range(0, len(content), 50_000))
        )
        assert answer.status_code == 200
        assert len(answer.json()["predictions"][0]["values"]) == rows


def test_large_and_small_bodies_get_the_same_answers(scored: Scored) -> None:
    rows = [[i / 7, -i, i % 5] for i in range(9000)]
    for name in ("number_online", "third_online", "pair_online", "neighbours_online"):
        large = scored.ask(name, NUMBERS, *rows)
        assert large[:3] + large[-3:] == scored.ask(name, NUMBERS, *rows[:3], *rows[-3:])
        assert large[:1] == scored.ask(name, NUMBERS, rows[0])
    people = [["red", "2024-02-29", True, [i % 3, 2], str(i % 50)] for i in range(5000)]
    fields = ["colour", "day", "member", "place", "age"]
    assert scored.ask("risk_online", fields, *people)[-50:] == scored.ask(
        "risk_online", fields, *people[-50:]
    )
    message = refused(scored.score("number_online", {"fields": NUMBERS, "values": [*rows, [1, "x", 2]]}))
    assert 'row 9000 (counted from 0) of input_data[0]: column "b" is "x"' in message


def test_a_body_that_is_too_large(small: Scored) -> None:
    fits = body([1, 2, 3])
    fits += b" " * (LIMIT - len(fits))
    assert small.send(fits, "number_online").status_code == 200
    for content in (fits + b" ", fits + b" " * LIMIT, fits * 3):
        assert f"more than {LIMIT} bytes" in refused(small.send(content, "number_online"), 413)
        parts = (content[at : at + 9000] for at in range(0, len(content), 9000))
        assert small.client.post(PATH, content=parts).status_code == 413


def test_a_body_without_end_is_cut_off(small: Scored) -> None:
    with closing(Wire(small)) as connection, ThreadPoolExecutor(1) as pool:
        connection.send(request(small, b"", "Transfer-Encoding: chunked"))

        def endless() -> int:
            sent = 0
            try:
                while sent < 1000 * LIMIT:
                    connection.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                    sent += 0x10000
            except OSError:
                pass
            return sent

        sending = pool.submit(endless)
        assert sending.result(timeout=60) < 100 * LIMIT
    assert small.ask("number_online", NUMBERS, [1, 2, 3])


def test_who_asks_before_sending_hears_it_before(small: Scored) -> None:
    with closing(Wire(small)) as connection:
        head = request(small, b"", "Expect: 100-continue").replace(
            b"Content-Length: 0", b"Content-Length: 99999999"
        )
        connection.send(head)
        answer, told = connection.next()
        assert (answer.status, told["errors"][0]["code"]) == (413, "body_too_large")
    content = body([1, 2, 3])
    with closing(Wire(small)) as connection:
        connection.send(request(small, content, "Expect: 100-continue").removesuffix(content))
        assert connection.line().startswith(b"HTTP/1.1 100")
        assert connection.line() == b"\r\n"
        connection.send(content)
        assert connection.next()[0].status == 200


def test_clients_who_leave_in_the_middle_harm_nobody(scored: Scored) -> None:
    content = body(*[[1, 2, 3]] * 30_000)
    whole = request(scored, content)
    for length in (
        10,
        len(whole) - len(content) - 1,
        len(whole) - len(content) + 5,
        len(whole) // 2,
        len(whole),
    ):
        for _ in range(5):
            with closing(Wire(scored)) as connection:
                connection.send(whole[:length])
    assert scored.ask("number_online", NUMBERS, [1, 2, 3])


def test_bad_requests_disturb_no_good_ones(scored: Scored) -> None:
    expected = {i: scored.ask("number_online", NUMBERS, [i, 0, 1]) for i in range(8)}
    bad = [
        b"",
        b"{",
        body([1, "x", 3]),
        body([1]),
        body(*[[1, 2, 3]] * 20_000, [1, 2]),
        b'{"input_data": [{"values": ' + b"[" * 900 + b"]" * 900 + b"}]}",
        b"\x00" * 100_000,
    ]

    def harmless(i: int) -> int:
        url = f"{scored.service.http}{PATH}"
        with httpx.Client(
            headers={"Authorization": scored.client.headers["authorization"]}, timeout=60
        ) as client:
            for n in range(150):
                answer = client.post(url, content=body([i, 0, 1]))
                assert answer.status_code == 200, answer.text
                assert answer.json()["predictions"][0]["values"] == expected[i], n
        return i

    def harmful(i: int) -> int:
        url = f"{scored.service.http}{PATH}"
        with httpx.Client(
            headers={"Authorization": scored.client.headers["authorization"]}, timeout=60
        ) as client:
            for n in range(20):
                assert client.post(url, content=bad[(i + n) % len(bad)]).status_code == 400
                with closing(Wire(scored)) as connection:
                    connection.send(request(scored, bad[4])[: 1000 * n])
        return i

    with ThreadPoolExecutor(14) as pool:
        good = [pool.submit(harmless, i) for i in range(8)]
        others = [pool.submit(harmful, i) for i in range(6)]
        assert [one.result() for one in good] == list(range(8))
        assert [one.result() for one in others] == list(range(6))


def test_large_bodies_together_are_bounded(small: Scored) -> None:
    content = body(*[[1, 2, 3]] * 150_000)[: LIMIT - 1]
    with ExitStack() as stack:

        def full() -> bool:
            """Whether another one is refused, now that one more has sent all but its end."""
            stack.enter_context(closing(Wire(small))).send(request(small, content + b" ")[:-1])
            return small.send(content, "number_online").status_code == 503

        until(full, "it to have enough")
        answer = small.send(content, "number_online")
        assert "too many large requests" in refused(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        # small ones are answered all the time
        assert small.ask("number_online", NUMBERS, [1, 2, 3])
    until(lambda: small.send(content, "number_online").status_code == 400, "it to have forgotten them")
