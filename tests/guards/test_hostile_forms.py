"""Public hostile strings in every field of every form: never a 5xx, refused in words with nothing stored, or kept exactly."""

from __future__ import annotations

import ast
import datetime as dt
import io
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.people.models import Sex
from tests.conftest import DATABASE
from tests.factories import PASSWORD, id_number
from tests.guards.ownership import RESIDENTS, combinations
from tests.guards.routes import Cell, cells, choices, path
from tests.support.forms import TYPED, Field, Shown, forms, same, words
from tests.support.hostile import Rotation, strings
from tests.support.lively import NOW, Lively
from tests.support.pseudo import stored
from tests.support.state import AUDIT, TRACES, counts
from tests.support.walker import Browser

APP = Path(__file__).parent.parent.parent / "app"
LOOSE = TRACES | AUDIT
"""A refused password leaves its trace in these."""
CHOSEN = frozenset(
    "file picture step remove active act returned medical_payment income_sources ate_together talked caregiver_present problem "
    "alone food widget option_widget body residue show_at_bedside lives_in instrument month title_zh title_en caregivers fit".split()
)
"""Boxes that are ticked, buttons, files, widgets: nothing is typed. The text of a rule (body) has its own test below,
the titles of an instrument's version theirs in ``tests/quality/test_instrument_form.py``."""
TICKED = frozenset({"alone"})
"""Boxes without which a form is refused: they stay ticked."""
BORN = dt.date(1950, 3, 4)
TODAY = NOW.date().isoformat()
FORMS: dict[str, tuple[str | None, str, dict[str, str]]] = {
    "auth.sign_in": (None, "auth.sign_in", {"username": "auditor", "password": PASSWORD}),
    "auth.change_password": (
        "auditor", "auth.change_password",
        {"current_password": PASSWORD, "new_password": "another-Long-1-word", "new_password_again": "another-Long-1-word"},
    ),
    "auth.start_second_factor": ("auditor", "auth.own_second_factor", {"current_password": PASSWORD}),
    "auth.create_token": ("auditor", "auth.tokens", {"label": "报表", "current_password": PASSWORD}),
    "auth.new_account": (
        "system_admin", "auth.new_account",
        {"username": "new.person", "name": "新人", "role": "auditor", "area_code": "150422", "organisation_id": ""},
    ),
    "auth.rename": ("system_admin", "auth.user", {"name": "改名"}),
    "auth.stop": ("system_admin", "auth.user", {"reason": "离职"}),
    "auth.end_sessions": ("system_admin", "auth.user", {"reason": "离职"}),
    "auth.reset_password": ("system_admin", "auth.user", {"reason": "忘记密码"}),
    "auth.confirm": ("security_admin", "auth.confirm", {"reason": "已核对"}),
    "places.new_organisation": (
        "county_officer_a", "places.new_organisation", {"name": "新的养老院", "kind": "institution", "area_code": "150422100"},
    ),
    "places.edit_organisation": ("county_officer_a", "places.edit_organisation", {}),
    "people.new_resident": (
        "township_officer_a", "people.new_resident",
        {"name": "新老人", "sex": "1", "born_on": BORN.isoformat(), "id_number": id_number(BORN, Sex.MALE, 4), "institution_id": "",
         "guardian_name": "监护甲", "supported_from": "2026-01-01"},
    ),
    "people.edit_resident": ("township_officer_a", "people.edit_resident", {}),
    "people.reveal": ("township_officer_a", "people.reveal", {"reason": "核对电话"}),
    "people.end_support": ("township_officer_a", "people.end_support", {"reason": "死亡证明"}),
    "people.resume_support": ("township_officer_a", "people.resume_support", {"reason": "重新纳入"}),
    "people.new_absence": ("township_officer_a", "people.new_absence", {"to_on": ""}),
    "people.close_absence": ("township_officer_a", "people.close_absence", {}),
    "people.cancel_absence": ("township_officer_a", "people.cancel_absence", {"reason": "登记有误"}),
    "people.new_caregiver": (
        "township_officer_a", "people.new_caregiver",
        {"name": "新护理", "sex": "1", "born_on": "1980-03-04", "id_number": id_number(dt.date(1980, 3, 4), Sex.MALE, 5),
         "institution_id": "", "user_id": ""},
    ),
    "people.edit_caregiver": ("township_officer_a", "people.edit_caregiver", {}),
    "people.reveal_caregiver": ("township_officer_a", "people.reveal_caregiver", {"reason": "核对电话"}),
    "people.new_assessor": (
        "county_officer_a", "people.new_assessor",
        {"name": "新评估", "certificate_number": "T-77", "certificate_valid_to": "2030-01-01", "user_id": ""},
    ),
    "people.edit_assessor": ("county_officer_a", "people.edit_assessor", {}),
    "trends.measure": ("caregiver_a", "trends.measurements", {"weight": "52.5", "skin": "0"}),
    "trends.take_back": ("township_officer_a", "trends.take_back", {"reason": "称错了"}),
    "workforce.new_session": (
        "township_officer_a", "workforce.new_session", {"course": "basic", "parts": "4", "place": "镇会议室", "teacher": "王老师"},
    ),
    "workforce.results": ("township_officer_a", "workforce.session", {}),
    "workforce.cancel_session": ("township_officer_a", "workforce.session", {"reason": "授课人有事"}),
    "workforce.new_credential": (
        "township_officer_a", "workforce.new_credential",
        {"kind": "other", "tier": "", "number": "A-1", "issuer": "某医院", "issued_on": "2026-01-05", "valid_to": ""},
    ),
    "workforce.withdraw_credential": ("township_officer_a", "workforce.withdraw_credential", {"reason": "登记有误"}),
    "workforce.new_override": ("county_officer_a", "workforce.new_override", {"until_on": "2026-03-20", "reason": "暂无人员"}),
    "workforce.end_override": ("county_officer_a", "workforce.end_override", {"reason": "已完成培训"}),
    "workforce.hours": (
        "institution_manager_a", "workforce.hours",
        {"follows": "own", "early": "7", "late": "15", "night": "23", "in_force_from": "2026-04-01", "reason": "冬季作息"},
    ),
    "lodging.add_room": ("institution_manager_a", "lodging.board", {"name": "东二", "beds": "2"}),
    "lodging.give_bed": ("institution_manager_a", "lodging.give_bed", {}),
    "lodging.end_stay": ("institution_manager_a", "lodging.end_stay", {"left_for": "home", "note": "回家休养"}),
    "lodging.take_back_stay": ("institution_manager_a", "lodging.take_back_stay", {"reason": "登记有误"}),
    "lodging.receive": (
        "care_worker_a", "lodging.belongings",
        {"kind": "clothes", "what": "棉衣", "quantity": "2", "value": "", "given_by": "本人", "witness": "李某"},
    ),
    "lodging.change_belonging": (
        "care_worker_a", "lodging.change_belonging", {"state": "returned", "changed_with": "本人", "note": "已交还"},
    ),
    "grading.report_change": ("township_officer_a", "grading.report_change", {"note": "近日跌倒"}),
    "grading.new_appeal": ("township_officer_a", "grading.new_appeal", {"by_name": "本人", "reason": "行走需要人扶"}),
    "grading.edit": ("assessor_a", "grading.edit", {}),
    "grading.decide": ("county_officer_a", "grading.proposal", {"reason": "同意评估结果"}),
    "grading.send_back": ("county_officer_a", "grading.proposal", {"reason": "请再核对"}),
    "grading.new_pair": ("county_officer_a", "grading.new_pair", {"reason": "抽取的双人评估"}),
    "grading.adjudicate": ("county_officer_a", "grading.sheet_pair", {"choice_0": "0", "reason_0": "当场再看", "reason": "再次核对"}),
    "sync.block": ("county_officer_a", "sync.device", {"reason": "平板丢失"}),
    "sync.unblock": ("county_officer_a", "sync.device", {"reason": "找到了"}),
    "sync.settle": ("township_officer_a", "sync.record", {"count": "no", "reason": "重复的记录"}),
    "sync.courier": ("township_officer_a", "sync.courier", {"codes": "YH1.00000000.1.1.x"}),
    "care.new_plan": ("township_officer_a", "care.new_plan", {}),
    "care.plan": ("township_officer_a", "care.plan", {"helper": "韩大嫂，邻居", "institution": "已告知，本人不愿"}),
    "care.incident_step": ("village_officer_a", "care.incident", {"text": "已告知家属"}),
    "care.handover": ("care_worker_a", "care.handover", {"note": "夜里注意保暖"}),
    "care.profile": ("township_officer_a", "care.profile", {"staple": "莜面", "swallow": "", "swallow_on": ""}),
    "care.sign_plan": ("township_officer_a", "care.plan", {"name": "甲老人"}),
    "care.confirm_texture": ("assessor_a", "care.plan", {"reason": "按医嘱"}),
    "care.cards": ("township_officer_a", "care.cards", {}),
    "care.card": ("township_officer_a", "care.card", {"reason": "丢失"}),
    "care.decide_pattern": ("township_officer_a", "care.pattern", {"reason": "当天没有网络"}),
    "care.checklist": ("care_worker_a", "care.checklist", {}),
    "care.record": ("care_worker_a", "care.today", {"act": "round"}),
    "care.new_incident": ("village_officer_a", "care.new_incident", {"note": "院内滑倒"}),
    "care.incident": ("county_officer_a", "care.incident", {"reason": "突发头晕"}),
    "care.voice": ("village_officer_a", "care.voice", {"alone": "y", "words": "想多吃点面"}),
    "care.new_visit": ("village_officer_a", "care.new_visit", {"note": "一切都好"}),
    "contracts.new_contract": ("township_officer_a", "contracts.new_contract", {}),
    "contracts.sign": ("caregiver_a", "contracts.sign", {}),
    "contracts.paper": ("township_officer_a", "contracts.paper", {"signer_name": "院长", "identity": "known", "second_witness_name": ""}),
    "contracts.check_paper": ("village_officer_a", "contracts.check_paper", {"agrees": "no", "reason": "缺最后一页"}),
    "contracts.take_back": ("township_officer_a", "contracts.take_back", {"why": "wrong_person", "reason": "签错了人"}),
    "contracts.substitute": ("township_officer_a", "contracts.substitute", {"name": "敬老院护理组"}),
    "contracts.amend": ("township_officer_a", "contracts.amend", {"reason": "更换护理人员"}),
    "contracts.answer_duty": ("county_officer_a", "contracts.answer_duty", {"answer": "已补访"}),
    "contracts.new_observation": ("township_officer_a", "contracts.new_observation", {"note": "看望时发现", "clause": "P6.conduct"}),
    "contracts.note_duty": ("volunteer_a", "contracts.note_duty", {"note": "陪餐时看到", "clause": "P6.conduct"}),
    "contracts.change": ("township_officer_a", "contracts.change", {"reason": "家中有事"}),
    "settlement.account": (
        "township_officer_a", "settlement.account",
        {"bank_name": "示例农村商业银行", "account": "8105010104002", "again": "8105010104002"},
    ),
    "settlement.reveal_account": ("township_officer_a", "settlement.reveal_account", {"reason": "核对账户"}),
    "settlement.fill": ("township_officer_a", "settlement.evaluations", {}),
    "settlement.score_page": ("township_officer_a", "settlement.score_page", {}),
    "settlement.return_page": ("county_officer_a", "settlement.return_page", {"reason": "请补充依据"}),
    "settlement.open_quarter": ("township_officer_a", "settlement.settlements", {}),
    "settlement.object_to_line": ("caregiver_a", "settlement.object_to_line", {"reason": "天数不对"}),
    "settlement.object_to_evaluation": ("caregiver_a", "settlement.object_to_evaluation", {"reason": "天数不对"}),
    "settlement.answer": ("county_reviewer", "settlement.answer", {"answer": "已核对记录"}),
    "settlement.reject": ("county_reviewer", "settlement.reject", {"reason": "金额有误"}),
    "quality.new_rule": ("county_officer_a", "quality.new_rule",
        {"title": "新的待遇表", "in_force_from": "2027-06-01", "full_care": "517", "half_care": "259", "source": "某文件"}),
    "quality.rule": ("county_reviewer", "quality.rule", {"reason": "已核对文件"}),
}  # fmt: skip
"""Route that takes a form → who sends it, the page on which it stands, and what a careful person types."""

BLIND: dict[str, tuple[str | None, dict[str, str]]] = {
    "auth.set_locale": (None, {"locale": "en", "next": "/"}),
    "auth.second_factor": (None, {"code": "000000"}),
    "auth.confirm_second_factor": ("auditor", {"code": "000000"}),
    "auth.unlock": ("system_admin", {"reason": "已核实"}),
    "auth.reset_second_factor": ("security_admin", {"reason": "手机丢失"}),
    "people.import_errors": ("township_officer_a", {"report": "x"}),
    "grading.autosave": ("assessor_a", {"informant_name": "邻居", "notes": "无", "assessed_on": TODAY, "answers.1.1": "A0"}),
    "grading.withdraw_appeal": ("township_officer_a", {"reason": "已当面说明情况"}),
    "grading.review": ("county_reviewer", {"grade": "2", "reason": "两位评估员已再次核对情况"}),
    "grading.cancel_pair": ("county_officer_a", {"reason": "评估员生病"}),
    "settlement.agree": ("county_officer_b", {"note": "签收单"}),
    "settlement.calculate_all": ("county_officer_a", {"quarter": "2026-Q1"}),
    "settlement.calculate_some": ("county_officer_a", {"quarter": "2026-Q1"}),
    "settlement.confirm_all": ("county_officer_a", {"quarter": "2025-Q4", "area": "150422100"}),
    "settlement.commit_seed": ("county_officer_a", {"quarter": "2026-Q1"}),
    "settlement.draw_checks": ("county_officer_a", {"quarter": "2026-Q1"}),
    "settlement.returned": ("county_officer_a", {"reference": "YH2025Q4-150422100-01-0001", "reason": "账户已销户"}),
    "settlement.pay": ("county_officer_a", {"paid_on": TODAY, "reference": "银行 1 号"}),
}  # fmt: skip
"""Forms that no page of the lively county offers just now, or that scripts send: (who, fields)."""
NO_TEXT = {
    "api.submit_sheet": "the API: test_hostile_api",
    "api.fhir_import": "the API: tests/api/test_fhir.py and test_fuzz.py",
    "api.fhir_validate": "the API: tests/api/test_fhir.py and test_fuzz.py",
    "grading.choose_instrument": "one out of a list: tests/grading/test_more_instruments.py",
    "contracts.seal_picture": "a picture: tests/contracts/test_paper_and_seals.py, test_hostile_imports",
    "settlement.bank_answer": "files and their names: tests/settlement/test_bank.py",
    **dict.fromkeys(
        "sync.enrol sync.talk sync.forgotten sync.hand_in tablet.bundle tablet.care_bundle tablet.contract_bundle".split(),
        "JSON of devices: tests/tablet",
    ),
    "people.import_residents": "files and their names: test_hostile_imports and below",
    **dict.fromkeys(
        "trends.propose workforce.add_people workforce.remove_person workforce.certify workforce.store_roster workforce.copy_roster lodging.change_bed "
        "auth.end_other_sessions auth.revoke_token auth.sign_out care.approve_plan contracts.renew contracts.send grading.discard "
        "grading.open_sheet grading.submit overview.run people.health_notes care.receive_handover settlement.approve "
        "settlement.bank_file "
        "settlement.calculate settlement.close settlement.confirm settlement.submit grading.close_draw grading.commit_draw".split(),
        "a button: nothing is typed",
    ),
}
NOT_NOW = frozenset(
    "workforce.new_override lodging.give_bed sync.courier grading.new_pair people.resume_support contracts.new_contract contracts.amend contracts.sign contracts.paper settlement.score_page settlement.return_page "
    "settlement.open_quarter grading.new_appeal settlement.object_to_line settlement.object_to_evaluation settlement.reject".split()
)
"""Forms whose careful filling the state of the lively county refuses; all others take it, which is their control."""
CODED = re.compile(
    r"area|locale|next|report|act|id_number|phone|guardian_phone|credit_code|beds|bank_account|days|code|username|version|points_.*|attended_.*|parts|quantity|value|weight|times_.*|frequency_.*|.*_on"
    r"|valid_.*|.*_from|.*_to|on|.*password.*|strokes|other_strokes|then|time|quarter|full_care|half_care|self_care|born_on|resident"
)
"""Entries with a form of their own (numbers, dates, codes): they are read, not kept as typed. All others are kept exactly."""
TOP_UP = {
    "tel": "places.new_organisation",
    "password": "auth.create_token",
    "number": "auth.create_token",
    "date": "people.close_absence",
    "hidden": "settlement.fill",
    "select": "places.new_organisation",
    "radio": "care.incident",
    "textarea": "care.new_incident",
    "text": "people.reveal",
}
"""Kind of control → a small form with one: it gets the strings that no control of the kind had by then."""
ROUNDS, ALONE, LOOKED_UP = (4, 3, 2) if DATABASE == "sqlite" else (3, 1, 1)
"""Sendings with every field hostile, with one field hostile, and how many of those taken are looked up in the database; fewer
on the second database: what a form does to a text is the same on both."""


class Sender:
    """Sends one form again and again, and collects what is wrong."""

    def __init__(self, app: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]) -> None:
        self.app, self.enter, self.fresh = app, enter, fresh
        self.rotation, self.wrong = Rotation(), list[str]()
        self.names, self.kept, self.refused = set[str](), 0, 0
        self.pages = {c.endpoint: c for c in cells(app) if c.method == "GET"}
        self.posts = {c.endpoint: c for c in cells(app) if c.method == "POST"}

    def _enter(self, account: str | None) -> Browser:
        browser = self.enter(account)
        browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; other guards look at pages
        return browser

    def find(self, browser: Browser, endpoint: str) -> Shown:
        """The form of a route as one of its pages shows it."""
        account, page, _good = FORMS[endpoint]
        for ids in _ways(self.pages[page], account):
            found = forms(self.app, browser.send(self.pages[page], ids))
            if endpoint in found:
                return found[endpoint]
        raise AssertionError(f"{endpoint}: no page {page} of {account} shows this form")

    def run(self, endpoint: str, kind: str = "") -> None:
        """Every sending of one form: carefully filled, all fields hostile, one field hostile among good ones; with a
        kind of control, all fields hostile until that kind has had every string.
        """
        self.fresh()
        self.looked_up = 0
        account, good = (FORMS[endpoint][0], FORMS[endpoint][2]) if endpoint in FORMS else BLIND[endpoint]
        browser = self._enter(account)
        if endpoint in FORMS:
            shown = self.find(browser, endpoint)
        else:
            cell = self.posts[endpoint]
            fields = tuple(Field(name, "text", value) for name, value in good.items())
            shown = Shown(path(self.app, cell, _ways(cell, account)[0]), fields)
        fields = (
            *shown.fields,
            *(Field(n, "hidden", v) for n, v in good.items() if n not in shown.values() and n not in TICKED),
        )
        self.names |= {f.name for f in fields}
        careful = {**shown.values(), **good}
        if kind:
            while self.rotation.used.get(kind, 0) < len(self.rotation.strings):
                hostile = {f.name: self.rotation.next(f.kind) for f in fields}
                self.send(browser, endpoint, shown, {**careful, **hostile}, hostile)
            return
        if endpoint in FORMS and not self.send(browser, endpoint, shown, careful, {}) and endpoint not in NOT_NOW:
            self.wrong.append(f"{endpoint}: what a careful person types is refused")
        aims: list[Field | None] = [None] * ROUNDS
        typed = [f for f in fields if f.kind in TYPED | {"date", "number", "password", "hidden"}]
        aims += [f for f in typed for _ in range(max(1, ALONE // len(typed)))]
        stale = True
        for aim in aims:
            if stale or account is None:
                self.fresh()
                browser, stale = self._enter(account), False
            hostile = {f.name: self.rotation.next(f.kind) for f in fields if aim in (None, f)}
            stale = self.send(browser, endpoint, shown, {**careful, **hostile}, hostile)

    def send(
        self, browser: Browser, endpoint: str, shown: Shown, data: dict[str, str], hostile: dict[str, str]
    ) -> bool:
        """Send once; True when something was stored."""
        before, what = counts(), f"{endpoint} {str(hostile)[:200]}"
        try:
            response = browser.open(shown.address, "POST", **data)
        except Exception as error:  # whatever it is, on a server it is a 500
            self.wrong.append(f"{what}: {error!r}"[:600])
            return True
        status, after = response.status_code, counts()
        touched = {name for name in before if before[name] != after[name]}
        with browser.client.session_transaction() as cookie:
            flashed = [tone for tone, _words in cookie.pop("_flashes", [])]
        if status >= 500:
            self.wrong.append(f"{what}: {status}")
        elif status >= 400 or "danger" in flashed:
            self.refused += 1
            if touched - LOOSE:
                self.wrong.append(f"{what}: {status}, refused and yet something was stored")
            if response.mimetype == "text/html" and status >= 400:
                self._refusal(what, response, endpoint, shown, hostile)
            elif status < 400 and any(f.kind in TYPED and f.name in hostile for f in shown.fields):
                self.wrong.append(f"{what}: refused by a message on another page, what was typed is lost")
        elif touched:
            self._acceptance(what, hostile, touched)
            return True
        return False

    def _refusal(self, what: str, response: Any, endpoint: str, shown: Shown, hostile: dict[str, str]) -> None:
        status = response.status_code
        if endpoint in FORMS and not words(response):
            self.wrong.append(f"{what}: {status} without words")
        again = forms(self.app, response).get(endpoint)
        if again is None:
            if status == 422 and endpoint in FORMS:
                self.wrong.append(f"{what}: {status} without the form, what was typed is lost")
            return
        kept = again.values()
        for field in shown.fields:
            if field.kind not in TYPED or endpoint == "auth.change_password":
                continue  # there the account's name stands for password managers only
            typed, shown_now = hostile.get(field.name), kept.get(field.name)
            if typed is not None and shown_now is not None and not same(typed, shown_now):
                self.wrong.append(f"{what}: typed {field.name} = {typed!r} became {shown_now!r}")

    def _acceptance(self, what: str, hostile: dict[str, str], touched: set[str]) -> None:
        wanted = {n: _stored(v) for n, v in hostile.items() if not CODED.fullmatch(n) and _stored(v)}
        self.kept += bool(wanted)
        if wanted and self.looked_up < LOOKED_UP:
            self.looked_up += 1
            new = _everything(touched)
            missing = {name: value for name, value in wanted.items() if value not in new}
            held = _everything() if missing else set()  # a row that was changed changes no count
            for name, value in missing.items():
                if value not in held:
                    self.wrong.append(f"{what}: taken, but {name} = {value!r} is not in the database")


def _stored(typed: str) -> str:
    return re.sub(r"\r\n?", "\n", typed).strip()


def _everything(tables: set[str] | None = None) -> set[str]:
    """Every text the database or these tables hold, those in documents and in secrets too."""
    held: set[str] = set()
    for text in stored(tables):
        held.add(text)
        if text[:1] in "{[":
            try:
                held |= set(_inner(json.loads(text)))
            except ValueError:
                continue
    return held


def _inner(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for v in value.values() for t in _inner(v)]
    if isinstance(value, list):
        return [t for v in value for t in _inner(v)]
    return [value] if isinstance(value, str) else []


def _ways(cell: Cell, account: str | None) -> list[dict[str, Any]]:
    """Ways to fill an address, the newest objects first."""
    free = {
        "user_id": range(24, 0, -1),
        "rule_id": range(1, 12),
        "kind": ["pay_table"] if cell.endpoint == "quality.new_rule" else ["csv"],
        "day": [NOW.date(), NOW.date() - dt.timedelta(days=1)],
    }
    free = {name: values for name, values in free.items() if name in cell.rule.arguments}
    own = combinations(cell, account, Lively())[0] if account in RESIDENTS else [{}]
    fixed = [{}] if "kind" in free else choices(cell.rule)
    rest = [dict(zip(free, values, strict=True)) for values in itertools.product(*free.values())]
    return [{**a, **b, **c} for a in (own[-8:][::-1] + own[:8]) for b in fixed for c in rest]


def test_every_route_that_takes_a_form_is_here(lively: Flask) -> None:
    posts = {c.endpoint for c in cells(lively) if c.method == "POST"}
    assert posts == set(FORMS) | set(BLIND) | set(NO_TEXT)
    assert len(posts) == len(FORMS) + len(BLIND) + len(NO_TEXT)


def _names_read() -> set[str]:
    """Names of the fields of every form class, and names read from a form by hand."""
    found: set[str] = set()
    for file in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and file.stem == "forms":
                found |= {
                    target.id
                    for line in node.body
                    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call)
                    for target in line.targets
                    if isinstance(target, ast.Name)
                }
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"request.form.get", "request.form.getlist"}:
                found |= {str(node.args[0].value)} if isinstance(node.args[0], ast.Constant) else set()
    return found


@pytest.mark.long
def test_hostile_strings_in_every_field_of_every_form(
    lively: Flask, enter: Callable[..., Browser], fresh: Callable[[], None]
) -> None:
    sender = Sender(lively, enter, fresh)
    for endpoint in (*FORMS, *BLIND):
        sender.run(endpoint)
    for kind, endpoint in TOP_UP.items():
        sender.run(endpoint, kind)
    assert not sender.wrong, f"{len(sender.wrong)}:\n" + "\n".join(sender.wrong[:200])
    assert _names_read() - sender.names - CHOSEN == set()
    everything = len(strings())
    assert {kind for kind in TOP_UP if sender.rotation.used.get(kind, 0) < everything} == set()
    assert sender.kept > 60
    assert sender.refused > 300


@pytest.mark.long
def test_hostile_names_of_files(lively: Flask, enter: Callable[..., Browser]) -> None:
    browser, wrong, before = enter("township_officer_a"), [], counts(without=LOOSE)
    for text in strings():
        file = (io.BytesIO(b"x,y\r\n1,2"), text)
        response = browser.open("/residents/import", "POST", file=file, step="check")
        if response.status_code not in {400, 409, 413, 422} or not words(response):
            wrong.append(f"{text!r}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert counts(without=LOOSE) == before


def test_hostile_texts_of_a_rule(lively: Flask, enter: Callable[..., Browser]) -> None:
    browser, wrong, before = enter("county_officer_a"), [], counts(without=LOOSE)
    browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; the typed text holds placeholders
    for text in strings()[::4]:
        response = browser.open("/standards/pay_table/new?as=text", "POST", body=text)
        if response.status_code != 422 or not words(response):
            wrong.append(f"{text!r}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert counts(without=LOOSE) == before
