"""What the child process does, without the process: begin, take rows, fit, judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from turnout.training import algorithms
from turnout.training.choices import read_choices
from turnout.training.description import Description

if TYPE_CHECKING:
    from turnout.training.fit import Fit


class Job:
    """One fit while its rows arrive, and afterwards while it may be judged."""

    def __init__(self, given: dict[str, Any]) -> None:
        from turnout.training.dataset import Dataset
        from turnout.training.fit import Plan
        from turnout.training.libraries import library
        from turnout.training.search import read_search

        description = Description.read(given)
        entry = algorithms.get(description.algorithm, description.task)
        choices = read_choices(description)
        module = library(entry.library)
        params = module.check(entry, description.task, description.hyperparams)
        search = read_search(description)
        for name, values in (description.search_params if search else {}).items():
            for value in values:
                module.check(entry, description.task, {**description.hyperparams, name: value})
        self.plan = Plan(
            description=description,
            entry=entry,
            library=module,
            params=params,
            choices=choices,
            search=search,
        )
        self._dataset: Dataset | None = Dataset(description)
        self._fit: Fit | None = None
        module.preload()

    def rows(self, header: dict[str, Any], payload: bytes | bytearray) -> None:
        """Take another chunk of rows."""
        if self._dataset is None:
            raise ValueError("rows came after their end")
        self._dataset.add(header["count"], header["lengths"], payload)

    def end(self) -> tuple[dict[str, Any], bytes]:
        """What the child answers: the result of the fit, the artifact, and what explains it."""
        fit = self.fit()
        sizes = [len(fit.artifact), len(fit.explanation)]
        return {"event": "fitted", "sizes": sizes, **fit.result}, fit.artifact + fit.explanation

    def fit(self) -> Fit:
        """Train on what has come."""
        from turnout.training.fit import run

        if self._dataset is None:
            raise ValueError("the fit has been done")
        dataset, self._dataset = self._dataset, None
        self._fit = run(self.plan, dataset)
        return self._fit

    def judge(self, header: dict[str, Any], champion: bytes) -> dict[str, Any]:
        """Compare the fitted model with an earlier one."""
        from turnout.training.judging import judge

        if self._fit is None:
            raise ValueError("nothing has been fitted")
        return judge(self._fit, header["metric"], header.get("split"), champion)
