"""April to July: care recorded on a phone, the quarter scored, settled, approved, paid, closed; the slip."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from playwright.sync_api import Locator
from sqlalchemy import select

from app.settlement.verify_settlement import verify
from tests.journeys.grading import CARER, NAME
from tests.journeys.serving import Served
from tests.journeys.walking import House, Person, zh

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 6, 30)
RECORDED_TO = dt.date(2026, 6, 1)
"""From then on the caregiver was ill and nothing was recorded: the score falls into the band with ratio 0.85."""
POINTS = [("B1", "5", ""), ("B2", "5", ""), ("B3", "5", ""), ("C2", "2", "六月无照片和签名"), ("C3", "3", "")]


def live(people: House, county: Served) -> None:
    """Three months: the caregiver records on her phone, the village officer visits."""
    on = county.calendar.move_to
    on(FIRST, 19)
    with people.signing_in("caregiver_a", width=360) as carer:
        carer.station("19-caregiver-home")
        carer.open("/checklist")
        carer.sees(NAME)
        carer.station("20-caregiver-today")
        carer.press(carer.page.locator("main li.task button").first)
        carer.told(zh("Recorded for %(name)s.", name=NAME))
        carer.follow(zh("The whole day, other services, corrections"))
        carer.press(zh("Record it, and the rest as planned"))
        carer.told(zh("Recorded for %(name)s.", name=NAME))
    on(FIRST + dt.timedelta(days=1), 19)
    with people.signing_in("caregiver_a", width=360) as carer:
        carer.open("/checklist")
        carer.press(carer.page.locator("main a[href*='item=S01']"))
        carer.choose("outcome_S01", "not_done")
        carer.fill(reason_S01="family")
        carer.station("21-caregiver-checklist")
        carer.press(zh("Record it, and the rest as planned"))
        carer.told(zh("Recorded for %(name)s.", name=NAME))
    record_on(county, FIRST + dt.timedelta(days=2), RECORDED_TO)
    on(dt.date(2026, 4, 22), 15)
    with people.signing_in("village_officer_a", width=360) as visitor:
        visitor.open("/residents")
        visitor.follow(NAME)
        visitor.follow(zh("Record a visit"))
        visitor.page.get_by_text(zh("We talked for 15 minutes or more")).click()
        for question in ("clean", "skin", "steady"):
            visitor.choose(question, "1")
        visitor.choose("satisfaction", "4")
        visitor.choose("neighbour_view", "4")
        visitor.station("22-visit")
        visitor.press(zh("Save the visit"))
        visitor.sees(NAME)


def record_on(county: Served, first: dt.date, last: dt.date) -> None:
    """The same act as the phone's button, day by day: sixty taps would show nothing that two did not."""
    from app.auth.models import User
    from app.auth.sessions import actor_of
    from app.care.operations import record_day
    from app.care.queries import day_states
    from app.core.db import db
    from app.people.models import Resident

    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        county.calendar.move_to(day, 20)
        with county.inside():
            account = db.session.scalars(select(User).where(User.username == "caregiver_a")).one()
            resident = db.session.scalars(select(Resident)).unique().one()
            open_items = day_states([resident], day)[0].open
            record_day(actor_of(account), resident.id, day, {state.item: {"outcome": "done"} for state in open_items})
            db.session.remove()


def evaluate(people: House) -> None:
    """The township gives the points people give; one county officer notes the signed paper, another one confirms."""
    with people.signing_in("township_officer_a") as officer:
        officer.open("/evaluations")
        officer.press(zh("Make missing sheets"))
        officer.follow(CARER)
        officer.follow(zh("Score"))
        for line, points, reason in POINTS:
            officer.fill(**{f"points_{line}": points, f"reason_{line}": reason})
        officer.station("23-score")
        officer.press(zh("Submit the score"))
        officer.told(zh("Scored. The county confirms next."))
    with people.signing_in("county_officer_b") as clerk:
        clerk.open("/evaluations")
        clerk.follow(CARER)
        clerk.page.locator("main").get_by_text(zh("Caregiver agreed on paper"), exact=True).first.click()
        dialog = clerk.page.get_by_role("dialog")
        dialog.get_by_label(zh("Which paper was signed")).fill("考核结果签收单")
        clerk.press(dialog.get_by_role("button", name=zh("Caregiver agreed on paper")))
        clerk.told(zh("Noted that the caregiver agrees to this score."))
    with people.signing_in("county_officer_a") as county:
        county.open("/evaluations")
        county.follow(CARER)
        county.sees("合格", "0.85")
        assert "0.85" in county.confirm(zh("Confirm"))
        county.told(zh("Confirmed. The ratio counts in the settlement."))
        county.station("24-evaluation")


def settle(people: House) -> None:
    """The township closes the quarter; the county's reviewer approves."""
    with people.signing_in("township_officer_a") as officer:
        officer.open("/settlements")
        officer.page.locator("main").get_by_text(zh("Open a quarter"), exact=True).first.click()
        dialog = officer.page.get_by_role("dialog")
        dialog.get_by_role("combobox").select_option("2026-Q2")
        officer.press(dialog.get_by_role("button", name=zh("Open a quarter")))
        officer.sees(zh("The quarter is over"))
        officer.station("25-settlement-open")
        officer.confirm(zh("Calculate"))
        officer.sees("¥1,318.35", "¥232.65")
        officer.station("26-settlement-calculated")
        assert "¥1,318.35" in officer.confirm(zh("Submit for approval"))
        officer.told(zh("Handed over for approval."))
    with people.signing_in("county_reviewer_a") as reviewer:
        reviewer.open("/settlements?state=submitted")
        reviewer.press(reviewer.page.locator("main table a").first)
        assert "¥1,318.35" in reviewer.confirm(zh("Approve"))
        reviewer.told("¥1,318.35")
        reviewer.station("27-settlement-approved")


def pay_and_close(people: House) -> None:
    """A county officer who decided nothing about him takes the list and the bank's answer; the reviewer closes the books, and
    the archive proves itself.
    """
    with people.signing_in("county_officer_b") as payer:
        payer.open("/settlements?state=approved")
        payer.press(payer.page.locator("main table a").first)
        payer.follow(zh("Pay out"))
        payer.station("28-pay")
        sent = _downloaded(payer, payer.page.get_by_role("button", name=zh("Bank list (CSV)")))
        row = next(csv.DictReader(io.StringIO(sent.decode("utf-8-sig"))))
        assert row["金额（元）"] == "1318.35"
        payer.page.reload()
        payer.sees(zh("On its way"), row["流水号"].strip())
        payer.follow(zh("Take the bank's file"))
        answer = f"流水号,金额（元）,处理结果\n{row['流水号'].strip()},1318.35,成功\nYH-别处-1,1.00,成功\n"
        file = {"name": "回盘.csv", "mimeType": "text/csv", "buffer": answer.encode()}
        payer.page.locator('main input[type="file"]').set_input_files(file)  # type: ignore[arg-type]  # a payload it takes
        payer.fill(paid_on="2026-07-08")
        payer.press(zh("Take the file"))
        payer.told("1笔已支付")
        payer.sees(zh("Rows to look at"))
        payer.station("28-paid")
    with people.signing_in("county_reviewer_a") as reviewer:
        reviewer.open("/settlements?state=reconciled")
        reviewer.press(reviewer.page.locator("main table a").first)
        assert "¥1,318.35" in reviewer.confirm(zh("Close the quarter"))
        reviewer.told(zh("Closed. Lines, statement and ledger agree; later facts become corrections."))
        reviewer.station("29-settlement-closed")
        archive = _downloaded(reviewer, reviewer.page.get_by_role("link", name=zh("Archive of the quarter (ZIP)")))
        assert verify(archive)[0] == []


def _downloaded(person: Person, target: Locator) -> bytes:
    """What a button or link gives as a file."""
    with person.page.expect_download() as waiting:
        target.click()
    return Path(waiting.value.path()).read_bytes()


def read_the_slip(people: House, amount: str, capitals: str) -> None:
    """The caregiver reads on her phone what she is paid and why."""
    with people.signing_in("caregiver_a", width=360) as carer:
        carer.open("/slips")
        carer.sees(amount)
        carer.station("30-slips")
        carer.press(carer.page.locator("main table a").first)
        carer.sees(amount, capitals, zh("Paid"), "0.85", NAME, "30/30", "31/31")
        carer.station("31-slip")
