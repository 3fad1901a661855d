"""Command line of the scorer.

``score FILE|-`` reads one sheet as a JSON object and writes its result as one JSON object; with ``--lines`` it reads
JSON Lines and writes one line for each line read, as they come. ``explain FILE|-`` writes the nearest other grades.
``prove CODE@VERSION`` examines an instrument. ``list`` names what is shipped. ``draw FILE --seed S`` draws the share
of a list that was to be scored twice, as the product drew it.

Exit codes: 0 done (and proved); 1 a sheet was refused, or the proof failed; 2 wrong usage, or the input cannot be
read (no such file, not UTF-8, not JSON, no such instrument). A refusal is written where the result would stand, as
``{"error": {"problems": [...]}}``; what a person needs to know also goes to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from assessments.draw import commitment, draw, fingerprint
from assessments.errors import InstrumentError, Problem, SheetError
from assessments.explain import explain
from assessments.loader import keys, load, load_grades, split_key
from assessments.proof import Proof, prove
from assessments.scoring import score

DONE, REFUSED, UNREADABLE = 0, 1, 2
MAX_BYTES = 1_000_000
"""No sheet is longer; a longer one is refused before it is parsed."""


class UnreadableInput(Exception):
    """The input is not one JSON object; the problem says why."""

    def __init__(self, zh: str, en: str, code: str = "not_json") -> None:
        self.problem = Problem("", code, zh, en)
        super().__init__(en)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away; what was written stands, and closing again must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except InstrumentError as error:
        _say(str(error))
        return UNREADABLE
    except OSError as error:
        _say(f"cannot read {error.filename or 'the input'}: {error.strerror}")
        return UNREADABLE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assessments",
        description="Score assessment sheets and prove instruments.",
        epilog="Exit codes: 0 done; 1 a sheet was refused or a proof failed; 2 wrong usage or unreadable input.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("score", help="score one sheet (JSON), or one on each line with --lines")
    command.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    command.add_argument("--lines", action="store_true", help="JSON Lines: one result line for each line read")
    command.set_defaults(run=_score)
    command = commands.add_parser("explain", help="the smallest changes that would move the proposed grade")
    command.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    command.set_defaults(run=_explain)
    command = commands.add_parser("prove", help="show that every possible sheet gets exactly one result")
    command.add_argument("instrument", metavar="CODE@VERSION")
    command.add_argument("--json", action="store_true", help="write the proof as one JSON object")
    command.set_defaults(run=_prove)
    command = commands.add_parser("draw", help="draw a share of a list again, by its published seed")
    command.add_argument("file", metavar="FILE", help="the frozen list, one entry a line, or - for standard input")
    command.add_argument("--seed", required=True, help="the seed that was opened after the list was closed")
    command.add_argument("--percent", type=int, default=10, help="the share drawn, rounded up (10)")
    command.set_defaults(run=_draw)
    command = commands.add_parser("list", help="name the shipped instruments")
    command.set_defaults(run=_list)
    return parser


def read_sheet(data: bytes) -> Any:
    """One JSON value from bytes; :class:`UnreadableInput` for anything that is not exact, plain JSON in UTF-8.

    A byte order mark is accepted. Refused in words: repeated keys, NaN and Infinity, numbers with thousands of digits,
    nesting without end.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableInput(f"超过 {MAX_BYTES} 字节", f"longer than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = error.start
        raise UnreadableInput(f"第 {place} 字节不是 UTF-8", f"byte {place} is not UTF-8") from None
    if not text.strip():
        raise UnreadableInput("内容为空", "there is nothing in it")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        zh = f"不是 JSON：第 {error.lineno} 行第 {error.colno} 列"
        raise UnreadableInput(zh, f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise UnreadableInput("嵌套过深", "nested too deeply") from None
    except ValueError:
        raise UnreadableInput("数字位数过多", "a number has too many digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])[:60]
        raise UnreadableInput(f"{twice} 出现两次", f"{twice} stands there twice", "duplicate")
    return found


def _constant(name: str) -> None:
    raise UnreadableInput(f"{name} 不是 JSON 数字", f"{name} is not a JSON number")


def _score(options: argparse.Namespace) -> int:
    if options.lines:
        return _score_lines(options.file)
    return _one_sheet(options.file, lambda sheet: score(sheet).as_dict())


def _explain(options: argparse.Namespace) -> int:
    return _one_sheet(options.file, lambda sheet: explain(sheet).as_dict())


def _one_sheet(name: str, work: Callable[[Any], dict[str, Any]]) -> int:
    with _opened(name) as source:
        data = source.read(MAX_BYTES + 1)
    answer, code = _answer(data, work)
    for problem in answer.get("error", {}).get("problems", ()):
        _say(f"{problem['zh']} / {problem['en']}")
    _write(answer)
    return code


def _score_lines(name: str) -> int:
    worst = DONE
    with _opened(name) as source:
        for number, line in enumerate(_lines(source), start=1):
            answer, code = _answer(line, lambda sheet: score(sheet).as_dict())
            if code != DONE:
                answer["error"]["line"] = number
                worst = REFUSED
            _write(answer)
    return worst


def _answer(data: bytes, work: Callable[[Any], dict[str, Any]]) -> tuple[dict[str, Any], int]:
    try:
        return work(read_sheet(data)), DONE
    except UnreadableInput as error:
        return {"error": {"problems": [error.problem.as_dict()]}}, UNREADABLE
    except SheetError as error:
        return {"error": error.as_dict()}, REFUSED


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, each at most a little longer than a sheet may be; the rest of a longer one is dropped."""
    while line := source.readline(MAX_BYTES + 2):
        ended = line.endswith(b"\n")
        yield line.rstrip(b"\r\n")
        while not ended:
            rest = source.readline(MAX_BYTES)
            ended = not rest or rest.endswith(b"\n")


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as source:
        yield source


def _write(answer: dict[str, Any]) -> None:
    line = json.dumps(answer, ensure_ascii=False, separators=(", ", ": "))
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def _prove(options: argparse.Namespace) -> int:
    proof = prove(load(*split_key(options.instrument)))
    if options.json:
        _write(proof.as_dict())
    else:
        for line in report(proof):
            _print(line)
    return DONE if proof.ok else REFUSED


def report(proof: Proof) -> list[str]:
    """A proof as lines a person can read."""
    verdict = "proved / 已证明" if proof.ok else "NOT proved / 未通过"
    lines = [f"{proof.instrument}: {verdict}", f"sha256 {proof.sha256}"]
    lines += [f"  {name} = {number:,}" for name, number in proof.counts.items()]
    for name in ("gaps", "overlaps", "unreachable", "non_monotone", "contradictions", "holes"):
        found = getattr(proof, name)
        lines.append(f"{name}: {len(found)}")
        lines += [f"  {finding.en} / {finding.zh}" for finding in found]
    return lines


def _draw(options: argparse.Namespace) -> int:
    with _opened(options.file) as source:
        entries = [line for line in source.read().decode("utf-8-sig", "replace").splitlines() if line.strip()]
    try:
        drawn = draw(entries, options.seed, options.percent)
    except ValueError as error:
        _say(str(error))
        return UNREADABLE
    _print(f"seed sha256 {commitment(options.seed)}")
    _print(f"list sha256 {fingerprint(entries)}")
    _print(f"{len(drawn)} of {len(entries)}")
    for entry in drawn:
        _print(entry)
    return DONE


def _list(_: argparse.Namespace) -> int:
    for key in keys("instrument", "wording"):
        instrument = load(*split_key(key))
        title = instrument.title
        _print(f"{key}\t{instrument.kind}\t{instrument.status}\t{title['zh']} / {title['en']}")
    for key in keys("grades"):
        _print(f"{key}\tgrades\t{len(load_grades(*split_key(key)).abilities)} abilities")
    return DONE


def _print(line: str) -> None:
    sys.stdout.buffer.write(line.encode("utf-8") + b"\n")


def _say(message: str) -> None:
    sys.stderr.buffer.write(f"{message}\n".encode("utf-8", "backslashreplace"))
    sys.stderr.flush()
