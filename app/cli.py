"""Commands of an installation: ``flask audit verify``, ``flask backup FILE``, ``flask seed`` … (README, runbook)."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.core.errors import DomainError


def _in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say what a rule refused in one line and exit 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            click.echo(error.message, err=True)
            sys.exit(1)

    return run


audit = AppGroup("audit", help="The audit log.")
ledger = AppGroup("ledger", help="The ledger.")
keys = AppGroup("keys", help="Field encryption keys.")
areas = AppGroup("areas", help="Division codes.")


@audit.command("verify")
@_in_words
def audit_verify() -> None:
    """Walk the audit chain; exit 1 and name the first altered, missing or reordered entry."""
    from app.core.audit import verify

    count, finding = verify()
    if finding is not None:
        click.echo(f"audit log broken at entry {finding.seq}: {finding.problem}")
        sys.exit(1)
    click.echo(f"audit log intact: {count} entries")


@ledger.command("verify")
@_in_words
def ledger_verify() -> None:
    """Prove lines = statements = ledger; exit 1 and list what does not agree."""
    from app.settlement.queries import verify_ledger

    findings = verify_ledger()
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"ledger: {len(findings)} findings")
        sys.exit(1)
    click.echo("ledger intact: lines, statements and postings agree")


@keys.command("rotate")
@click.option("--batch", default=500, show_default=True, help="Rows per transaction.")
@_in_words
def keys_rotate(batch: int) -> None:
    """Make a new key and move every encrypted field to it; may be stopped and started again."""
    from app.core.rotation import rotate

    for name, moved in rotate(batch=batch):
        click.echo(f"{name}: {moved}")


@keys.command("retire")
@click.argument("key_id", type=int)
@_in_words
def keys_retire(key_id: int) -> None:
    """Remove an old key; refused while any row still needs it."""
    from app.core.rotation import retire

    retire(key_id)
    click.echo(f"key {key_id} removed")


@areas.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_in_words
def areas_load(file: Path) -> None:
    """Load division codes (code,name,parent,level); may be repeated."""
    from app.auth.roles import system_actor
    from app.places.operations import load_csv

    click.echo(f"{load_csv(system_actor(), file)} areas")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@_in_words
def backup_command(file: Path) -> None:
    """Write a verified, encrypted backup; works while the product serves."""
    from app.core.backup import backup

    summary = backup(file)
    click.echo(f"backup of {summary['rows']} rows at schema {summary['revision']} written to {file}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
@_in_words
def restore_command(file: Path) -> None:
    """Put a backup back, everything or nothing; then check the audit chain."""
    from app.core.audit import verify
    from app.core.backup import restore

    summary = restore(file)
    count, finding = verify()
    click.echo(f"restored {summary['rows']} rows made at {summary['made_at']}; audit log: {count} entries")
    if finding is not None:
        click.echo(f"audit log broken at entry {finding.seq}: {finding.problem}")
        sys.exit(1)


@click.command("seed")
@click.option("--residents", default=300, show_default=True, type=click.IntRange(20, 200_000))
@click.option("--quarters", default=2, show_default=True, type=click.IntRange(1, 12))
@click.option("--seed", "seed_", default=1, show_default=True, type=int)
@click.option("--today", "today_", default=None, help="Local date the demo ends on (YYYY-MM-DD); default: today.")
@click.option("--if-empty", is_flag=True, help="Do nothing when people are already in the database.")
@with_appcontext
@_in_words
def seed_command(residents: int, quarters: int, seed_: int, today_: str | None, if_empty: bool) -> None:
    """Fill an empty database with the demo county: invented people, every role with an account."""
    from app.demo.seed import already_filled, seed

    if current_app.extensions["settings"].production:
        click.echo("The demo county has published passwords and does not belong into production.", err=True)
        sys.exit(1)
    if already_filled():
        if if_empty:
            click.echo("people are already here: nothing seeded")
            return
        click.echo("The database already holds people; seed into an empty one.", err=True)
        sys.exit(1)
    today = dt.date.fromisoformat(today_) if today_ else None
    for line in seed(residents=residents, quarters=quarters, seed=seed_, today=today):
        click.echo(line)


@click.command("demo-accounts")
@with_appcontext
def demo_accounts_command() -> None:
    """Print the demo accounts of this database: one or two of each role, not the parties of each village."""
    from app.auth.queries import demo_accounts
    from app.demo.accounts import ACCOUNTS, PASSWORD

    shown = {name for name, _role, _organisation in ACCOUNTS}
    accounts = [account for account in demo_accounts() if account.username in shown]
    if not accounts:
        return
    width = max(len(a.username) for a in accounts)
    for account in accounts:
        click.echo(f"  {account.username:<{width}}  {PASSWORD}  {account.name}")


@click.command("scheduler")
@with_appcontext
def scheduler_command() -> None:
    """Run the scheduled jobs until stopped."""
    from app.scheduler import serve

    serve(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's documented way out


def init_cli(app: Flask) -> None:
    """Attach every command."""
    for group in (audit, ledger, keys, areas):
        app.cli.add_command(group)
    for command in (backup_command, restore_command, seed_command, demo_accounts_command, scheduler_command):
        app.cli.add_command(command)
