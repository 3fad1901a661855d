"""Every form of the product as a careful person fills it, for the guard that then types hostile strings into it."""

from __future__ import annotations

import datetime as dt
import re

from app.people.models import Sex
from tests.factories import PASSWORD, id_number
from tests.support.lively import NOW

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
    "workforce.store_hours": (
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
