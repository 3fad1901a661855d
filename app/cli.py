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
from sqlalchemy.exc import SQLAlchemyError

from app import startup
from app.contracts.rules import State
from app.core.crypto import KeyringError
from app.core.db import storage_status
from app.core.errors import DomainError
from app.core.sealing import SealError
from app.startup import NotReady


def _in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say what a rule refused in one line and exit 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (DomainError, KeyringError, SealError, NotReady) as error:
            for line in [str(error), *getattr(error, "errors", {}).values()]:
                click.echo(line, err=True)
            sys.exit(1)
        except (SQLAlchemyError, OSError) as error:
            if storage_status(error) is None and not isinstance(error, PermissionError):
                raise
            click.echo(f"The store cannot be used: {getattr(error, 'orig', error)}. Nothing was changed.", err=True)
            sys.exit(1)

    return run


audit = AppGroup("audit", help="The audit log.")
ledger = AppGroup("ledger", help="The ledger.")
settlement = AppGroup("settlement", help="Settlements of quarters and their archives.")
keys = AppGroup("keys", help="Field encryption keys.")
users = AppGroup("users", help="Accounts.")
contract = AppGroup("contract", help="Seven-party contracts.")
areas = AppGroup("areas", help="Division codes.")


@audit.command("head")
@_in_words
def audit_head() -> None:
    """Print number and hash of the last entry: keep it outside this machine, ``audit verify --head`` takes it."""
    from app.core.audit import head

    click.echo("{}:{}".format(*head()))


@audit.command("verify")
@click.option("--head", "heads", multiple=True, help="A head noted earlier (from `flask audit head`); may be repeated.")
@_in_words
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


@ledger.command("verify")
@_in_words
def ledger_verify() -> None:
    """Prove lines = statements = ledger; exit 1 and list what does not agree."""
    from app.core.transaction import snapshot
    from app.settlement.queries import verify_ledger

    with snapshot():
        findings = verify_ledger()
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"ledger: {len(findings)} findings")
        sys.exit(1)
    click.echo("ledger intact: lines, statements and postings agree")


@settlement.command("list")
@click.option("--state", default=None, help="Only settlements in this state, for example closed.")
@click.option("--quarters", is_flag=True, help="Only the quarters, one a line.")
@_in_words
def settlement_list(state: str | None, quarters: bool) -> None:
    """List settlements, oldest first: quarter, township, state, lines, yuan to pay."""
    from app.auth.roles import system_actor
    from app.core.money import format_yuan
    from app.settlement.models import SettlementState
    from app.settlement.queries import listed

    if state is not None and state not in set(SettlementState):
        click.echo(f"no such state: {state} ({', '.join(SettlementState)})", err=True)
        sys.exit(1)
    rows = listed(system_actor("command line"), SettlementState(state) if state else None)
    if quarters:
        for quarter in dict.fromkeys(row.quarter for row in rows):
            click.echo(quarter)
        return
    for row in rows:
        click.echo(
            f"{row.quarter}  {row.area_code}  {row.state}  {row.lines_count} lines  {format_yuan(row.pay_fen)}  {row.area.name}"
        )


@settlement.command("draw")
@click.argument("quarter")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the draw as a file.")
@_in_words
def settlement_draw(quarter: str, file: Path | None) -> None:
    """Draw the spot checks of a quarter again and compare; exit 1 when they are not those that were drawn."""
    import json

    from app.settlement.draw_spot_checks import problems
    from app.settlement.queries import draw_file, draw_of

    row = draw_of(quarter)
    if row is None or row.drawn_at is None:
        click.echo(f"{quarter}: nothing is drawn", err=True)
        sys.exit(1)
    data = draw_file(row)
    if file is not None:
        file.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), "utf-8")
    found = problems(data)
    for problem in found:
        click.echo(problem)
    if found:
        sys.exit(1)
    click.echo(f"{quarter}: {len(row.drawn)} of {len(row.frame)} contracts, drawn again from seed {row.seed}")
    click.echo(" ".join(str(c) for c in row.drawn))


@settlement.command("calculate")
@click.argument("quarter")
@click.option("--again", is_flag=True, help="Ask for every township anew instead of going on with what was stopped.")
@_in_words
def settlement_calculate(quarter: str, again: bool) -> None:
    """Calculate every township of QUARTER that is not submitted, one line each. May be stopped and started again: it goes on where
    it stopped. Exit 1 when a township was refused.
    """
    from app.auth.roles import system_actor
    from app.core.money import format_yuan
    from app.core.transaction import end_reading
    from app.settlement import operations, queries

    actor = system_actor("command line")
    if again or queries.calculation_under_way(actor) != quarter:
        end_reading()
        operations.open_quarter(actor, quarter)
        operations.ask_all(actor, quarter)
    total, refused = len(queries.calculations(actor, quarter)), 0
    done = sum(row.asked_at is None for row in queries.calculations(actor, quarter))
    for step in operations.calculate_asked(actor, quarter):
        done += 1
        row = queries.settlement(actor, step.settlement_id)
        refused += step.problem is not None
        words = step.problem or (
            f"{row.lines_count} lines, {row.blocked_count} blocked, {format_yuan(row.pay_fen)}"
            + ("" if step.changed else ", unchanged")
        )
        click.echo(f"{done}/{total}  {row.area_code}  {words}")
        end_reading()
    click.echo(f"{quarter}: {done} of {total} townships done, {refused} refused")
    if refused:
        sys.exit(1)


@settlement.command("archive")
@click.argument("quarter")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_in_words
def settlement_archive(quarter: str, file: Path) -> None:
    """Write the archive of a quarter's closed settlements; the same bytes at any time. verify_settlement.py proves it."""
    from app.auth.roles import system_actor
    from app.settlement.queries import archive

    found = archive(system_actor("command line"), quarter)
    if found is None:
        click.echo(f"{quarter}: no settlement is closed", err=True)
        sys.exit(1)
    file.write_bytes(found.data)
    click.echo(f"{quarter}: {found.settlements} closed settlements, {len(found.data)} bytes written to {file}")
    if found.open_areas:
        click.echo(f"not closed yet and not in it: {', '.join(found.open_areas)}")


@keys.command("create")
@_in_words
def keys_create() -> None:
    """Make the key file of a new installation; refused when there is one or when the database knows other keys."""
    from app.core.rotation import create_keys

    create_keys()
    click.echo(
        f"{current_app.extensions['settings'].keyring_path} made; keep a copy away from the database and its backups"
    )


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


@users.command("create-admin")
@click.option("--role", required=True, type=click.Choice(["system_admin", "security_admin"]))
@click.option("--username", required=True)
@click.option("--name", required=True, help="Whose account it is.")
@click.option("--reason", default="", help="Needed when there is a working account of this role already.")
@_in_words
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
@_in_words
def areas_load(file: Path) -> None:
    """Load division codes (code,name,parent,level); may be repeated."""
    from app.auth.roles import system_actor
    from app.places.operations import load_csv

    click.echo(f"{load_csv(system_actor(), file)} areas")


@contract.command("list")
@click.option("--state", type=click.Choice([s.value for s in State]), help="Only contracts in this state.")
@click.option("--numbers", is_flag=True, help="Nothing but the numbers, one a line.")
@_in_words
def contract_list(state: str | None, numbers: bool) -> None:
    """Print contracts in the order of their numbers: number, state, first day, last day. No names."""
    from app.contracts.queries import printed_list

    for number, standing, first, last in printed_list(State(state) if state else None):
        click.echo(number if numbers else f"{number}  {standing.value:<9}  {first}  {last}")


@contract.command("export")
@click.argument("number")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_in_words
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
@_in_words
def contract_verify(file: Path) -> None:
    """Say whether FILE is a contract sealed here and unchanged to the last byte; exit 1 and why when it is not."""
    from app.contracts.queries.seals import check_file

    number, problem = check_file(file.read_bytes())
    if problem is not None:
        click.echo(f"{file}: {problem}")
        sys.exit(1)
    click.echo(f"{file}: contract {number}, sealed here and unchanged")


@contract.command("create-seal")
@_in_words
def contract_create_seal() -> None:
    """Make key and certificate of a seal of this installation's own, unless the seal file is there already."""
    file = current_app.extensions["seal"]
    if file.path.exists():
        click.echo(f"{file.path} exists already", err=True)
        sys.exit(1)
    file.create()
    click.echo(f"{file.path} made; its root certificate is the last one in it; keep a copy away from this machine")


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
@_in_words
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
@_in_words
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
