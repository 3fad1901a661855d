"""README, runbook and the pages they lead to: accounts, commands, links and pictures are those that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from app.demo.accounts import ACCOUNTS, PASSWORD

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHINESE, ENGLISH = README.split("\n# English\n")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "instance" / "README.md"]


def commands(text: str) -> list[str]:
    """Lines that somebody types, without the prompt."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line[:2] in ("$ ", "# ")]


def test_both_languages_give_the_same_commands() -> None:
    assert commands(CHINESE) == commands(ENGLISH)
    assert len(commands(ENGLISH)) > 30


@pytest.mark.parametrize("half", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_both_languages_list_every_demo_account_and_the_password(half: str) -> None:
    listed = re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| .+\| `.+\| .+\|$", half, re.MULTILINE)))
    assert sorted(listed) == sorted(name for name, _role, _organisation in ACCOUNTS)
    assert f"`{PASSWORD}`" in half


def ours() -> Iterator[tuple[str, list[str]]]:
    """Commands of the product on all pages: ``yiheng …`` and ``flask …``."""
    for page in PAGES:
        for line in commands(page.read_text("utf-8")):
            words = shlex.split(line)
            words = words[1:] if words[0].startswith("COUNTY=") else words
            if words[0] in ("yiheng", "yiheng-drill", "flask"):
                yield f"{page.name}: {line}", words[1:]


@pytest.mark.parametrize("words", [w for _, w in ours()], ids=[name for name, _ in ours()])
def test_a_command_of_the_product_exists_with_its_options(app: Flask, words: list[str]) -> None:
    command: click.Command = app.cli
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, words
        command, words = found, words[1:]
    assert not isinstance(command, click.Group), words
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))
    own = [link for link in links if "://" not in link and not link.startswith(("#", "docs/screenshots/"))]
    assert [link for link in own if not (path.parent / link.split("#")[0]).exists()] == []


def test_files_that_the_deployment_copies_exist() -> None:
    named = re.findall(r"docs/deploy/[\w.-]+", README)
    assert {name for name in named if not (ROOT / name.rstrip(".")).exists()} == set()


def test_the_pictures_of_the_readme_are_exactly_those_that_are_kept() -> None:
    shown = set(re.findall(r"\]\(docs/screenshots/([\w.-]+)\)", README))
    kept = {path.name for path in (ROOT / "docs" / "screenshots").glob("*.png")}
    assert shown == {"home.png", "sheet.png", "contract.png", "settlement.png", "caregiver.png"}
    assert kept in (set(), shown)  # the journeys make them; a tree before its first journey has none
