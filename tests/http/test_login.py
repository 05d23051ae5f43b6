"""Keys and tokens: both ways to log in, and how each of them ends."""

from __future__ import annotations

import time

import httpx
import jwt
import psycopg
import pytest

from tests.http.service import Service
from turnout.catalog.over_wire import WireSession
from turnout.services import users

pytestmark = pytest.mark.one_server
GRANT = "urn:ibm:params:oauth:grant-type:apikey"


def authorize(service: Service, name: str, key: str, *, under: str = "api_key") -> httpx.Response:
    return httpx.post(f"{service.http}/icp4d-api/v1/authorize", json={"username": name, under: key})


def me(service: Service, token: str) -> httpx.Response:
    return httpx.get(f"{service.http}/v1/me", headers={"Authorization": f"Bearer {token}"})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


def test_the_version_needs_no_token(service: Service) -> None:
    answer = httpx.get(f"{service.http}/ml/wml_services/v2/version")
    assert (answer.status_code, answer.json()) == (200, {"version": "5.3.0"})


def test_the_certificate_is_one_for_this_machine(service: Service) -> None:
    import ssl

    trusted = ssl.create_default_context(cafile=service.certificate)
    for host in ("127.0.0.1", "localhost"):
        url = service.https.replace("127.0.0.1", host) + "/ml/wml_services/v2/version"
        assert httpx.get(url, verify=trusted).status_code == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{service.https}/ml/wml_services/v2/version")


@pytest.mark.parametrize("under", ["api_key", "password"])
def test_a_name_and_a_key_give_a_token(service: Service, under: str) -> None:
    answer = authorize(service, "admin", service.admin_key, under=under)
    assert answer.json()["_messageCode_"] == "success"
    token = answer.json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert me(service, token).json() == {"id": claims["sub"], "name": "admin", "admin": True}


def test_a_key_alone_gives_a_token(service: Service) -> None:
    key = service.user("alone")
    answer = httpx.post(f"{service.http}/identity/token", data={"grant_type": GRANT, "apikey": key}).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 12 * 3600)
    found = me(service, answer["access_token"]).json()
    assert (found["name"], found["admin"]) == ("alone", False)


def test_another_key_ends_the_first_and_its_tokens(service: Service) -> None:
    first = service.user("rotating")
    token = service.token("rotating", first)
    with psycopg.connect(service.database.dsn) as connection:
        second = users.rotate(WireSession(connection), name="rotating").api_key
    assert (me(service, token).status_code, code(me(service, token))) == (401, "not_authenticated")
    assert authorize(service, "rotating", first).status_code == 401
    assert me(service, service.token("rotating", second)).status_code == 200


def test_a_removed_user_is_out_at_once(service: Service) -> None:
    token = service.token("leaving", service.user("leaving"))
    with psycopg.connect(service.database.dsn) as connection:
        users.remove(WireSession(connection), name="leaving")
    assert me(service, token).status_code == 401


def forged(service: Service, **changes: object) -> dict[str, str]:
    """Tokens that are not ours, each in its way."""
    token = service.token()
    claims = jwt.decode(token, options={"verify_signature": False})
    with service.database.connect() as connection:
        row = connection.execute("select secret from pgml.signing_keys").fetchone()
    assert row is not None
    secret = row[0]
    assert isinstance(secret, bytes)
    now = int(time.time())
    head, body, signature = token.split(".")
    return {
        "expired": jwt.encode({**claims, "exp": now - 1}, secret, algorithm="HS256"),
        "without an end": jwt.encode(
            {key: value for key, value in claims.items() if key != "exp"}, secret, algorithm="HS256"
        ),
        "another's signature": jwt.encode(claims, b"x" * 32, algorithm="HS256"),
        "no signature": jwt.encode(claims, "", algorithm="none"),
        "another algorithm": jwt.encode(claims, secret + b"y" * 32, algorithm="HS512"),
        "cut": f"{head}.{body}",
        "changed": f"{head}.{body[:-2]}.{signature}",
        "of nobody": jwt.encode(
            {**claims, "sub": "00000000-0000-0000-0000-000000000000"}, secret, algorithm="HS256"
        ),
        "a strange subject": jwt.encode({**claims, "sub": "x"}, secret, algorithm="HS256"),
        "nonsense": "nonsense",
    }


def test_no_other_token_is_taken(service: Service) -> None:
    assert httpx.get(f"{service.http}/v1/me").status_code == 401
    for kind, token in forged(service).items():
        answer = me(service, token)
        assert (answer.status_code, code(answer)) == (401, "not_authenticated"), kind
        assert answer.headers["www-authenticate"] == "Bearer"


def test_who_guesses_is_slowed_down(service: Service) -> None:
    service.user("guessed")
    # each process counts for itself
    answers: list[httpx.Response] = []
    while len(answers) < 30 and (not answers or answers[-1].status_code != 429):
        answers.append(authorize(service, "guessed", f"guess {len(answers)}"))
    assert [answer.status_code for answer in answers[:5]] == [401] * 5
    late = answers[-1]
    assert (late.status_code, code(late)) == (429, "too_many_logins")
    assert 1 <= int(late.headers["retry-after"]) <= 60
    # another user of the same address is not
    assert service.token()
    assert "guess 1" not in service.log.read_text()


@pytest.mark.parametrize("name", ["", "with space", "a/b", "a:b", "x" * 64, "new\nline"])
def test_a_name_that_is_none(service: Service, name: str) -> None:
    with pytest.raises(Exception, match="expected 1 to 63 characters"):
        service.user(name)


def test_keys_are_kept_as_hashes_only(service: Service) -> None:
    key = service.user("hashed")
    with service.database.connect() as connection:
        row = connection.execute(
            "select u::text, key_hash from pgml.users u where name = 'hashed'"
        ).fetchone()
    assert row is not None
    assert key not in str(row[0])
    assert key.rpartition("_")[2] not in str(row[0])
    assert str(row[1]).startswith("$argon2id$")


def test_the_last_administrator_stays(service: Service) -> None:
    with psycopg.connect(service.database.dsn) as connection:
        session = WireSession(connection)
        with pytest.raises(Exception, match="last administrator"):
            users.remove(session, name="admin")
