"""Setting up: what decides whether something is installed, and what is said when it cannot be."""

import re

import pytest

from app.build import environment


def _pinned(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z]+\])?==([^\s;\\]+)", text, re.MULTILINE))


def _lock(purpose: str) -> str:
    return (environment.ROOT / environment.LOCKS[purpose]).read_text("utf-8")


def test_the_tests_run_with_exactly_the_packages_of_the_product():
    product, tests = _pinned(_lock("run")), _pinned(_lock("test"))
    assert product
    assert {name: tests.get(name) for name in product} == product


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_is_made_from_the_wishes_and_pins_each_exactly(name: str):
    wishes = (environment.ROOT / f"{name}.in").read_text("utf-8")
    asked = [line for line in wishes.splitlines() if line and not line.startswith(("#", "-r"))]
    assert all("==" in line for line in asked)
    locked = _pinned((environment.ROOT / f"{name}.txt").read_text("utf-8"))
    assert _pinned(wishes).items() <= locked.items()


@pytest.mark.parametrize("purpose", environment.LOCKS)
def test_a_lock_names_no_address_and_hashes_everything(purpose: str):
    text = _lock(purpose)
    assert "://" not in text
    assert "--index" not in text
    for package in _pinned(text):
        assert "--hash=sha256:" in environment.locked(text, package)


def test_one_package_is_cut_out_of_a_lock_with_all_its_hashes():
    text = "uuid==1 \\\n    --hash=0\nuv==2 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\nzz==3 \\\n    --hash=c\n"
    assert environment.locked(text, "uv") == "uv==2 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\n"
    with pytest.raises(KeyError):
        environment.locked(text, "u")


def test_a_changed_lock_is_noticed(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    before = environment.fingerprint(lock)
    lock.write_text("a==2")
    assert environment.fingerprint(lock) != before


def test_an_ordinary_user_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(environment, "is_root", lambda: False)
    with pytest.raises(environment.Missing, match="sudo apt-get install chromium"):
        environment.install_system_package("chromium", "The browser journeys need Chromium")


def test_an_unwritable_home_is_replaced(monkeypatch):
    monkeypatch.setenv("HOME", "/nonexistent")
    assert environment.child_environment()["HOME"] == str(environment.ROOT / "build" / "home")


def test_settings_of_pip_that_install_elsewhere_do_not_reach_the_tools(monkeypatch):
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    assert "PIP_TARGET" not in environment.child_environment()


def test_modules_are_compiled_once_and_beside_no_source(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environ = environment.child_environment()
    assert "PYTHONDONTWRITEBYTECODE" not in environ
    assert environ["PYTHONPYCACHEPREFIX"].startswith(str(environment.ROOT / "build"))
