"""The two settings of a database that lead its server to our packages and our interpreter."""

from __future__ import annotations

import sys

from psycopg import sql

from turnout.embedded.interpreter import package_path
from turnout.install.connection import Connection, value

# As the functions themselves read them: from where only a superuser can have put them, not from the session.
TRUSTED = """
select coalesce(
  (
    select substr(item, length(%s) + 2)
    from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) as item
    where s.setrole = 0 and starts_with(item, %s || '=')
      and (s.setdatabase = 0 or d.datname = current_database())
    order by s.setdatabase <> 0 desc
    limit 1
  ),
  current_setting(%s, true),
  ''
)
"""


def lead_to_ours(connection: Connection) -> None:
    """Set ``pgml.path`` and ``pgml.python`` of the connection's database to what runs this very command."""
    for name, ours in (("pgml.path", ":".join(package_path())), ("pgml.python", sys.executable)):
        connection.execute(
            sql.SQL("alter database {} set {} = {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(*name.split(".")), sql.Literal(ours)
            )
        )


def setting(connection: Connection, name: str) -> str:
    """One of the two settings as it holds for the connection's database; empty when not set."""
    return str(value(connection, TRUSTED, name, name, name))
