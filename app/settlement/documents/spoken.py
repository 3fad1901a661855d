"""The slip as somebody reads it out: short Chinese sentences, figures as they are spoken."""

from __future__ import annotations

from app.core import money
from app.core.periods import Month, Quarter
from app.settlement.documents.words import BLOCKED_ZH, GRADE_ZH
from app.settlement.models import LineKind
from app.settlement.queries.slips import Slip, SlipLine
from app.settlement.rules.settling import Blocked

SPOKEN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")


def spoken_yuan(fen: int) -> str:
    """131835 → ``一千三百一十八元三角五分``."""
    words = money.yuan_capitals(fen).translate(SPOKEN).removesuffix("整")
    return words[1:] if words.startswith("一十") else words


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _line(item: SlipLine) -> list[str]:
    line, found = item.line, []
    if line.kind is LineKind.CORRECTION:
        label = Quarter.parse(line.for_quarter).label_zh
        change = "补发" if line.pay_fen >= 0 else "扣回"
        return [f"照料{line.resident.name}：{label}按现在的情况重新核算，{change}{spoken_yuan(abs(line.pay_fen))}。"]
    found.append(f"照料{line.resident.name}：")
    if line.blocked:
        return [*found, f"{BLOCKED_ZH[Blocked(line.blocked)]}。"]
    for part in item.months:
        month = Month.parse(part.month)
        if part.days:
            grade = GRADE_ZH.get(part.grade or 0, "")
            found.append(
                f"{month.number}月，{grade}，每月{spoken_yuan(part.base_fen)}，当月{part.of_days}天算{part.days}天。"
            )
        else:
            found.append(f"{month.number}月没有计算天数。")
    found.append(f"三个月合计应发{spoken_yuan(line.due_fen)}。")
    if line.score is not None and line.ratio_bp is not None:
        ratio = _number(line.ratio_bp / 100)
        found.append(f"本季度考核{_number(line.score / 100)}分，按百分之{ratio}发放，实发{spoken_yuan(line.pay_fen)}。")
    lost = "；".join(f"{d.zh}扣{_number(d.maximum - d.points)}分" for d in item.deductions)
    if lost:
        found.append(f"扣分：{lost}。")
    return found


def spoken(slip: Slip) -> list[str]:
    """Sentences of one slip, in the order in which they are read out."""
    label = Quarter.parse(slip.settlement.quarter).label_zh
    found = [f"{slip.caregiver.name}，您{label}的护理补贴是{spoken_yuan(slip.pay_fen)}。"]
    found.append("钱已经发放。" if slip.paid else "钱还没有发放。")
    for item in slip.lines:
        found += _line(item)
    if slip.withheld_fen > 0:
        found.append(f"因考核扣发{spoken_yuan(slip.withheld_fen)}，不影响老人本人的基本生活费。")
    found.append("哪一条有不同意见，可以只对那一条提出异议，其余照常发放。")
    return found
