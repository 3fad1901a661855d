"""The command everyone types: its arguments, and its words when something is in the way."""

import signal
import socket
import subprocess
import sys

import pytest

import dev
from app.build.environment import Missing


def test_paths_and_options_of_pytest_pass_through():
    options = dev.arguments_of(["test", "-k", "fen", "tests/core", "--only", "pure"])
    assert options.pytest == ["-k", "fen", "tests/core"]
    assert options.only == "pure"


def test_what_run_does_not_know_is_refused(capsys):
    with pytest.raises(SystemExit):
        dev.arguments_of(["run", "--fast"])
    assert "unknown: --fast" in capsys.readouterr().err


def test_a_port_in_use_is_said_in_words(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(Missing, match="is in use"):
            dev.port()


@pytest.mark.parametrize("value", ["web", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said_in_words(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(Missing, match="PORT must be a number"):
        dev.port()


def test_the_port_is_8000_when_none_is_asked_for(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setattr(socket.socket, "bind", lambda self, address: None)
    assert dev.port() == 8000


def test_a_data_folder_that_cannot_be_written_is_said_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    dev.data_folder()
    assert (tmp_path / "new").is_dir()
    monkeypatch.setattr(dev.os, "access", lambda place, mode: False)  # root may write everywhere
    with pytest.raises(Missing, match="may not be written by this account"):
        dev.data_folder()


def test_the_tools_of_the_first_minute_need_nothing_installed():
    code = "import sys; sys.path.insert(0, '.'); import dev; print(sorted({m.split('.')[0] for m in sys.modules}))"
    command = [sys.executable, "-I", "-S", "-c", code]  # no packages of the environment
    done = subprocess.run(command, cwd=dev.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_part_ends_when_the_command_is_killed(tmp_path):
    """Kill -9 of the command leaves no server behind."""
    code = (
        "import dev, signal, sys, time\n"
        "child = dev.start([sys.executable, '-c', 'import time; time.sleep(60)'], signal.SIGINT)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, cwd=dev.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert _ended(child)


def _ended(pid: int) -> bool:
    """Whether the process is gone, or a zombie that nobody has collected yet, within ten seconds."""
    import time
    from pathlib import Path

    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False
