"""Commands of an installation: ``flask audit verify``, ``flask backup FILE``, ``flask seed`` … (README, runbook)."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app import startup
from app.cli.contracts import contract
from app.cli.quarters import ledger, settlement
from app.cli.words import in_words

audit = AppGroup("audit", help="The audit log.")
keys = AppGroup("keys", help="Field encryption keys.")
users = AppGroup("users", help="Accounts.")
areas = AppGroup("areas", help="Division codes.")


@audit.command("head")
@in_words
def audit_head() -> None:
    """Print number and hash of the last entry: keep it outside this machine, ``audit verify --head`` takes it."""
    from app.core.audit import head

    click.echo("{}:{}".format(*head()))


@audit.command("verify")
@click.option("--head", "heads", multiple=True, help="A head noted earlier (from `flask audit head`); may be repeated.")
@in_words
def audit_verify(heads: tuple[str, ...]) -> None:
    """Walk the audit chain; exit 1 and name the first altered, missing or reordered entry.

    The heads that each approval of a settlement noted have to occur, and so do those given.
    """
    from app.core.audit import verify
    from app.settlement.queries import noted_heads

    given = {head.rpartition(":")[2].strip(): f"as {head.rpartition(':')[0] or 'given'}" for head in heads}
    count, finding = verify({**noted_heads(), **given})
    if finding is not None:
        click.echo(f"audit log broken at entry {finding.seq}: {finding.problem}")
        sys.exit(1)
    click.echo(f"audit log intact: {count} entries")


@keys.command("create")
@in_words
def keys_create() -> None:
    """Make the key file of a new installation; refused when there is one or when the database knows other keys."""
    from app.core.rotation import create_keys

    create_keys()
    click.echo(
        f"{current_app.extensions['settings'].keyring_path} made; keep a copy away from the database and its backups"
    )


@keys.command("rotate")
@click.option("--batch", default=500, show_default=True, help="Rows per transaction.")
@in_words
def keys_rotate(batch: int) -> None:
    """Make a new key and move every encrypted field to it; may be stopped and started again."""
    from app.core.rotation import rotate

    for name, moved in rotate(batch=batch):
        click.echo(f"{name}: {moved}")


@keys.command("retire")
@click.argument("key_id", type=int)
@in_words
def keys_retire(key_id: int) -> None:
    """Remove an old key; refused while any row still needs it."""
    from app.core.rotation import retire

    retire(key_id)
    click.echo(f"key {key_id} removed")


@users.command("create-admin")
@click.option("--role", required=True, type=click.Choice(["system_admin", "security_admin"]))
@click.option("--username", required=True)
@click.option("--name", required=True, help="Whose account it is.")
@click.option("--reason", default="", help="Needed when there is a working account of this role already.")
@in_words
def users_create_admin(role: str, username: str, name: str, reason: str) -> None:
    """Make the first system or security administrator (two people!) and print a one-time password.

    All other accounts are made and confirmed by these two on their pages.
    """
    from app.auth.operations import create_administrator
    from app.auth.roles import system_actor
    from app.core.actor import Role

    _user, password = create_administrator(
        system_actor("command line"), username=username, name=name, role=Role(role), reason=reason
    )
    click.echo(f"one-time password of {username}, to be changed within 72 hours: {password}")


@areas.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_words
def areas_load(file: Path) -> None:
    """Load division codes (code,name,parent,level); may be repeated."""
    from app.auth.roles import system_actor
    from app.places.operations import load_csv

    click.echo(f"{load_csv(system_actor(), file)} areas")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@in_words
def backup_command(file: Path) -> None:
    """Write a verified, encrypted backup; works while the product serves."""
    from app.core.backup import backup

    summary = backup(file)
    click.echo(f"backup of {summary['rows']} rows at schema {summary['revision']} written to {file}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
@in_words
def restore_command(file: Path) -> None:
    """Put a backup back, everything or nothing; then check the audit chain. Stop server and scheduler first."""
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
@in_words
def seed_command(residents: int, quarters: int, seed_: int, today_: str | None, if_empty: bool) -> None:
    """Fill an empty database with the demo county: invented people, every role with an account."""
    from app.core.backup import start_over
    from app.demo.seed import already_filled, interrupted, seed

    if current_app.extensions["settings"].production:
        click.echo("The demo county has published passwords and does not belong into production.", err=True)
        sys.exit(1)
    if interrupted():
        click.echo("an earlier seeding was interrupted: its half county is removed")
        start_over()
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
@in_words
def scheduler_command() -> None:
    """Run the scheduled jobs until stopped."""
    from app.scheduler import serve

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's documented way out
    startup.check(app)
    serve(lambda: [app])


@click.command("check")
@with_appcontext
def check_command() -> None:
    """Say whether this installation may serve, and every reason against it; exit 1 when there is one."""
    found = startup.problems()
    for problem in found:
        click.echo(problem)
    if found:
        sys.exit(1)
    click.echo("ready to serve")


COMMANDS: tuple[click.Command, ...] = (
    audit,
    ledger,
    settlement,
    keys,
    users,
    areas,
    contract,
    backup_command,
    restore_command,
    seed_command,
    demo_accounts_command,
    scheduler_command,
    check_command,
)
"""Every command of one county."""


def init_cli(app: Flask) -> None:
    """Attach every command."""
    for command in COMMANDS:
        app.cli.add_command(command)
