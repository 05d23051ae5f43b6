"""Which packages the Python of this process finds: inside a backend, the server's."""

import sys
from importlib.metadata import PackageNotFoundError, distributions, packages_distributions, version
from importlib.util import find_spec

from turnout.errors import MissingArgument, MissingPackages, UnknownPackage

NEEDED = (
    "numpy",
    "sklearn",
    "xgboost",
    "lightgbm",
    "catboost",
    "onnx",
    "onnxruntime",
    "skl2onnx",
    "treelite",
    "skops",
)


def python_version() -> str:
    """The version of Python itself."""
    return sys.version


def version_of(name: str | None) -> str:
    """The version of a package, by the name that it is installed by (scikit-learn) or imported by (sklearn).

    Raises
    ------
    UnknownPackage
        If there is none of that name.
    """
    if name is None:
        raise MissingArgument(argument="name", reason="it says which package is meant")
    for installed in (name, *packages_distributions().get(name, ())):
        try:
            return version(installed)
        except (PackageNotFoundError, ValueError):
            continue
    raise UnknownPackage(package=name)


def installed() -> list[str]:
    """Every package as ``name==version``; of two with one name, the one that is imported."""
    found: dict[str, str] = {}
    for one in distributions():
        if one.name:
            found.setdefault(one.name.lower(), f"{one.name}=={one.version}")
    return [found[name] for name in sorted(found)]


def validate(needed: tuple[str, ...] = NEEDED) -> bool:
    """Whether every package that is needed can be found.

    Raises
    ------
    MissingPackages
        Naming those that cannot.
    """
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise MissingPackages(packages=", ".join(missing), version=sys.version.split()[0])
    return True
