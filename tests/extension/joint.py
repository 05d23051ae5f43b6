"""What the tests of several targets share: tables, models of them, and which one is live."""

from __future__ import annotations

from tests.extension.statements import value
from tests.servers import Connection

SCRIPT = """
create table plane as
  select x::real as a, (x % 7)::real as b, 2 * x + 3 * (x % 7) as y, 5 * (x % 7) - x as z from generate_series(1, 80) x;
select pgml.train_joint('plane', 'regression', 'plane', array['y', 'z']);
create table kinds as
  select x::real as a, (x % 7)::real as b, (array['pear', 'apple', 'fig'])[1 + x / 41] as fruit, x > 60 as late,
    5 + 2 * (x / 61) as price
  from generate_series(1, 120) x;
select pgml.train_joint('kinds', 'classification', 'kinds', '{fruit,late,price}', 'xgboost');
create view fruits as select a, b, fruit from kinds;
select pgml.train('alone', 'classification', 'fruits', 'fruit');
create table poor (a real, note text);
insert into poor values (1, 'x');
create type pair as (a real, b real);
"""


def live(sql: Connection, project: str) -> object:
    return value(sql, "select model_id from pgml.live_at(%s, clock_timestamp())", [project])
