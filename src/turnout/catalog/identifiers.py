"""The one place where SQL is put together from names: each arrives here quoted by PostgreSQL's quote_ident."""

from collections.abc import Iterable


def select(expressions: Iterable[tuple[str, str]], relation: str, condition: str = "") -> str:
    """``select expression as name, ... from relation``.

    >>> select([("count(*)", "rows")], "public.t")
    'select count(*) as rows from public.t'
    """
    wanted = ", ".join(f"{expression} as {name}" for expression, name in expressions)
    return f"select {wanted} from {relation}" + (f" where {condition}" if condition else "")
