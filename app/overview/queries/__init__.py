"""What each role has to do today, and the county in figures; every figure opens its list."""

from app.overview.queries.county import (
    Money,
    completion,
    county_figures,
    deadlines,
    grades_by_area,
    last_month,
    money_by_quarter,
    money_by_township,
)
from app.overview.queries.quarter import day_so_far, missing, so_far
from app.overview.queries.system import document_by_token, job_runs
from app.overview.queries.waiting import Ending, Figure, count, ending, to_do

__all__ = [
    "Ending",
    "Figure",
    "Money",
    "completion",
    "count",
    "county_figures",
    "day_so_far",
    "deadlines",
    "document_by_token",
    "ending",
    "grades_by_area",
    "job_runs",
    "last_month",
    "missing",
    "money_by_quarter",
    "money_by_township",
    "so_far",
    "to_do",
]
