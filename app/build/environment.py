"""The project's own Python environment ``.venv``: made once, brought up to date when a requirements file changes.

Standard library only. Packages are installed with the hashes of the lock files and never built from source. ``uv`` is
used because it takes seconds where ``pip`` takes most of a minute; where it fails ``pip`` does the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PIP = [str(PYTHON), *"-m pip install --quiet --require-hashes --only-binary :all: -r".split()]
UV = [str(PYTHON), *"-m uv pip install --quiet --require-hashes --no-build --python".split(), str(PYTHON), "-r"]
LOCKS = {"run": "requirements.txt", "test": "requirements-dev.txt"}


class Missing(Exception):
    """Something that this machine lacks; the text says what it is and how to get it."""


def say(text: str) -> None:
    """Tell the person at the terminal one thing, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def is_root() -> bool:
    """Whether system packages may be installed without asking anyone."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install_system_package(package: str, purpose: str) -> None:
    """Install a Debian package as root. Raises ``Missing`` with the command to type where that is not possible."""
    advice = f"{purpose}: please run `sudo apt-get install {package}` and try again"
    if not is_root() or not shutil.which("apt-get"):
        raise Missing(advice)
    say(f"  installing the system package {package} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for command in ([*quiet, "update"], [*quiet, "install", "-y", "--no-install-recommends", package]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Missing(f"{advice}\n  apt-get said: {(done.stderr or done.stdout).strip()[-400:]}")


def child_environment(**extra: str) -> dict[str, str]:
    """The environment of every tool: from anywhere, with an unwritable or missing home, without a terminal.

    Compiled modules are kept in build/, also where ``PYTHONDONTWRITEBYTECODE`` is set: without them each of the many
    processes of a test run compiles every library again, which takes it some seconds.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "pycache")
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        environment.pop(name, None)
    home = environment.get("HOME")
    if not home or not os.access(home, os.W_OK | os.X_OK):
        spare = ROOT / "build" / "home"
        spare.mkdir(parents=True, exist_ok=True)
        environment["HOME"] = str(spare)
    return {**environment, **extra}


def fingerprint(lock: Path) -> str:
    """What an installed environment is compared with: the lock file and the Python it was made for."""
    version = ".".join(map(str, sys.version_info[:3]))
    return hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()


def locked(lock_text: str, package: str) -> str:
    """The lines of one package, with its hashes, from the text of a lock file. Raises ``KeyError`` when not there."""
    found = re.search(rf"^{re.escape(package)}==(?:.*\\\n)*.*\n?", lock_text, re.MULTILINE)
    if not found:
        raise KeyError(package)
    return found[0]


def ready(purpose: str) -> bool:
    """Whether ``.venv`` holds what the lock file of ``purpose`` (``run`` or ``test``) says, without asking anyone."""
    stamp = VENV / f"installed-{purpose}"
    return PYTHON.exists() and stamp.is_file() and stamp.read_text() == fingerprint(ROOT / LOCKS[purpose])


def ensure(purpose: str) -> None:
    """Make ``.venv`` hold what ``purpose`` needs. Raises ``Missing`` in words when the machine does not allow it."""
    if ready(purpose):
        return
    if not _works():
        _create()
    say(f"Installing the pinned packages of {LOCKS[purpose]} ...")
    lock = ROOT / LOCKS[purpose]
    if not _install_with_uv(lock) and not _install_with_pip(lock):
        raise Missing(
            "The packages could not be installed (see above). Is a Python package index reachable? "
            "A proxy or a mirror is set as usual for pip."
        )
    for name in ("run", "test") if purpose == "test" else ("run",):
        # the lock of the tests contains the lock of the product, line for line
        (VENV / f"installed-{name}").write_text(fingerprint(ROOT / LOCKS[name]))


def _works() -> bool:
    """Whether ``.venv`` is there, has pip, and belongs to this version of Python."""
    if not PYTHON.exists():
        return False
    code = "import sys, pip; print(*sys.version_info[:3], sep='.')"
    done = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, env=child_environment())
    return done.stdout.strip() == ".".join(map(str, sys.version_info[:3]))


def _create() -> None:
    say("Making the Python environment .venv ...")
    if not _can_make_environments():
        install_system_package("python3-venv", f"{sys.executable} has no module to make environments with (ensurepip)")
        if not _can_make_environments():
            raise Missing(f"{sys.executable} is not Debian's Python and lacks ensurepip: use /usr/bin/python3 dev.py")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, env=child_environment())
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Missing(
            f"The Python environment could not be made in {VENV}. On Debian: `sudo apt-get install python3-venv`.\n"
            f"  Python said: {(done.stderr or done.stdout).strip()[-400:]}"
        )


def _can_make_environments() -> bool:
    return subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0


def _run(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode == 0


def _install_with_uv(lock: Path) -> bool:
    environment = child_environment()
    cache = Path(environment.get("UV_CACHE_DIR") or environment.get("XDG_CACHE_HOME") or environment["HOME"]) / ".cache"
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        environment["UV_CACHE_DIR"] = str(ROOT / "build" / "uv-cache")
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(locked((ROOT / LOCKS["test"]).read_text(), "uv"))
        if not _run([*PIP, str(only_uv)], environment):
            return False
    return _run([*UV, str(lock)], environment)


def _install_with_pip(lock: Path) -> bool:
    say("  once more with pip, which takes longer ...")
    return _run([*PIP, str(lock)], child_environment())
