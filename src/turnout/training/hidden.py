"""pandas, hidden from what trains until something needs it.

Most libraries import it, for a quarter of a second, only to know its types, and none of those ever comes.
"""

import sys


class _WithoutPandas:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004
        if name == "pandas":
            raise ModuleNotFoundError("pandas is hidden from what trains", name=name)


def hide() -> None:
    """No import finds pandas any more."""
    sys.meta_path.insert(0, _WithoutPandas)


def show() -> None:
    """Imports find pandas again."""
    if _WithoutPandas in sys.meta_path:
        sys.meta_path.remove(_WithoutPandas)
