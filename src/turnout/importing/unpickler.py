"""Reads a pickle, plain or joblib's, without ever running what it says.

A pickle is a program for a machine with a stack. Here the machine makes what is on the lists of `admitted`, in the
ways that are named below, and nothing else: it calls constructors of ours in place of those that pickles name, makes
objects of admitted classes without calling their constructors, and gives them a state that is a dictionary.
"""

from __future__ import annotations

import functools
import io
import pickle
from typing import Any, ClassVar

import numpy as np

from turnout.importing import arrays, stand_ins
from turnout.importing.admitted import admitted, not_admitted
from turnout.importing.arrays import Stand
from turnout.importing.refusal import Refused

_NEVER = (
    pickle.INST, pickle.OBJ, pickle.EXT1, pickle.EXT2, pickle.EXT4, pickle.PERSID, pickle.BINPERSID,
    pickle.NEWOBJ_EX, pickle.NEXT_BUFFER, pickle.READONLY_BUFFER,
)  # fmt: skip
_NO_SLOTS = "it gives an object a state that is no dictionary"


class Loaded:
    """What a pickle holds, and what it says of the versions that wrote it."""

    def __init__(self, value: Any, versions: dict[str, str]) -> None:
        self.value = value
        self.versions = versions


def load(data: bytes) -> Loaded:
    """Read a pickle.

    Raises
    ------
    Refused
        If it asks for anything that is not admitted, or is broken.
    """
    file = io.BytesIO(data)
    reader = _Reader(file, len(data))
    try:
        value = reader.load()
    except Refused:
        raise
    except (
        EOFError,
        IndexError,
        KeyError,
        pickle.UnpicklingError,
        AttributeError,
        UnicodeError,
        OverflowError,
    ) as error:
        if file.tell() >= len(data):
            raise Refused("it is truncated: its pickle has no end") from None
        raise Refused(f"its pickle is broken: {type(error).__name__} {error}"[:300]) from None
    except (TypeError, ValueError) as error:
        raise Refused(
            f"its pickle cannot be read: {' '.join(str(error).split())[:300]}{reader.ages()}"
        ) from None
    return Loaded(value, reader.versions)


class _Reader(pickle._Unpickler):
    """The machine."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]
    memo: dict[int, Any]
    append: Any
    pop_mark: Any
    _unframer: Any

    def __init__(self, file: io.BytesIO, size: int, versions: dict[str, str] | None = None) -> None:
        super().__init__(file)
        self._file = file
        self._size = size
        self.versions: dict[str, str] = {} if versions is None else versions

    def find_class(self, module: str, name: str) -> Any:
        """One of ours in place of what a pickle names, or something admitted."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise Refused("it asks for something without a name")
        found = stand_ins.TABLE.get((module, name))
        if found is not None:
            return found
        if module in stand_ins.IGNORED and name in stand_ins.IGNORED[module]:
            return stand_ins.Ignored
        return admitted(module, name)

    def ages(self) -> str:
        """What is known of the versions, for a message."""
        from turnout.importing.versions import differing

        return differing(self.versions)

    def load_reduce(self) -> None:
        """Call one of our own constructors, and nothing else."""
        given = self.stack.pop()
        asked = self.stack[-1]
        if not isinstance(given, tuple):
            raise Refused("its pickle is broken: a call without arguments")
        maker = stand_ins.CALLS.get(asked) if _hashable(asked) else None
        if maker is None:
            raise _not_called(asked)
        try:
            self.stack[-1] = maker(*given)
        except (TypeError, ValueError, IndexError) as error:
            raise Refused(f"it makes a {_name(asked)} in a way that is not known: {error}"[:300]) from None

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        """Make an object of an admitted class, as empty as it can be."""
        given = self.stack.pop()
        kind = self.stack.pop()
        if kind is stand_ins.Ignored:
            self.append(stand_ins.Ignored())
            return
        if (
            not isinstance(kind, type)
            or given != ()
            or issubclass(kind, np.generic)
            or kind in stand_ins.PLAIN
        ):
            raise _not_called(kind)
        self.append(kind.__new__(kind))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        """Give an object its state."""
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, stand_ins.Wrapper):
            self._replace(target, self._array(target, state))
        elif isinstance(target, Stand):
            self._replace(target, target.finished(state))
        elif not stand_ins.ignores_state(target):
            self._build(target, state)

    dispatch[pickle.BUILD[0]] = load_build

    def _build(self, target: Any, state: Any) -> None:
        kind = type(target)
        if kind in stand_ins.STATES:
            stand_ins.STATES[kind](target, state)
            return
        if kind.__module__.split(".")[0] not in ("sklearn", "xgboost", "lightgbm", "catboost", "scipy"):
            raise Refused(f"it gives a state to a {_name(kind)}")
        if not isinstance(state, dict):
            # what has no attributes of its own may say so
            if state in (None, (None, {}), (None, None)):
                return
            raise Refused(_NO_SLOTS)
        for name in state:
            if not isinstance(name, str) or (name.startswith("__") and name not in stand_ins.UNDERSCORED):
                raise Refused(f"it gives an object the attribute {name!r:.60}")
        self._note_version(kind, state)
        own = getattr(kind, "__setstate__", None)
        if own is not None:
            own(target, state)
        else:
            vars(target).update(state)

    def _note_version(self, kind: type, state: dict[str, Any]) -> None:
        said = state.get("_sklearn_version")
        if kind.__module__.startswith("sklearn.") and isinstance(said, str) and len(said) < 40:
            self.versions.setdefault("scikit-learn", said)

    def _replace(self, stand: Any, value: Any) -> None:
        self.stack[-1] = value
        for place in reversed(self.memo):
            if self.memo[place] is stand:
                self.memo[place] = value
                return

    def _array(self, wrapper: Any, state: Any) -> Any:
        """An array that joblib has written into the middle of the pickle."""
        shape, dtype, order, padded = wrapper.described(state)
        count = arrays.checked_count(shape, dtype)
        frame = self._unframer.current_frame
        if frame is not None and frame.tell() != len(frame.getbuffer()):
            raise Refused("it has an array of joblib's within a frame of its pickle")
        if dtype.hasobject:
            inner = _Reader(self._file, self._size, self.versions)
            found = inner.load()
            if not isinstance(found, np.ndarray) or found.dtype != object or found.shape != tuple(shape):
                raise Refused("it has an array of objects that is none")
            return found
        if padded:
            self._file.seek(int.from_bytes(self._file.read(1), "little"), io.SEEK_CUR)
        size = count * dtype.itemsize
        if size > self._size - self._file.tell():
            raise Refused("it is truncated: an array should have more numbers than there are bytes")
        data = self._file.read(size)
        return arrays.Array().finished((1, shape, dtype, order == "F", data))

    # containers take elements one after the other; nothing else has a say in that

    def load_append(self) -> None:
        """A list's element."""
        value = self.stack.pop()
        self._extend([value])

    dispatch[pickle.APPEND[0]] = load_append

    def load_appends(self) -> None:
        """A list's elements."""
        self._extend(self.pop_mark())

    dispatch[pickle.APPENDS[0]] = load_appends

    def _extend(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise Refused("it puts elements into what is no list")
        self.stack[-1].extend(values)

    def load_setitem(self) -> None:
        """An entry of a dictionary."""
        value, key = self.stack.pop(), self.stack.pop()
        self._update([key, value])

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        """Entries of a dictionary."""
        self._update(self.pop_mark())

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def _update(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict):
            raise Refused("it puts entries into what is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            dict.__setitem__(self.stack[-1], key, value)

    def load_additems(self) -> None:
        """A set's elements."""
        values = self.pop_mark()
        if type(self.stack[-1]) is not set:
            raise Refused("it puts elements into what is no set")
        self.stack[-1].update(values)

    dispatch[pickle.ADDITEMS[0]] = load_additems


def _refused(name: str) -> Any:
    def refuse(self: Any) -> None:  # noqa: ARG001
        raise Refused(f"its pickle uses the operation {name}, which no model needs")

    return refuse


_Reader.dispatch.update(
    {code[0]: _refused(next(n for n in dir(pickle) if getattr(pickle, n) == code)) for code in _NEVER}
)


def _hashable(value: Any) -> bool:
    return isinstance(value, type | functools.partial) or callable(value)


def _not_called(asked: Any) -> Refused:
    if isinstance(asked, type) or callable(asked):
        return Refused(f"it calls {_name(asked)}, which is not called for any model")
    return not_admitted("its own", "object")


def _name(asked: Any) -> str:
    module, name = getattr(asked, "__module__", "?"), getattr(asked, "__qualname__", type(asked).__name__)
    return f"{module}.{name}"
