"""The versions that wrote a model, and those that read it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

_PACKAGES = {
    "scikit-learn": "scikit-learn",
    "xgboost": "xgboost-cpu",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
}


def installed(library: str) -> str:
    """The version that is installed here."""
    for name in (_PACKAGES.get(library, library), library):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "none"


def differing(said: dict[str, str]) -> str:
    """For a message: what wrote it, and what reads it, where those are not the same."""
    found = [
        f"it was written with {library} {written}, and {installed(library)} is installed here"
        for library, written in said.items()
        if written != installed(library)
    ]
    return "; " + ", ".join(found) if found else ""
