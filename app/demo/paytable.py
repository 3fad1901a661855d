"""The demo county's own rules: the published figures of another county, drafted and approved by two people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.core import clock
from app.demo.county import County
from app.demo.records import local
from app.quality.operations import draft_rule, publish_rule

PAY_TABLE = Path(__file__).parent.parent / "settlement" / "examples" / "pay_table_taojiang.toml"


def publish_pay_table(county: County, start: dt.date) -> None:
    """Publish the 桃江县 figures as an example, as the county would publish its own."""
    with clock.at(local(start - dt.timedelta(days=70), 10)):
        row = draft_rule(county.actor("county_officer_a"), "pay_table", PAY_TABLE.read_text())
        publish_rule(county.actor("county_reviewer_a"), row.id, reason="演示用：桃江县公布标准，非本县标准。")
