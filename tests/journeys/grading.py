"""March: taken on record, assessed by two, reviewed and decided by two people of the county."""

from __future__ import annotations

import datetime as dt
import random

from playwright.sync_api import expect

from tests.journeys.walking import House, Person, zh

NAME, CARER = "郭长山", "宋秀兰"
BORN, CARER_BORN = dt.date(1947, 6, 18), dt.date(1968, 10, 2)
HELPED = {"2.2", "4.1", "7.2", "8.2", "9.2"}
"""He needs a hand with clothes, toilet, bed and walking, and cannot wash alone: 75 points, five abilities unmet
(case b of domain.md 6.5, where the two scales disagree)."""


def take_on_record(people: House) -> None:
    """The township officer opens the records of the resident and of the neighbour who will care for him."""
    from app.demo.invented import People
    from app.people.models import Sex

    invented = People(random.Random(40))
    with people.visitor() as anybody:
        anybody.open("/sign-in")
        anybody.station("01-sign-in", full=False)
    with people.signing_in("township_officer_a") as officer:
        officer.station("02-home")
        officer.follow(zh("Residents"), within="nav.side")
        officer.sees(zh("No residents yet"))
        officer.follow(zh("Add a resident"))
        officer.fill(name=NAME, id_number=invented.id_number(BORN, Sex.MALE), born_on=BORN.isoformat())
        officer.choose("sex", Sex.MALE)
        officer.page.locator("[name=area_code]").select_option(index=1)
        officer.fill(phone=invented.phone(), address="村东第三排", supported_from="2026-03-01")
        officer.choose("setting", "home")
        officer.fill(living="1", marital="1", education="2", health_notes="高血压，每日服药。")
        officer.station("03-new-resident")
        officer.press(zh("Save"))
        officer.told(NAME)
        officer.title(NAME)
        officer.sees(zh("Care at home"), zh("No approved plan today"))
        officer.sees(zh("No contract yet. It needs a care grade, an approved care plan and a trained caregiver."))
        officer.station("04-resident")
        officer.follow(zh("Caregivers"), within="nav.side")
        officer.follow(zh("Add a caregiver"))
        officer.fill(
            name=CARER,
            id_number=invented.id_number(CARER_BORN, Sex.FEMALE),
            born_on=CARER_BORN.isoformat(),
            phone=invented.phone(),
            bank_name="示例农村信用社",
            bank_account=invented.bank_account(),
        )
        officer.choose("sex", Sex.FEMALE)
        officer.page.locator("[name=area_code]").select_option(index=2)
        accounts = officer.page.locator("[name=user_id]")
        accounts.select_option(label=accounts.locator("option", has_text="(caregiver_a)").inner_text())
        officer.station("05-new-caregiver")
        officer.press(zh("Save"))
        officer.told(CARER)
        officer.follow(zh("Record a certificate"))
        officer.fill(
            kind="training",
            tier="T3",
            number="PX-2025-8",
            issuer="巴林左旗民政局",
            issued_on="2025-11-20",
            valid_to="2027-11-19",
        )
        officer.press(zh("Record"))
        officer.told(CARER)
        officer.sees(zh("T3 full care"))


def assess(people: House) -> None:
    """An assessor scores the sheet with a colleague and an informant; every answer is saved as it is tapped."""
    with people.signing_in("assessor_a", width=768) as assessor:
        assessor.open("/sheets/due")
        assessor.sees(NAME)
        assessor.station("06-due")
        assessor.press(zh("Begin the sheet"))
        page = assessor.page
        for item in range(1, 11):
            for part in (1, 2, 3):
                code = f"{item}.{part}"
                assessor.choose(f"answers.{code}", "A2" if code in HELPED else "A0")
            if item == 9:
                expect(page.locator("[data-running]")).to_contain_text("9")
                assessor.station("07-sheet-item")
            page.locator(f"#step-{item}").get_by_role("link", name=zh("Next")).click()
        expect(page.locator("[data-running]")).to_contain_text("75")
        for step in ("B2", "B3", "B4"):
            _answer_best(assessor, step)
        for fact in page.locator("#step-facts fieldset").all():
            worse = "falls" in (fact.get_attribute("id") or "")
            fact.locator("label.choice").nth(1 if worse else 0).click()
        page.locator("#step-facts").get_by_role("link", name=zh("Next")).click()
        first, second = page.locator("[name=first_assessor_id]"), page.locator("[name=second_assessor_id]")
        own = first.input_value()
        assert own, "the assessor's own name stands in the first place"
        colleague = next(
            v for v in second.locator("option").evaluate_all("o => o.map(x => x.value)") if v not in {"", own}
        )
        second.select_option(colleague)
        assessor.fill(informant_name="王德山", informant_relation="5", notes="入户评估，用时约二十分钟。")
        expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
        assessor.station("08-sheet-head")
        assessor.press(zh("Look at the result"))
        assessor.sees("75", zh("Half care"), zh("Full care"))
        assessor.station("09-sheet-result")
        question = assessor.confirm(zh("Hand the sheet in"), zh("Hand it in"))
        assert NAME in question
        assert zh("Full care") in question
        assessor.sees(zh("Waits for the second review"))
        assessor.station("10-sheet")


def _answer_best(assessor: Person, step: str) -> None:
    """The first level of every question of a part, then on."""
    part = assessor.page.locator(f"#step-{step}")
    for question in part.locator("fieldset").all():
        question.locator("label.choice").first.click()
    part.get_by_role("link", name=zh("Next")).click()


def review_and_decide(people: House) -> None:
    """The two scales disagree (75 points: half care; five abilities unmet: full care): two people of the county decide."""
    with people.signing_in("county_reviewer_a") as reviewer:
        reviewer.open("/grade-proposals")
        reviewer.follow(NAME)
        reviewer.sees(zh("Waits for the second review"))
        reviewer.choose("grade", "3")
        reviewer.fill(reason="与两名评估员一起复核：五项能力须由他人帮助，按法定档次定为全护理。")
        reviewer.station("11-review")
        reviewer.press(zh("Record the review"))
        reviewer.told(zh("Reviewed. The decision follows by another person."))
    with people.signing_in("county_officer_a") as officer:
        officer.open("/grade-proposals")
        officer.follow(NAME)
        officer.fill(reason="采纳复核意见，定为全护理。")
        officer.station("12-decision")
        assert "2026年4月1日" in officer.confirm(zh("Decide"))
        officer.told(zh("Decided. Print the notice and hand it over."))
        officer.sees(zh("Full care"), "2026年4月1日")
        officer.station("13-decided")
