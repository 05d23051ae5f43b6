"""The confined process: one job, one answer, and it ends.

Run by `turnout.importing.process` with the parent's number and the numbers of two open files: the job, and the
upload. The answer goes to what was standard output: the length of a JSON header in eight bytes, the header, and
the bytes whose sizes it says.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

from turnout.importing.confinement import confine
from turnout.importing.refusal import Refused


def main() -> None:
    """Do the job."""
    parent, job_file, content_file = map(int, sys.argv[1:4])
    answers = os.fdopen(os.dup(1), "wb")
    # what libraries print is not to end up in the answer
    os.dup2(2, 1)
    with os.fdopen(job_file, "rb") as file:
        job = json.load(file)
    held = confine(job["limits"], parent)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(3000)
    with os.fdopen(content_file, "rb") as file:
        content = file.read()
    said, parts = _done(job, content)
    header = json.dumps({**said, "confined": held, "sizes": [len(part) for part in parts]}).encode()
    answers.write(len(header).to_bytes(8, "little"))
    answers.write(header)
    for part in parts:
        answers.write(part)
    answers.flush()
    # nothing is left to tidy up, and what libraries do at their end is not needed
    os._exit(0)


def _done(job: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[bytes]]:
    from turnout.importing import restoring
    from turnout.importing.converting import converted

    try:
        if job["do"] == "restore":
            return {"answer": {}}, [restoring.restored(content, job["source_format"])]
        answer, parts = converted(content, job)
    except Refused as reason:
        return {"refused": str(reason)}, []
    except MemoryError:
        return {"refused": f"it takes over {job['limits']['memory_bytes']:,} bytes of memory"}, []
    except RecursionError:
        return {"refused": "it is nested deeper than any model is"}, []
    except Exception as error:
        # whatever a library raises over what it is given is the file's fault, until shown otherwise
        told = " ".join(str(error).split("Stack trace")[0].split())[:500]
        return {"refused": f"{type(error).__name__}: {told}"}, []
    return {"answer": answer}, parts
