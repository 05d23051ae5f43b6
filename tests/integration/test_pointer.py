"""The live pointer: every answer is that of the pointer in the snapshot of its own statement."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.servers import Server
from tests.switchyard import Switchyard, predict, switchyard


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


def test_another_session_sees_a_committed_deployment_at_its_next_statement(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect() as operator:
        assert predict(caller) == 1
        yard.deploy(operator, 2)
        assert predict(caller) == 2
        operator.execute("select pgml.deploy('switchyard', 'rollback')")
        assert predict(caller) == 1


def test_a_rolled_back_deployment_is_seen_by_nobody(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect(autocommit=False) as operator:
        assert predict(operator) == 1
        yard.deploy(operator, 2)
        assert predict(operator) == 2
        assert predict(caller) == 1
        operator.rollback()
        assert predict(operator) == 1
        assert predict(caller) == 1
        rows = caller.execute("select count(*) from pgml.deployments").fetchone()
        assert rows == (1,)


def test_several_statements_in_one_message(yard: Switchyard) -> None:
    with yard.connect() as caller:
        message = f"""
            create temporary table seen (place int, answer real);
            insert into seen select 1, pgml.predict('switchyard', array[1.0]);
            begin;
            select pgml.deploy({yard.models[2]});
            insert into seen select 2, pgml.predict('switchyard', array[1.0]);
            rollback;
            create temporary table seen2 as select pgml.predict('switchyard', array[1.0]) as answer;
            begin;
            select pgml.deploy({yard.models[3]});
            commit;
            insert into seen2 select pgml.predict('switchyard', array[1.0]);
        """
        caller.execute(message)
        answers = [round(float(str(row[0]))) for row in caller.execute("select answer from seen2").fetchall()]
        assert answers == [1, 3]


def test_a_prepared_statement_with_constant_arguments_follows(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect() as operator:
        caller.execute("set plan_cache_mode = force_generic_plan")
        caller.execute("prepare ask as select pgml.predict('switchyard', array[1.0])::int")
        for k in (1, 2, 3, 1):
            yard.deploy(operator, k)
            assert caller.execute("execute ask").fetchone() == (k,)


def test_a_plpgsql_function_with_constant_arguments_follows(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect() as operator:
        caller.execute("""
            create function ask() returns int language plpgsql stable
            as $$ begin return pgml.predict('switchyard', array[1.0]); end $$
        """)
        for k in (1, 2, 3, 1, 2, 3, 1, 2):
            yard.deploy(operator, k)
            assert caller.execute("select ask()").fetchone() == (k,)


def test_a_cursor_keeps_the_snapshot_it_was_opened_with(yard: Switchyard) -> None:
    with yard.connect() as caller:
        caller.execute("create table seen (k int, in_cursor int, beside int)")
        caller.execute(f"""
            do $$
            declare
              c cursor for select x, pgml.predict('switchyard', array[1.0])::int as answer
                           from generate_series(1, 3) x;
            begin
              for row in c loop
                insert into seen values (row.x, row.answer, pgml.predict('switchyard', array[1.0]));
                perform pgml.deploy({yard.models[1]} + row.x % 3);
              end loop;
            end $$
        """)
        assert caller.execute("select * from seen order by k").fetchall() == [(1, 1, 1), (2, 1, 2), (3, 1, 3)]


def test_a_savepoint_that_is_rolled_back_in_a_do_block(yard: Switchyard) -> None:
    with yard.connect() as caller:
        caller.execute("create table seen (place int, answer int)")
        caller.execute(f"""
            do $$
            begin
              begin
                perform pgml.deploy({yard.models[2]}::bigint);
                insert into pg_temp.inside select pgml.predict('switchyard', array[1.0]);
              exception when undefined_table then
                insert into seen select 1, pgml.predict('switchyard', array[1.0]);
              end;
              perform pgml.deploy({yard.models[3]}::bigint);
              insert into seen select 2, pgml.predict('switchyard', array[1.0]);
            end $$
        """)
        assert caller.execute("select * from seen order by place").fetchall() == [(1, 1), (2, 3)]


def test_a_do_loop_sees_another_sessions_commit(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect() as operator:
        caller.execute("create table go (n int)")
        answers: list[object] = []

        def wait() -> None:
            with yard.connect() as waiting:
                waiting.execute("""
                    do $$
                    begin
                      perform pgml.predict('switchyard', array[1.0]);
                      insert into go values (1);
                      commit;
                      while pgml.predict('switchyard', array[1.0]) <> 2 loop
                        perform pg_sleep(0.01);
                      end loop;
                    end $$
                """)
                answers.append(predict(waiting))

        thread = threading.Thread(target=wait)
        thread.start()
        while caller.execute("select n from go").fetchone() is None:
            pass
        yard.deploy(operator, 2)
        thread.join(30)
        assert answers == [2]


def test_all_rows_of_one_statement_get_one_model(yard: Switchyard) -> None:
    with yard.connect() as caller, yard.connect() as operator:
        stop = threading.Event()

        def switch() -> None:
            k = 1
            while not stop.is_set():
                k = k % 3 + 1
                yard.deploy(operator, k)

        thread = threading.Thread(target=switch)
        thread.start()
        try:
            # until every model has answered: the operator's first switch takes longer than many statements
            seen: set[object] = set()
            while len(seen) < 3:
                rows = caller.execute("""
                    select distinct pgml.predict('switchyard', array[1.0])::int from generate_series(1, 3000)
                """).fetchall()
                assert len(rows) == 1
                seen.add(rows[0])
        finally:
            stop.set()
            thread.join()


def test_a_repeatable_read_transaction_keeps_its_own_view(yard: Switchyard) -> None:
    with yard.connect(autocommit=False) as reader, yard.connect() as operator:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert predict(reader) == 1
        yard.deploy(operator, 2)
        assert predict(operator) == 2
        assert predict(reader) == 1
        reader.rollback()
        assert predict(reader) == 2


def test_a_stale_repeatable_read_switch_is_refused(yard: Switchyard) -> None:
    with yard.connect(autocommit=False) as stale, yard.connect() as operator:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert predict(stale) == 1
        yard.deploy(operator, 2)
        with pytest.raises(psycopg.errors.SerializationFailure):
            stale.execute("select pgml.deploy('switchyard', 'rollback')")
        stale.rollback()
        assert predict(operator) == 2


def test_a_pinned_session_keeps_what_it_saw_first(yard: Switchyard) -> None:
    with yard.connect() as pinned, yard.connect() as operator:
        pinned.execute("set pgml.pin_deployments = on")
        assert predict(pinned) == 1
        yard.deploy(operator, 2)
        assert predict(pinned) == 1
        pinned.execute("set pgml.pin_deployments = off")
        assert predict(pinned) == 2


def test_a_session_is_not_pinned_to_what_was_rolled_back(yard: Switchyard) -> None:
    with yard.connect(autocommit=False) as pinned:
        pinned.execute("set pgml.pin_deployments = on")
        pinned.commit()
        yard.deploy(pinned, 2)
        assert predict(pinned) == 2
        pinned.rollback()
        assert predict(pinned) == 1


@pytest.mark.parametrize("value", ["maybe", "2", "onn"])
def test_pinning_is_on_or_off(yard: Switchyard, value: str) -> None:
    with yard.connect() as caller:
        caller.execute("select set_config('pgml.pin_deployments', %s, false)", [value])
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="pin_deployments"):
            predict(caller)


def test_without_a_live_model_the_error_says_so(yard: Switchyard) -> None:
    with yard.connect() as caller:
        caller.execute("select pgml.undeploy('switchyard', reason => 'it was wrong')")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="has no deployed model"):
            predict(caller)
        caller.execute("select pgml.deploy('switchyard', 'rollback')")
        assert predict(caller) == 1


def test_the_compiled_comparison_of_snapshots_is_at_work(yard: Switchyard) -> None:
    with yard.connect() as caller:
        assert predict(caller) == 1
        caller.execute("""
            create function pg_temp.compiled() returns bool language plpython3u as $$
            from turnout.catalog import pointer
            return pointer.setting is not None
            $$
        """)
        assert caller.execute("select pg_temp.compiled()").fetchone() == (True,)
