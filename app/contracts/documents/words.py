"""Chinese words of a contract on paper: the paper is Chinese whatever language its reader works in."""

from __future__ import annotations

from app.contracts.models import Slot
from app.contracts.rules.signing import CosignerRole, IdentityCheck, Medium, TakenBackFor

PARTY_WORDS = {
    Slot.COUNTY_GOVERNMENT: "甲方 旗县人民政府",
    Slot.TOWNSHIP_GOVERNMENT: "乙方 乡镇（苏木）人民政府",
    Slot.CIVIL_AFFAIRS: "丙方 民政局",
    Slot.VILLAGE: "丁方 村（社区）",
    Slot.INSTITUTION: "戊方 供养机构",
    Slot.CAREGIVER: "己方 护理人员",
    Slot.RESIDENT: "庚方 特困人员",
}
AXIS_WORDS = {"main": "主轴·主体责任", "second": "副轴·指导责任", "service": "服务", "subject": "服务对象"}
MEANS_WORDS = {
    "hand": "手写签名",
    "fingerprint": "按指印",
    "guardian": "监护人签名",
    "witnessed_mark": "画押（两名见证人）",
    "seal": "加盖公章",
}
GRADES = {1: "全自理", 2: "半护理", 3: "全护理"}
MEDIUM_WORDS = {
    Medium.ACCOUNT: "本方账号签署",
    Medium.TABLE: "现场平板签署",
    Medium.PAPER: "纸质签署（附扫描件）",
}
HELD_WORDS = "经办人设备上签署"
"""On the glass of an officer's account: the party was there in person and has none of its own."""
IDENTITY_WORDS = {
    IdentityCheck.ACCOUNT: "账号登录",
    IdentityCheck.ID_CARD: "查验身份证",
    IdentityCheck.SUPPORT_CARD: "查验特困人员救助供养证",
    IdentityCheck.KNOWN: "经办人认识本人",
    IdentityCheck.VOUCHED: "在场人员证明",
}
COSIGNER_WORDS = {
    CosignerRole.WITNESS: "见证人",
    CosignerRole.GUARDIAN: "共同监护人",
    CosignerRole.CAREGIVER: "第二护理人员",
    CosignerRole.COLLEAGUE: "第二经办人",
}
TAKEN_BACK_WORDS = {
    TakenBackFor.WRONG_PERSON: "签署人不对",
    TakenBackFor.UNCLEAR: "字迹或者图片看不清",
    TakenBackFor.CAPACITY: "签署身份或者方式不对",
    TakenBackFor.OTHER: "其他原因",
}
STATE_ZH = {"draft": "草稿", "signing": "签署中", "void": "已作废"}
"""Versions of a contract that is not in force yet, or never was."""


def article(number: int) -> str:
    """A clause's number as a contract writes it: 第一条, 第二十三条. Numbers up to 99."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    words = ("" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")
    return f"第{words}条"


def brackets(number: int) -> str:
    """The number of a provision: （一）, （二） …"""
    return f"（{article(number)[1:-1]}）"
