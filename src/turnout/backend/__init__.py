"""One short entry per SQL function, called by the PL/Python functions of the extension.

A session that only predicts imports what stands here at the top, and no more; everything else comes when it is
first called.
"""

from __future__ import annotations

from turnout.backend.boundary import entry
from turnout.backend.predict import (
    decompose,
    predict,
    predict_batch,
    predict_batch_by_model,
    predict_by_model,
    predict_joint,
    predict_joint_by_model,
    predict_joint_row,
    predict_joint_row_by_model,
    predict_label,
    predict_label_by_model,
    predict_label_row,
    predict_label_row_by_model,
    predict_proba,
    predict_proba_by_model,
    predict_proba_row,
    predict_proba_row_by_model,
    predict_row,
    predict_row_by_model,
)
from turnout.catalog import in_backend

as_owner = entry(in_backend.OWNER.run)
read_as_owner = entry(in_backend.READING_OWNER.run)
read = entry(in_backend.READER.run)


def __getattr__(name: str) -> object:
    if name in ("commands", "scoring") or name.startswith("__"):  # asked for by the import itself
        raise AttributeError(name)
    if name in ("predict_relation", "predict_chunk", "score_into"):
        from turnout.backend import scoring as module
    else:
        from turnout.backend import commands as module  # type: ignore[no-redef]
    found = globals()[name] = getattr(module, name)
    return found


__all__ = [
    "as_owner",
    "decompose",
    "predict",
    "predict_batch",
    "predict_batch_by_model",
    "predict_by_model",
    "predict_joint",
    "predict_joint_by_model",
    "predict_joint_row",
    "predict_joint_row_by_model",
    "predict_label",
    "predict_label_by_model",
    "predict_label_row",
    "predict_label_row_by_model",
    "predict_proba",
    "predict_proba_by_model",
    "predict_proba_row",
    "predict_proba_row_by_model",
    "predict_row",
    "predict_row_by_model",
    "read",
    "read_as_owner",
]
