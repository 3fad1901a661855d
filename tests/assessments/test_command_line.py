"""The command line, as a person or another program meets it; and what importing the package loads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assessments.cli import MAX_BYTES, main
from tests.assessments.sheets import sheet

ROOT = Path(__file__).parents[2]


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "assessments", *arguments], input=given, capture_output=True, cwd=ROOT, timeout=60
    )


class Terminal:
    """Standard streams of one call of the command line inside this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.out, self.err = io.BytesIO(), io.BytesIO()

    def __call__(self, *arguments: str, given: bytes = b"") -> tuple[int, list[Any]]:
        self.out, self.err = io.BytesIO(), io.BytesIO()
        self._patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given)))
        self._patch.setattr(sys, "stdout", SimpleNamespace(buffer=self.out, flush=lambda: None))
        self._patch.setattr(sys, "stderr", SimpleNamespace(buffer=self.err, flush=lambda: None))
        code = main(arguments)
        return code, [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


def test_one_sheet_in_one_result_out() -> None:
    given = sheet("selfcare30@1", answers={"2.1": "A2"})
    done = run("score", "-", given=json.dumps(given).encode())
    assert done.returncode == 0
    assert done.stderr == b""
    found = json.loads(done.stdout)
    assert (found["total"], found["unmet"], found["proposed_grade"]) == (95, 1, 2)


def test_lines_are_answered_as_they_come() -> None:
    command = [sys.executable, "-m", "assessments", "score", "-", "--lines"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(2):
            process.stdin.write(json.dumps(sheet("mzt039@2013")).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["total"] == 100
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    given = (json.dumps(sheet("mzt039@2013")).encode() + b"\n") * 200
    command = [sys.executable, "-m", "assessments", "score", "-", "--lines"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        try:
            process.stdin.write(given)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_importing_the_package_loads_neither_flask_nor_numpy() -> None:
    code = (
        "import sys; before = set(sys.modules); import assessments, assessments.cli; "
        "assessments.prove(assessments.load('selfcare30', '1')); "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60)
    assert done.stdout.decode().strip() == "['assessments']", done.stderr


def test_bulk_without_numpy_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import assessments.bulk"], capture_output=True, cwd=ROOT, timeout=60
    )
    assert done.returncode != 0
    assert b"assessments.bulk needs numpy" in done.stderr


def test_usage_is_explained() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert b"Exit codes" in done.stdout
    assert run().returncode == 2


def test_a_refused_sheet_is_exit_code_1(terminal: Terminal) -> None:
    code, (answer,) = terminal("score", "-", given=b'{"instrument": "selfcare30@1", "answers": {"1.1": "A9"}}')
    assert code == 1
    assert answer["error"]["problems"][0] == {
        "field": "answers.1.1", "code": "unknown_code",
        "zh": '1.1 取食入口 只能是 A0, A1, A2, A3, A4，不能是 "A9"',
        "en": '1.1 bring food to mouth must be one of A0, A1, A2, A3, A4, not "A9"',
    }  # fmt: skip
    assert "1.1" in terminal.err.getvalue().decode()


UNREADABLE = [
    (b"", "nothing in it"),
    (b"  \n", "nothing in it"),
    (b"{", "not JSON"),
    (b"{'a': 1}", "not JSON"),
    (b'{"a": 1} {"b": 2}', "not JSON"),
    (b"\xff\xfe{\x00}\x00", "not UTF-8"),
    (b'{"a": NaN}', "NaN"),
    (b'{"a": -Infinity}', "Infinity"),
    (b'{"a": 1, "b": {"c": 1, "c": 2}}', "c stands there twice"),
    (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
    (b"[" * 100_000, "nested too deeply"),
    (b" " * (MAX_BYTES + 1), "longer than"),
]


@pytest.mark.parametrize(("given", "words"), UNREADABLE, ids=[words for _, words in UNREADABLE])
def test_unreadable_input_is_exit_code_2_and_said_in_words(terminal: Terminal, given: bytes, words: str) -> None:
    code, (answer,) = terminal("score", "-", given=given)
    assert code == 2
    assert words in answer["error"]["problems"][0]["en"]
    assert words in terminal.err.getvalue().decode()


@pytest.mark.parametrize("given", [b"[]", b"1", b"null", b'"x"', b"true"])
def test_json_that_is_no_sheet_is_refused(terminal: Terminal, given: bytes) -> None:
    code, (answer,) = terminal("score", "-", given=given)
    assert (code, answer["error"]["problems"][0]["code"]) == (1, "wrong_type")


def test_hostile_names_and_numbers_are_shown_safely(terminal: Terminal) -> None:
    given = b'{"instrument": "mzt039@2013", "scope": "B.1", "answers": {"\\ud800": 1, "B.1.1": 1e999, "B.1.2": 1e400}}'
    code, (answer,) = terminal("score", "-", given=given)
    assert code == 1
    assert answer["error"]["problems"][-1]["field"] == "answers.\\ud800"


def test_a_byte_order_mark_is_accepted(terminal: Terminal) -> None:
    code, (answer,) = terminal("score", "-", given=b"\xef\xbb\xbf" + json.dumps(sheet("mzt039@2013")).encode())
    assert (code, answer["total"]) == (0, 100)


def test_each_line_has_one_answer(terminal: Terminal) -> None:
    good = json.dumps(sheet("mzt039@2013")).encode()
    lines = [b"\xef\xbb\xbf" + good, b"", b"{", good + b"\r", b"[1]", b" " * (3 * MAX_BYTES), good]
    code, answers = terminal("score", "-", "--lines", given=b"\n".join(lines))
    assert code == 1
    assert [answer.get("total") for answer in answers] == [100, None, None, 100, None, None, 100]
    assert [answer["error"]["line"] for answer in answers if "error" in answer] == [2, 3, 5, 6]
    assert terminal("score", "-", "--lines", given=good + b"\n")[0] == 0
    assert terminal("score", "-", "--lines") == (0, [])


def test_a_file_is_read(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "sheet.json"
    path.write_text(json.dumps(sheet("mzt039@2013")), "utf-8")
    assert terminal("score", str(path))[0] == 0
    code, (answer,) = terminal("explain", str(path))
    assert (code, answer["grade"], answer["more_care"]["size"]) == (0, 1, 1)


@pytest.mark.parametrize("name", ["absent.json", ""])
def test_a_file_that_cannot_be_read_is_exit_code_2(terminal: Terminal, tmp_path: Path, name: str) -> None:
    assert terminal("score", str(tmp_path / name)) == (2, [])
    assert "cannot read" in terminal.err.getvalue().decode()


def test_proofs_on_the_command_line(terminal: Terminal) -> None:
    code, (proof,) = terminal("prove", "selfcare30@1", "--json")
    assert (code, proof["ok"]) == (0, True)
    code, (proof,) = terminal("prove", "mzt039@2013-raw", "--json")
    assert (code, len(proof["gaps"]), len(proof["overlaps"])) == (1, 9, 60)
    for name in ("selfcare30@9", "selfcare30", "caregrade@2021", "../x@1"):
        assert terminal("prove", name)[0] == 2


def test_the_raw_wording_is_reported_in_words() -> None:
    done = run("prove", "mzt039@2013-raw")
    assert done.returncode == 1
    report = done.stdout.decode().splitlines()
    assert {"gaps: 9", "overlaps: 60", "  mixes_with_one_level = 187"} <= set(report)
    assert "  no rule holds for the mix 0/0/0/3 / 组合 0/0/0/3 没有规则" in report


def test_the_shipped_instruments_are_listed() -> None:
    lines = run("list").stdout.decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == [
        "gbt42195@2022", "ltci@2021", "mzt039@2013-raw", "mzt039@2013", "selfcare30@1", "caregrade@2021"
    ]  # fmt: skip
