"""The pages of care, opened and used as people do; every page is inspected by the client."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.care import queries
from app.care.models import CarePlan, Incident, PlanState, Visit
from app.core.db import db
from tests.care.world import DAY, TODAY, due, graded, planned, record, said, stored

BOARD = "/checklist"


def _text(page: Any) -> str:
    return str(page.get_data(as_text=True))


def _token(page: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', _text(page))
    assert found is not None
    return found[1]


def post(browser: Any, opened: str, path: str | None = None, **data: Any) -> Any:
    """Open a page and send its form."""
    token = _token(browser.get(opened))
    return browser.post(path or opened, data={"csrf_token": token, **data})


def _english(browser: Any) -> Any:
    with browser.session_transaction() as cookie:
        cookie["locale"] = "en"
    return browser


def test_a_caregiver_taps_through_the_day(county: Any, sign_in: Any) -> None:
    """Large cards for what is open, one tap each; an exception asks for its reason."""
    plan = planned(county)
    browser, resident = sign_in("caregiver_a"), county.resident().id
    page = _text(browser.get(BOARD))
    asked = due(plan, TODAY)
    many = sum(1 for n in asked.values() if n > 1)
    assert page.count('value="resident-') == len(asked) + many
    assert "每天 3 次" in page
    for _twice in range(2):  # a double tap is one meal
        assert post(browser, BOARD, act=f"resident-{resident}-S01-1").status_code == 302
    assert "已记 1 次，共 3 次" in _text(browser.get(BOARD))
    assert post(browser, BOARD, act=f"resident-{resident}-S01-3").status_code == 302
    assert _text(browser.get(BOARD)).count('value="resident-') == len(asked) + many - 2
    checklist = f"/residents/{resident}/checklist/{TODAY.isoformat()}"
    wrong = post(browser, checklist, outcome_S02="not_done", then="board")
    assert wrong.status_code == 422
    assert "请选择原因" in _text(wrong)
    right = post(browser, checklist, outcome_S02="not_done", reason_S02="refused", then="board")
    assert right.location.startswith(BOARD)
    assert said(county, TODAY) == {"done": {"S01": 3}, "not_done": {"S02": 2}, "excused": {}}


def test_the_ward_round(county: Any, sign_in: Any) -> None:
    """Exception, whole round, handover; a day that went by open glows."""
    planned(county, "丙老人")
    browser, resident = sign_in("care_worker_a"), county.resident("丙老人").id
    record(county, TODAY, {"S04": {"outcome": "not_done", "reason": "refused"}}, "丙老人", "care_worker_a")
    page = _text(browser.get(BOARD))
    assert page.count("is-overdue") == 2, "turns and safety rounds of the night that nobody recorded"
    assert "拒绝" in page
    done = post(browser, BOARD, act="round", resident=str(resident))
    assert done.status_code == 302
    page = _text(browser.get(BOARD))
    assert "整轮按计划完成" not in page
    assert "is-done" in page
    assert "本班已齐" in page
    yesterday = _text(browser.get(f"{BOARD}?day={(TODAY - DAY).isoformat()}"))
    assert "is-late" in yesterday


@pytest.mark.parametrize("act", ["", "round", "resident-0", "resident-999999-S01-1", "resident-1-S99-1", "x" * 300])
def test_a_board_that_was_tampered_with_records_nothing(county: Any, sign_in: Any, act: str) -> None:
    planned(county, "丙老人")
    foreign = str(county.resident("丁老人").id)
    answer = post(sign_in("care_worker_a"), BOARD, act=act, resident=foreign)
    assert answer.status_code in {302, 404}
    assert stored(county, TODAY, "丁老人") is None
    assert stored(county, TODAY, "丙老人") is None


def test_the_rest_as_planned_and_a_correction_on_the_page(county: Any, sign_in: Any) -> None:
    plan = planned(county)
    browser = sign_in("caregiver_a")
    path = f"/residents/{county.resident().id}/checklist/{(TODAY - 3 * DAY).isoformat()}"
    assert "补记" in _text(browser.get(path))
    post(browser, path, act="all_done", outcome_S01="not_done", reason_S01="ill")
    done = {item: n for item, n in due(plan, TODAY - 3 * DAY).items() if item != "S01"}
    assert said(county, TODAY - 3 * DAY)["done"] == done
    refused = post(browser, path, act="save", outcome_S01="done")
    assert refused.status_code == 422
    assert 'id="error-reason"' in _text(refused)
    assert post(browser, path, act="save", outcome_S01="done", reason="下午补做").status_code == 302
    page = _text(browser.get(path))
    assert "下午补做" in page
    assert "更正" in page


def test_a_day_without_plan_says_what_to_do(county: Any, sign_in: Any) -> None:
    browser = sign_in("caregiver_a")
    assert "请联系乡镇或机构" in _text(browser.get(BOARD))
    page = browser.get(f"/residents/{county.resident().id}/checklist/{TODAY.isoformat()}")
    assert page.status_code == 200
    assert 'type="radio"' not in _text(page)


def test_officers_read_a_day_and_record_nothing(county: Any, sign_in: Any) -> None:
    planned(county)
    browser = sign_in("township_officer_a")
    path = f"/residents/{county.resident().id}/checklist/{TODAY.isoformat()}"
    assert 'name="outcome_S01"' not in _text(browser.get(path))
    token = _token(browser.get("/account"))
    assert browser.post(path, data={"csrf_token": token, "outcome_S01": "done"}).status_code == 404
    assert stored(county, TODAY) is None


@pytest.mark.parametrize("by", queries.GROUPS)
def test_each_completion_figure_opens_the_list_behind_it(county: Any, sign_in: Any, by: str) -> None:
    """Follow the first link of the table down until the day's own checklist."""
    planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    browser = sign_in("township_officer_a")
    path = f"/completion?by={by}"
    for _step in range(5):
        page = _text(browser.get(path))
        link = re.search(r'<th scope="row"[^>]*class="cell-main"><a href="([^"]+)"', page)
        assert link is not None, path
        path = link[1].replace("&amp;", "&")
        if "/checklist/" in path:
            break
    assert "/checklist/" in path
    assert browser.get(path).status_code == 200


def test_completion_shows_percent_and_its_export_the_same_rows(county: Any, sign_in: Any) -> None:
    planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    browser = sign_in("township_officer_a")
    page = _text(browser.get("/completion?by=item"))
    assert "11%" in page  # three of the 27 meals of nine days
    export = re.search(r'href="(/completion\.csv[^"]*)"', page)
    assert export is not None
    table = browser.get(export[1].replace("&amp;", "&")).get_data().decode("utf-8-sig")
    assert "饮食照护" in table
    assert "S01" not in table
    report = browser.get("/completion/report.pdf?from=2026-03-01&to=2026-03-09")
    assert report.data.startswith(b"%PDF")
    assert sign_in("caregiver_a").get("/completion/report.pdf").data.startswith(b"%PDF")
    other = sign_in("township_officer_b")
    assert "没有应做项目" in _text(other.get("/completion?by=item"))
    resident = county.resident().id
    assert other.get(f"/completion?resident={resident}").status_code == 404


@pytest.mark.parametrize(
    "query", ["from=x&to=y", "from=2026-03-09&to=2026-03-01", "area=%25&item=S99&caregiver=abc", "by=zz"]
)
def test_a_nonsense_question_still_gets_a_page(county: Any, sign_in: Any, query: str) -> None:
    planned(county)
    assert sign_in("auditor").get(f"/completion?{query}").status_code == 200


def test_a_plan_from_draft_to_the_kitchen_wall(county: Any, sign_in: Any) -> None:
    """Drawn up, made stricter, refused below the standard, approved by the county, printed."""
    graded(county)
    township, resident = sign_in("township_officer_a"), county.resident().id
    assert "甲老人" in _text(township.get("/care-plans"))
    made = post(township, f"/residents/{resident}/care-plans/new", valid_from=TODAY.isoformat())
    path = made.location
    refused = post(township, path, valid_from=TODAY.isoformat(), frequency_S01="1/d")
    assert refused.status_code == 422
    assert 'id="error_S01"' in _text(refused)
    more = {"frequency_S01": "4/d", "note_S01": "软食", "risk_fall": "夜里开小灯"}
    saved = post(township, path, valid_from=TODAY.isoformat(), **more)
    assert saved.status_code == 302
    assert "approve" not in _text(township.get(path))
    officer = sign_in("county_officer_a")
    assert "第二帮手" in _text(officer.get(path))
    assert f"{path}/approve" not in _text(officer.get(path))
    saved = post(township, path, valid_from=TODAY.isoformat(), **more, lives_in="0", helper="王桂兰（邻居）")
    assert saved.status_code == 302
    page = _text(officer.get(path))
    assert "夜里开小灯" in page
    assert "每天 4 次" in page
    assert "软食" in page
    assert post(officer, path, f"{path}/approve").status_code == 302
    plan = db.session.query(CarePlan).one()
    assert plan.state is PlanState.APPROVED
    assert officer.get(f"{path}.pdf").data.startswith(b"%PDF")
    assert officer.get(f"{path}/bedside.pdf").data.startswith(b"%PDF")
    signed = post(township, path, f"{path}/signature", name="甲老人", signed_as="self", signed_on=TODAY.isoformat())
    assert signed.status_code == 302
    assert "甲老人 · 本人" in _text(township.get(path))
    assert "已批准" in _text(township.get("/care-plans?state=approved"))


def test_wishes_teeth_and_swallowing_lead_to_a_confirmed_texture(county: Any, sign_in: Any) -> None:
    """The township writes the profile, the plan suggests, the assessor confirms; a reader reads."""
    graded(county)
    township, nurse, resident = sign_in("township_officer_a"), sign_in("assessor_a"), county.resident().id
    wishes = f"/residents/{resident}/wishes"
    assert post(township, wishes, teeth="all", denture="none", swallow="3").status_code == 422
    told = {"staple": "莜面、奶茶", "faith": "回族习俗", "show_at_bedside": "y"}
    kept = {"teeth": "all", "denture": "none", "swallow": "3", "swallow_on": TODAY.isoformat()}
    assert post(township, wishes, **kept, **told).status_code == 302
    path = post(township, f"/residents/{resident}/care-plans/new", valid_from=TODAY.isoformat()).location
    page = _text(nurse.get(path))
    assert "4 级 糊状" in page
    assert "莜面、奶茶" in page
    assert post(nurse, path, f"{path}/texture", food="4", drink="2").status_code == 302
    assert "确认人" in _text(nurse.get(path))
    assert "莜面、奶茶" in _text(sign_in("caregiver_a").get(wishes))


def test_a_visit_in_a_minute(county: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer_a")
    assert "从未探访" in _text(browser.get("/visits"))
    path = f"/residents/{county.resident().id}/visits/new"
    wrong = post(browser, path, visited_on=TODAY.isoformat(), problem="y")
    assert wrong.status_code == 422
    right = post(browser, path, visited_on=TODAY.isoformat(), ate_together="y", satisfaction="4", note="陪餐")
    assert right.status_code == 302
    visit = db.session.query(Visit).one()
    assert (visit.satisfaction, visit.clean, visit.ate_together) == (4, None, True)
    page = _text(browser.get(f"/visits/{visit.id}"))
    assert "陪餐" in page
    assert "未查看" in page


def test_an_incident_from_report_to_judgement(county: Any, sign_in: Any) -> None:
    caregiver, resident = sign_in("caregiver_a"), county.resident().id
    form = {"kind": "fall", "happened_on": TODAY.isoformat(), "severity": "medium"}
    assert post(caregiver, f"/residents/{resident}/incidents/new", **form).status_code == 422
    made = post(caregiver, f"/residents/{resident}/incidents/new", **form, note="起夜跌倒，已送医")
    page = _text(caregiver.get(made.location))
    assert "按时报告" in page
    assert 'name="avoidable"' not in page
    officer = sign_in("county_officer_a")
    assert post(officer, made.location, avoidable="0", reason="突发头晕").status_code == 302
    page = _text(officer.get(made.location))
    assert "突发头晕" in page
    assert 'name="avoidable"' not in page
    assert db.session.query(Incident).one().avoidable is False


def test_the_residents_page_shows_care_and_the_way_to_record_it(county: Any, sign_in: Any) -> None:
    plan = planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    path = f"/residents/{county.resident().id}"
    page = _text(sign_in("township_officer_a").get(path))
    assert plan.number in page
    assert f"{path}/visits/new" in page
    assert "未完成" in page
    page = _text(sign_in("caregiver_a").get(path))
    assert f"{path}/checklist/{TODAY.isoformat()}" in page


def test_the_decision_of_a_grade_tells_what_it_means_for_plan_contract_and_money(county: Any, sign_in: Any) -> None:
    """Key screen 2: from which day, services a week, contract, yuan a month."""
    from tests.grading.sheets import proposed

    proposal = proposed(county, "d")
    page = _text(sign_in("county_officer_a").get(f"/grade-proposals/{proposal.id}"))
    assert "每周 171 次服务" in page
    assert "没有生效中的协议" in page
    assert "没有生效的标准" in page


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("caregiver_a", ["/checklist", "/incidents", "/completion"]),
        ("institution_manager_a", ["/checklist", "/care-plans", "/completion?by=resident", "/visits", "/incidents"]),
        ("county_officer_a", ["/care-plans", "/completion?by=caregiver", "/visits", "/incidents"]),
    ],
)
def test_every_page_is_there_in_english(county: Any, sign_in: Any, who: str, paths: list[str]) -> None:
    """Complete in English: no Chinese but the names of people and places."""
    planned(county)
    record(county, TODAY - DAY, {"S01": "done"})
    browser = _english(sign_in(who))
    for path in paths:
        text = _text(browser.get(path))
        for name in (
            "甲老人",
            "乙老人",
            "丙老人",
            "丁老人",
            "隆昌村",
            "护理员1",
            "东城村",
            "西城村",
            "林东镇养老院",
            "林东镇",
            "隆昌镇",
            "巴林左旗",
            "中文",
        ):
            text = text.replace(name, "")
        body = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        found = re.findall(r"[\u4e00-\u9fff]{2,}", re.sub(r"颐衡|简体中文", "", body))
        assert found == [], (path, found[:5])


def test_the_printed_day_says_what_was_not_done_and_why(county: Any, sign_in: Any) -> None:
    planned(county)
    record(county, TODAY, {"S01": "done", "S02": {"outcome": "not_done", "reason": "refused"}})
    path = f"/residents/{county.resident().id}/checklist/{TODAY.isoformat()}.pdf"
    assert sign_in("caregiver_a").get(path).data.startswith(b"%PDF")
    assert sign_in("caregiver_b").get(path).status_code == 404
