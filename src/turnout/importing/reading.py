"""From an upload's bytes to an estimator, or to what stands for one where a library has no estimator for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from turnout.importing import archive, natives
from turnout.importing.recognise import kind_of
from turnout.importing.refusal import Refused
from turnout.importing.sound import everything, made_sound
from turnout.importing.versions import differing, installed

# a frame of a Mac's folder, and what lies beside models
_BESIDE = ("._", ".DS_Store")


@dataclass(kw_only=True)
class Read:
    """What an upload holds.

    Attributes
    ----------
    estimator
        Fitted, with ``predict``.
    library
        ``name`` and ``version`` of what made it; ``read_with`` where another version reads it.
    source, source_format
        What a download is made of.
    """

    estimator: Any
    library: dict[str, str]
    source: bytes
    source_format: str
    warnings: list[str] = field(default_factory=list)


def read(content: bytes, limits: dict[str, Any]) -> Read:
    """The model in an upload.

    Raises
    ------
    Refused
        If there is none, more than one, or it is none that can be opened.
    """
    data = archive.unpacked(content, limits)
    if not archive.is_tar(data):
        return _read(data)
    warnings: list[str] = []
    found = _model_in(archive.members(data, limits), limits, warnings)
    found.warnings += warnings
    return found


def _model_in(members: dict[str, bytes], limits: dict[str, Any], warnings: list[str]) -> Read:
    """The one member that is a model; others are left alone."""
    kinds: dict[str, bytes] = {}
    reasons: dict[str, str] = {}
    for name, data in members.items():
        if name.split("/")[-1].startswith(_BESIDE):
            continue
        try:
            plain = archive.unpacked(data, limits)
            if archive.is_tar(plain):
                raise Refused("it is an archive within the archive")
            kind_of(plain)
        except Refused as reason:
            reasons[name] = str(reason)
            continue
        kinds[name] = plain
    if len(kinds) > 1:
        raise Refused(f"its archive has several models: {_names(kinds)}; give it one")
    if not kinds:
        listed = "; ".join(f"{archive.shown(name)}: {reason}" for name, reason in reasons.items())
        raise Refused(f"its archive has no model: {listed or 'nothing is in it'}"[:1000])
    if reasons:
        warnings.append(f"beside the model the archive has {_names(reasons)}, which is not kept")
    return _read(next(iter(kinds.values())))


def _names(found: dict[str, Any]) -> str:
    return ", ".join(archive.shown(name) for name in list(found)[:5])


def _read(data: bytes) -> Read:
    kind = kind_of(data)
    if kind == "pickle":
        return _pickle(data)
    if kind == "skops":
        return _skops(data)
    found = natives.READERS[kind](data)
    return Read(estimator=found, library=found.library, source=data, source_format=found.source_format)


def _pickle(data: bytes) -> Read:
    from turnout.importing.unpickler import load

    loaded = load(data)
    made_sound(loaded.value)
    estimator, warnings = _served(loaded.value)
    said = dict(loaded.versions)
    library = _library(estimator, said)
    if differing(said):
        warnings.append(differing(said).removeprefix("; "))
    return Read(
        estimator=estimator,
        library=library,
        source=_dumped(_kept(loaded.value)),
        source_format="skops",
        warnings=warnings,
    )


def _kept(value: Any) -> Any:
    """What a download gives back: all of it, but of a search only what it has found."""
    return getattr(value, "best_estimator_", value)


def _skops(data: bytes) -> Read:
    from turnout.runtime.formats.skops import load
    from turnout.runtime.formats.trusted import PIPELINES

    _check_zip(data)
    try:
        value = load(data, PIPELINES)
    except ValueError as error:
        raise Refused(str(error)) from None
    made_sound(value)
    estimator, warnings = _served(value)
    # dumped again: what a file says beyond the objects in it is not kept
    return Read(
        estimator=estimator,
        library=_library(estimator, {}),
        source=_dumped(_kept(value)),
        source_format="skops",
        warnings=warnings,
    )


def _check_zip(data: bytes) -> None:
    """Refuse what unpacks to more than it should; skops reads whatever there is."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as held:
        total = sum(member.file_size for member in held.infolist())
    if total > max(1 << 26, 200 * len(data)) or total > 2 << 30:
        raise Refused(f"it unpacks to {total:,} bytes, which is too many for its size")


def _dumped(value: Any) -> bytes:
    import zipfile

    import skops.io

    try:
        data: bytes = skops.io.dumps(value, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    except Exception as error:
        # skops raises whatever it comes across
        raise Refused(f"it cannot be kept as data: {' '.join(str(error).split())[:300]}") from None
    return data


def _served(value: Any) -> tuple[Any, list[str]]:
    """What predicts: of a search its best estimator, of a booster one that is asked as estimators are."""
    if type(value).__name__ == "Booster":
        return natives.of_booster(value), []
    if hasattr(value, "best_estimator_"):
        return value.best_estimator_, [f"of a {type(value).__name__} its best estimator answers"]
    if hasattr(value, "get_booster") and not natives.is_fitted_wrapper(value):
        # IBM's client hangs a booster of its own into an estimator that was never fitted
        return natives.of_booster(value.get_booster()), []
    if not hasattr(value, "predict") and not hasattr(value, "transform"):
        raise Refused(f"it holds a {type(value).__module__}.{type(value).__qualname__}, which is no model")
    if isinstance(value, type):
        raise Refused(f"it holds the class {value.__qualname__} and no fitted model")
    return value, []


def _library(estimator: Any, said: dict[str, str]) -> dict[str, str]:
    """Of what is within it, the library that is farthest from scikit-learn."""
    modules = {type(found).__module__.split(".")[0] for found in everything(estimator)}
    name = next((name for name in ("xgboost", "lightgbm", "catboost") if name in modules), "scikit-learn")
    library = {"name": name, "version": said.get(name, installed(name))}
    if library["version"] != installed(name):
        library["read_with"] = installed(name)
    if name != "scikit-learn" and "scikit-learn" in said:
        library["scikit-learn"] = said["scikit-learn"]
    return library
