"""``flask ledger`` and ``flask settlement``: the quarter on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.words import in_words

ledger = AppGroup("ledger", help="The ledger.")
settlement = AppGroup("settlement", help="Settlements of quarters and their archives.")


@ledger.command("verify")
@in_words
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
@in_words
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
@in_words
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
@in_words
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
@in_words
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
