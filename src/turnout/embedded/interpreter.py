"""How the server's PL/Python finds libpython, the standard library and our packages."""

from __future__ import annotations

import compileall
import os
import re
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import turnout
from turnout import server_errors

KEPT = ("HOME", "TMPDIR", "TZ", "LANG")


def package_path() -> list[str]:
    """The directories that hold turnout and what it depends on, for ``PYTHONPATH`` or ``pgml.path``."""
    # An editable install is reached through a .pth file, and those are not read for PYTHONPATH's entries.
    ours = str(Path(turnout.__file__).parents[1])
    sites = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return list(dict.fromkeys([ours, *sites]))


def server_environment(installation: Path) -> Mapping[str, str]:
    """The environment of the embedded server.

    Made anew rather than passed on: what else is in ours is none of the server's business.
    """
    library = _libpython(wanted_version(installation))
    # An embedded interpreter takes its standard library from the first python3 on PATH.
    path = [f"{sys.base_prefix}/bin", *os.environ.get("PATH", os.defpath).split(os.pathsep)]
    libraries = [str(installation / "lib"), *([str(library)] if library else [])]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join(path),
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        "PYTHONPATH": os.pathsep.join(package_path()),
    }


def wanted_version(installation: Path) -> str:
    """The Python that this PostgreSQL's PL/Python is linked with, as "3.11".

    Raises
    ------
    EmbeddedUnavailable
        There is no PL/Python, or it is linked with another Python than the one that runs us.
    """
    module = installation / "lib" / "plpython3.so"
    named = re.search(rb"libpython(3\.\d+)\.so", module.read_bytes()) if module.exists() else None
    if not named:
        raise server_errors.EmbeddedUnavailable(reason=f"{module} is missing or not linked with a libpython")
    wanted = named[1].decode()
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != ours:
        raise server_errors.EmbeddedUnavailable(
            reason=f"its PL/Python is linked with Python {wanted}, and turnout runs on {ours}",
            hint=f"install turnout in an environment of Python {wanted}, or use a PostgreSQL of your own "
            "with `turnout install`",
        )
    return wanted


def _libpython(version: str) -> Path | None:
    """The directory of our own libpython; None where the system's loader finds one by itself."""
    name = f"libpython{version}.so.1.0"
    places = [Path(sys.base_prefix) / "lib", Path(str(sysconfig.get_config_var("LIBDIR")))]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    if multiarch:
        places += [Path("/usr/lib") / str(multiarch), Path("/lib") / str(multiarch)]
    for place in places:
        if (place / name).exists():
            return place
    if any((Path(place) / name).exists() for place in ("/usr/lib", "/usr/lib64", "/usr/local/lib")):
        return None
    raise server_errors.EmbeddedUnavailable(
        reason=f"{name} is not there, which its PL/Python needs (this Python was built without it)",
        hint=f"on Debian and Ubuntu: apt-get install libpython{version}",
    )


def compile_package() -> None:
    """Write our bytecode, since every new session would otherwise compile what it imports."""
    compileall.compile_dir(str(Path(turnout.__file__).parent), quiet=2, workers=1)
