"""One conversion, from an upload's bytes to what the catalog keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.importing import forms, signature
from turnout.importing.answers import Asking
from turnout.importing.knowledge import knowledge
from turnout.importing.naming import algorithm_of, hyperparams_of
from turnout.importing.reading import read
from turnout.importing.refusal import Refused
from turnout.importing.subject import subject_of
from turnout.runtime import artifact
from turnout.runtime.model import Model
from turnout.training.export import disagreement

if TYPE_CHECKING:
    from turnout.importing.subject import Subject

_FEWEST = 20


def converted(content: bytes, job: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """What is said of a model, and its artifact and source.

    Raises
    ------
    Refused
        If it cannot be served as what it is.
    """
    found = read(content, job["limits"])
    subject = subject_of(found.estimator)
    known = knowledge(subject.estimator, subject.width)
    forms.note_splits(subject, known)
    fields, warnings = signature.fields_of(
        job["schemas"], job["label_column"], subject.names, [one.kind for one in known]
    )
    asking = Asking(subject, fields, known)
    targets = signature.targets_of(job["schemas"], job["label_column"], subject.classes, asking.targets)
    header = {
        "version": artifact.VERSION,
        "algorithm": algorithm_of(subject.final) or type(subject.final).__name__,
        "task": subject.task,
        "fields": fields,
        "targets": targets,
        "classes": subject.classes,
        "library": found.library,
        "sample": asking.sample,
    }
    data, served, refused = _served(subject, asking, header)
    answer = {
        "task": subject.task,
        "algorithm": algorithm_of(subject.final),
        "num_features": len(fields),
        "classes": subject.classes,
        "signature": {
            "fields": fields,
            "targets": targets if subject.task in ("regression", "classification") else [],
            "classes": subject.classes,
        },
        "predictor": served,
        "export": refused,
        "library": found.library,
        "hyperparams": hyperparams_of(subject.final),
        "source_format": found.source_format,
        "warnings": [*found.warnings, *warnings, *asking.warnings],
    }
    return answer, [data, found.source]


def _served(subject: Subject, asking: Asking, header: dict[str, Any]) -> tuple[bytes, str, dict[str, str]]:
    """The artifact in the first form that answers as the model does, its format, and why others were not taken."""
    refused: dict[str, str] = {}
    for form in forms.of(subject, asking):
        try:
            extra, payload = form.make()
            data = artifact.pack({**header, **extra}, payload)
            reason = _difference(data, subject, asking)
        except Exception as error:
            # converters raise whatever they come across; the next form may do
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if reason is None:
            return data, str(extra["format"]), refused
        refused[form.name] = reason
    listed = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
    raise Refused(f"no way to serve it answers as it does: {listed}"[:1500])


def _difference(data: bytes, subject: Subject, asking: Asking) -> str | None:
    """Where an artifact's answers differ from the model's; none if nowhere."""
    model = Model.load(data)
    got = np.asarray(model.scores_of(asking.rows))
    reason = disagreement(
        asking.expected, got, classifies=subject.classes is not None, joint=asking.targets > 1
    )
    if reason is None:
        one = np.asarray(model.scores_of(asking.rows[:1]))
        if not np.allclose(one[0], got[0], rtol=1e-4, atol=1e-5):
            return "it answers otherwise for one row than for several"
    return reason
