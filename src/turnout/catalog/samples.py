"""The tables of the sets that come along."""

from collections.abc import Sequence

from turnout.catalog.query import Query
from turnout.catalog.session import Session

_QUOTE = Query("samples.quote", ("pg_catalog.text",), "select pg_catalog.quote_ident($1) as quoted")
_EXISTS = Query(
    "samples.exists",
    ("pg_catalog.text",),
    "select not pg_catalog.to_regclass($1)::pg_catalog.oid is null as present",
)


def replace(session: Session, name: str, columns: Sequence[Sequence[str]], rows: str) -> None:
    """Make ``pgml.<name>`` unless it is there, and give it these rows in place of those that it has.

    Parameters
    ----------
    columns
        Name and type of each.
    rows
        A JSON array of arrays.
    """
    table = f"pgml.{_quoted(session, name)}"
    definitions = ", ".join(f"{_quoted(session, column)} {kind}" for column, kind in columns)
    if session.one(_EXISTS, table)["present"]:
        session.run(f"delete from {table}")
    else:
        session.run(f"create table {table} ({definitions})")
    values = ", ".join(_value(place, kind) for place, (_, kind) in enumerate(columns))
    insert = f"insert into {table} select {values} from pg_catalog.json_array_elements($1) as r"
    session.rows(Query(f"samples.{name}", ("pg_catalog.json",), insert), rows)


def _value(place: int, kind: str) -> str:
    if kind.endswith("[]"):
        elements = f"pg_catalog.json_array_elements_text(r operator(pg_catalog.->) {place}) as e"
        return f"array(select e::{kind[:-2]} from {elements})"
    return f"(r operator(pg_catalog.->>) {place})::{kind}"


def _quoted(session: Session, name: str) -> str:
    row = session.one(_QUOTE, name)
    return str(row["quoted"])
