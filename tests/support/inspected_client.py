"""A test client that looks at every page it opens: the cheapest guard there is."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import lxml.html
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import db

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{\{|\}\}|\{%")
_CJK = re.compile(r"[\u4e00-\u9fff]")


class PageProblem(AssertionError):
    """A page breaks a rule that holds for every page."""


def inspect(path: str, html: str, status: int) -> list[str]:
    """Everything wrong with one page, in words."""
    problems: list[str] = []
    page = lxml.html.document_fromstring(html)
    if len(page.xpath("//h1")) != 1:
        problems.append(f"{len(page.xpath('//h1'))} h1 instead of one")
    title = (page.findtext(".//title") or "").strip()
    if not title:
        problems.append("no title")
    if not page.get("lang"):
        problems.append("no language")
    ids = Counter(page.xpath("//@id"))
    problems += [f"id {i!r} used {n} times" for i, n in ids.items() if n > 1]
    for control in page.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        if control.get("type") in {"submit", "button", "reset"}:
            continue
        labelled = control.get("aria-label") or control.get("aria-labelledby") or control.getparent().tag == "label"
        own = control.get("id")
        if (
            not labelled
            and not (own and page.xpath("//label[@for=$i]", i=own))
            and not control.xpath("ancestor::label")
        ):
            problems.append(f"control {control.get('name') or own!r} has no label")
    for form in page.xpath("//form"):
        if (form.get("method") or "get").lower() == "post" and not form.xpath(".//input[@name='csrf_token']"):
            problems.append(f"form to {form.get('action') or path!r} has no CSRF token")
    if page.xpath("//*[@style]"):
        problems.append("inline style (blocked by the content security policy)")
    if page.xpath("//style") or page.xpath("//script[not(@src)][not(@type='application/json')]"):
        problems.append("inline script or style element")
    problems += [f"inline handler {a}" for a in set(page.xpath("//@*[starts-with(name(),'on')]/.."))]
    text = " ".join(page.xpath("//body//text()[not(parent::script)]"))
    if _PLACEHOLDER.search(text):
        problems.append(f"unfilled placeholder {_PLACEHOLDER.search(text)!r}")
    for image in page.xpath("//img[not(@alt)]"):
        problems.append(f"image {image.get('src')!r} without alternative text")
    return problems


class InspectedClient(FlaskClient):
    """Flask's client plus the inspection; pages of any status are looked at."""

    inspecting = True
    """Off for walks that switch the form token off and would find it missing everywhere."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; raise ``PageProblem`` when the page that comes back breaks a rule."""
        db.session.rollback()  # what the test has read so far is over; the request reads anew
        with self.application.app_context():  # its own `g` and database session, as on a server
            response = super().open(*args, **kwargs)
        if (
            self.inspecting
            and response.mimetype == "text/html"
            and response.data
            and not 300 <= response.status_code < 400
        ):
            problems = inspect(response.request.path, response.get_data(as_text=True), response.status_code)
            if problems:
                raise PageProblem(f"{response.request.path} ({response.status_code}): " + "; ".join(problems))
            if "Content-Security-Policy" not in response.headers:
                raise PageProblem(f"{response.request.path}: no content security policy")
        return response
