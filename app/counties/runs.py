"""One task for many counties, a few at a time, each in a process of its own.

A county that fails, or whose process dies, leaves the others as they are. Where a county stands is read from its own
tables, so an interrupted run is gone on with by starting it again.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from app.config import ConfigurationError, Settings
from app.core import clock
from app.core.counties import County, CountyError, folder_of
from app.core.crypto import KeyringError
from app.core.errors import DomainError
from app.counties.tasks import TASKS, Done

log = logging.getLogger(__name__)

NOTES = "runs.json"
"""In the folder of a county: what became of each task when it was last done."""


@dataclass(frozen=True)
class Outcome:
    """What became of one county."""

    county: County
    done: Done
    seconds: float


@dataclass
class _Worker:
    process: multiprocessing.process.BaseProcess
    answer: Connection
    county: County
    began: float


def each(settings: Settings, task: str, work: Sequence[tuple[County, Any]], jobs: int) -> Iterator[Outcome]:
    """Do ``task`` to every county of ``work`` (with its argument), ``jobs`` at a time; outcomes as they come."""
    waiting, running = list(reversed(work)), list[_Worker]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_start(settings, task, *waiting.pop()))
            wait([worker.answer for worker in running])
            for worker in [w for w in running if w.answer.poll()]:
                running.remove(worker)
                outcome = Outcome(worker.county, _answer(worker), time.monotonic() - worker.began)
                _note(settings, task, outcome)
                yield outcome
    finally:
        for worker in running:
            worker.process.terminate()


def _start(settings: Settings, task: str, county: County, argument: Any) -> _Worker:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_work, args=(settings, task, county, argument, theirs), daemon=True)
    began = time.monotonic()
    process.start()
    theirs.close()  # so that the end of the process is the end of the pipe
    return _Worker(process, ours, county, began)


def _answer(worker: _Worker) -> Done:
    try:
        done: Done = worker.answer.recv()
    except EOFError:
        worker.process.join()
        return Done("failed", f"its process ended without an answer (exit code {worker.process.exitcode})")
    worker.process.join()
    return done


def _work(settings: Settings, task: str, county: County, argument: Any, answer: Connection) -> None:
    """In the process of one county. What failed is said in words without the values of a statement."""
    try:
        done = TASKS[task](settings, county, argument)
    except (DomainError, CountyError, ConfigurationError, KeyringError) as error:
        done = Done("failed", " ".join([str(error), *getattr(error, "errors", {}).values()]))
    except Exception as error:  # whatever it is, it is this county's
        log.exception("%s of county %s failed", task, county.code)
        orig = getattr(error, "orig", None)
        done = Done("failed", f"{type(orig or error).__name__}: {str(orig or error).splitlines()[0][:200]}")
    answer.send(done)


def _note(settings: Settings, task: str, outcome: Outcome) -> None:
    folder = folder_of(settings.data_dir, outcome.county.code)
    if not folder.is_dir():
        return
    notes = notes_of(folder)
    notes[task] = {"at": clock.now().isoformat(), "result": outcome.done.result, "words": outcome.done.words}
    temporary = folder / f".{NOTES}"
    temporary.write_text(json.dumps(notes, ensure_ascii=False, indent=1), "utf-8")
    temporary.replace(folder / NOTES)


def notes_of(folder: Path) -> dict[str, dict[str, str]]:
    """What became of each task when it was last done to the county of ``folder``."""
    with suppress(FileNotFoundError, ValueError):
        found: dict[str, dict[str, str]] = json.loads((folder / NOTES).read_text("utf-8"))
        return found
    return {}
