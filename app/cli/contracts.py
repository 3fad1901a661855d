"""``flask contract``: contracts and their seal on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.words import in_words
from app.contracts.rules import State

contract = AppGroup("contract", help="Seven-party contracts.")


@contract.command("list")
@click.option("--state", type=click.Choice([s.value for s in State]), help="Only contracts in this state.")
@click.option("--numbers", is_flag=True, help="Nothing but the numbers, one a line.")
@in_words
def contract_list(state: str | None, numbers: bool) -> None:
    """Print contracts in the order of their numbers: number, state, first day, last day. No names."""
    from app.contracts.queries import printed_list

    for number, standing, first, last in printed_list(State(state) if state else None):
        click.echo(number if numbers else f"{number}  {standing.value:<9}  {first}  {last}")


@contract.command("export")
@click.argument("number")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@in_words
def contract_export(number: str, file: Path) -> None:
    """Write the sealed PDF of contract NUMBER to FILE: the same bytes each time. Exit 1 in words for an unknown number or a
    contract that never came in force.
    """
    from app.auth.roles import system_actor
    from app.contracts.documents import sealed_pdf
    from app.contracts.queries import by_number
    from app.core.errors import NotFound

    actor = system_actor("command line")
    try:
        row = by_number(actor, number)
    except NotFound:
        click.echo(f"There is no contract {number} here.", err=True)
        sys.exit(1)
    data = sealed_pdf(actor, row)
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_bytes(data)
    temporary.replace(file)
    click.echo(f"{number}: {len(data)} bytes, SHA-256 {row.seal.sha256 if row.seal else ''}, written to {file}")


@contract.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_words
def contract_verify(file: Path) -> None:
    """Say whether FILE is a contract sealed here and unchanged to the last byte; exit 1 and why when it is not."""
    from app.contracts.queries.seals import check_file

    number, problem = check_file(file.read_bytes())
    if problem is not None:
        click.echo(f"{file}: {problem}")
        sys.exit(1)
    click.echo(f"{file}: contract {number}, sealed here and unchanged")


@contract.command("create-seal")
@in_words
def contract_create_seal() -> None:
    """Make key and certificate of a seal of this installation's own, unless the seal file is there already."""
    file = current_app.extensions["seal"]
    if file.path.exists():
        click.echo(f"{file.path} exists already", err=True)
        sys.exit(1)
    file.create()
    click.echo(f"{file.path} made; its root certificate is the last one in it; keep a copy away from this machine")
