"""The care plan for the file, and in large print for the bedside or the kitchen wall."""

from __future__ import annotations

import io

from app.care import queries, rules
from app.care.documents.words import day_zh
from app.care.documents.words import words as label
from app.care.labels import DRINKS, FOODS, RISK_LEVELS, WISHES
from app.care.models import CarePlan, PlanState
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Run, Signature
from app.people.labels import QUALIFICATIONS
from app.people.models import Setting

GRADES = {1: "全自理", 2: "半护理", 3: "全护理"}
STATES = {PlanState.DRAFT: "草稿", PlanState.APPROVED: "已批准", PlanState.REPLACED: "已被新计划替代"}


def plan_pdf(actor: Actor, row: CarePlan) -> tuple[io.BytesIO, str]:
    """A plan in large type; the same plan gives the same bytes."""
    facts = {
        "plan": row.number,
        "lines": row.lines,
        "risks": row.risks,
        "texture": [row.texture, row.confirmed],
        "state": row.state.value,
        "from": row.valid_from.isoformat(),
    }
    issued = issue(
        actor, kind="plan", number=row.number, object_id=row.id, facts=facts, area_code=row.resident.area_code
    )
    standard = queries.standard_of(row)
    words = rules.texts(standard.body)
    document = PdfDocument(
        f"照护计划 {row.resident.name}",
        row.number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        STATES[row.state],
        watermark="草 稿" if row.state is PlanState.DRAFT else None,
    )
    document.key_values(
        [
            ("姓名", row.resident.name),
            ("所在村（社区）", row.resident.area.name),
            ("照料护理档次", GRADES[row.grade.grade]),
            ("供养形式", "集中供养" if row.setting is Setting.INSTITUTIONAL else "分散供养"),
            ("自", day_zh(row.valid_from)),
            ("至", day_zh(row.valid_to) if row.valid_to else "新计划生效前"),
            ("护理服务标准", f"{standard.title['zh']} 第{standard.version}版"),
        ]
    )
    document.heading("每天、每周要做的事")
    lines = [line for line in row.lines if line["frequency"] != "-"]
    document.table(
        [Column("护理服务项目", width=52), Column("多久一次", width=36), Column("注意")],
        [
            [
                Cell(words[line["item"]].zh, bold=True),
                rules.frequency_zh(line["frequency"]),
                Cell(
                    "\n".join(
                        [*(rules.plain_zh(n["zh"]) for n in line["notes"]), *([line["note"]] if line["note"] else [])]
                    )
                    or "按标准检查要点执行"
                ),
            ]
            for line in lines
        ],
        size=12,
    )
    if row.notes:
        document.note(row.notes, title="本人情况与要求")
    _texture(document, row)
    _risks(document, row)
    document.heading("检查要点")
    document.table(
        [Column("项目", width=52), Column("检查要点")],
        [[words[line["item"]].zh, "；".join(words[line["item"]].checkpoints)] for line in lines],
    )
    document.signatures(
        [Signature("特困人员（或监护人）"), Signature("护理人员"), Signature("计划制定人"), Signature("批准人")]
    )
    return io.BytesIO(document.render()), f"{row.number}.pdf"


def _texture(document: PdfDocument, row: CarePlan) -> None:
    """Food and drink: what a qualified person confirmed, or that nobody has yet."""
    document.heading("饮食性状")
    if row.confirmed:
        made = row.confirmed
        words = f"食物：{label(FOODS, made['food'])}；饮品：{label(DRINKS, made['drink'])}。"
        who = f"由{made['by']}（{label(QUALIFICATIONS, made['qualification'])}）确认。"
        document.paragraph([Run(words, True), Run(who + (made["reason"] or ""), False)], size=12)
    elif row.texture.get("food"):
        document.paragraph(f"建议：{label(FOODS, row.texture['food'])}。尚未经有资质人员确认，不得据此喂食。", size=12)
    else:
        document.paragraph("尚无性状结论（饮水试验或口腔检查未做）；进食有呛咳时停止并报告。", size=12)


def _risks(document: PdfDocument, row: CarePlan) -> None:
    """The risks that need watching, with their measures."""
    words = {risk["id"]: risk for risk in queries.personal_of(row).body["risk"]}
    watched = [risk for risk in row.risks if risk["level"] in ("high", "watch")]
    document.heading("风险与措施")
    if not watched:
        document.paragraph("九项风险中暂无需要重点防范的项目。", size=12)
        return
    document.table(
        [Column("风险", width=36), Column("程度", width=20), Column("措施")],
        [
            [
                Cell(words[risk["id"]]["zh"], bold=True),
                label(RISK_LEVELS, risk["level"]),
                Cell("；".join([*words[risk["id"]]["measures"], *([risk["note"]] if risk["note"] else [])])),
            ]
            for risk in watched
        ],
        size=12,
    )


LARGE = 17.0
"""Points of the plan on the wall: read at arm's length by somebody with presbyopia."""


def bedside_pdf(actor: Actor, row: CarePlan) -> tuple[io.BytesIO, str]:
    """The plan in large print for the bedside or the kitchen wall: what to do each day, food, risks, who helps.

    The plan is what people sign; this sheet hangs on a wall and fits on it. Wishes are printed only when the person agreed to it; orders of the doctor and signs of illness never hang on a wall.
    """
    profile = queries.profile_facts(row.profile_id)
    shown = profile.wishes if profile and profile.row.show_at_bedside and actor.may("profiles.read") else {}
    facts = {
        "plan": row.number,
        "lines": row.lines,
        "state": row.state.value,
        "large": True,
        "texture": row.confirmed,
        "wishes": shown,
        "night": row.night,
        "risks": row.risks,
    }
    number = f"{row.number}-B"
    issued = issue(actor, kind="plan", number=number, object_id=row.id, facts=facts, area_code=row.resident.area_code)
    words = rules.texts(queries.standard_of(row).body)
    document = PdfDocument(
        f"{row.resident.name}的照护计划",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        STATES[row.state],
        watermark="草 稿" if row.state is PlanState.DRAFT else None,
    )
    document.paragraph(f"{GRADES[row.grade.grade]}　自{day_zh(row.valid_from)}起", size=LARGE, bold=True)
    lines = [line for line in row.lines if line["frequency"] not in ("-", "prn")]
    lines.sort(key=lambda line: -rules.parse_frequency(line["frequency"]).per_day())
    document.table(
        [Column("做什么", width=46), Column("多久一次", width=40), Column("注意")],
        [
            [
                Cell(words[line["item"]].short_zh, bold=True),
                rules.frequency_zh(line["frequency"]),
                Cell("\n".join([*(rules.plain_zh(n["zh"]) for n in line["notes"]), line["note"]]).strip()),
            ]
            for line in lines
        ],
        size=LARGE - 3,
    )
    _texture_large(document, row)
    words_of = {risk["id"]: risk for risk in queries.personal_of(row).body["risk"]}
    high = [risk for risk in row.risks if risk["level"] == "high"]
    if high:
        document.paragraph("特别当心", size=LARGE + 3, bold=True)
        for risk in high:
            measures = "；".join([*words_of[risk["id"]]["measures"], *([risk["note"]] if risk["note"] else [])])
            document.paragraph(
                [Run(f"防{words_of[risk['id']]['zh']}：", True), Run(f"{measures}。", False)], size=LARGE - 2
            )
    if row.night.get("helper"):
        document.paragraph(f"夜间帮手：{row.night['helper']}", size=LARGE, bold=True)
    if shown:
        document.paragraph("本人的心愿", size=LARGE + 3, bold=True)
        for name in WISHES:
            if name in shown:
                document.paragraph([Run(f"{label(WISHES, name)}：", True), Run(shown[name], False)], size=LARGE - 2)
    document.paragraph("有急事先打 120，再告诉村里。照顾不到位可以向乡镇、民政局反映。", size=LARGE, bold=True)
    return io.BytesIO(document.render()), f"{number}.pdf"


def _texture_large(document: PdfDocument, row: CarePlan) -> None:
    document.paragraph("吃什么样的饭", size=LARGE + 3, bold=True)
    if row.confirmed:
        words = f"{label(FOODS, row.confirmed['food'])}；饮品 {label(DRINKS, row.confirmed['drink'])}"
    elif row.texture.get("food"):
        words = "还没有经医生、护士或康复师确认，请先问清楚"
    else:
        words = "没有特别要求；吃饭呛咳时停下来并报告"
    document.paragraph(words, size=LARGE, bold=True)
