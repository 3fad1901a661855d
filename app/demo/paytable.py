"""The demo county's own rules: the published figures of another county, drafted and approved by two people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.core import clock
from app.demo.county import County
from app.demo.records import local
from app.quality.operations import draft_pay_table, draft_rule, publish_rule

PAY_TABLE = Path(__file__).parent.parent / "settlement" / "examples" / "pay_table_taojiang.toml"


def publish_pay_table(county: County, start: dt.date) -> None:
    """Publish the 桃江县 figures as an example, as the county would publish its own."""
    with clock.at(local(start - dt.timedelta(days=70), 10)):
        row = draft_rule(county.actor("county_officer_a"), "pay_table", PAY_TABLE.read_text())
        publish_rule(county.actor("county_reviewer_a"), row.id, reason="演示用：桃江县公布标准，非本县标准。")


def draft_next_pay_table(county: County, today: dt.date) -> None:
    """A draft for the coming year that waits for the second person: what the standards room is for. Its figures are
    invented on top of the example and say so.
    """
    draft_pay_table(
        county.actor("county_officer_a"),
        title=f"照料护理标准（{today.year + 1}年调整草案，演示）",
        in_force_from=dt.date(today.year + 1, 1, 1),
        status="example",
        source="演示用草案：在桃江县公布数额上虚拟上调一成，非任何旗县公布的标准。",
        figures={"half_care": 28500, "full_care": 56900},
    )
