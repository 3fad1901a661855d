"""Forms as they stand on a page: what they ask, what a careful person would send, and what is still in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import lxml.html
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.lively import NOW

USUAL = {"date": NOW.date().isoformat(), "number": "1"}
TYPED = frozenset({"text", "search", "tel", "email", "url", "textarea"})
"""Kinds of control whose text a person typed and must not lose."""


@dataclass(frozen=True)
class Field:
    """One control: its name, its kind, and the value that stands in it."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class Shown:
    """One form of a page."""

    address: str
    fields: tuple[Field, ...]

    def values(self) -> dict[str, str]:
        """What the browser would send."""
        return {f.name: f.value for f in self.fields}


def _fields(form: Any) -> list[Field]:
    found: dict[str, Field] = {}
    for control in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]"):
        name = control.get("name")
        kind = (control.get("type") or "text") if control.tag == "input" else control.tag
        if name == "csrf_token" or kind in {"submit", "button", "checkbox"} or control.get("disabled") is not None:
            continue
        if kind == "select":
            chosen = control.xpath(".//option[@selected]/@value")
            value = chosen[0] if chosen else next((v for v in control.xpath(".//option/@value") if v), "")
        elif kind == "radio":
            if name in found and control.get("checked") is None:
                continue
            value = control.get("value") or ""
        elif kind == "textarea":
            value = (control.text or "").removeprefix("\n")
        else:
            value = control.get("value") or USUAL.get(kind, "")
        found[name] = Field(name, kind, value)
    return list(found.values())


def forms(app: Flask, response: TestResponse) -> dict[str, Shown]:
    """Endpoint → the first form on a page that posts there."""
    if response.mimetype != "text/html":
        return {}
    adapter, found = app.url_map.bind("localhost"), dict[str, Shown]()
    page = lxml.html.document_fromstring(response.get_data(as_text=True))
    for form in page.xpath("//form[translate(@method,'POST','post')='post']"):
        address = form.get("action") or response.request.path
        try:
            endpoint = adapter.match(address.split("?")[0], method="POST")[0]
        except HTTPException:
            endpoint = f"nothing takes a POST at {address}"
        found.setdefault(endpoint, Shown(address, tuple(_fields(form))))
    return found


def words(response: TestResponse) -> bool:
    """Whether a page says in words what is wrong: beside a field, in the summary, or as an error page."""
    page = lxml.html.document_fromstring(response.get_data(as_text=True))
    said = page.xpath(
        "//*[@role='alert' or contains(@class,'field-error') or contains(@class,'error-summary')"
        " or contains(@class,'error-facts')"
        " or contains(@class,'notice')]"
    )
    return any(len(re.findall(r"\w", node.text_content())) > 3 for node in said)


def same(typed: str, kept: str) -> bool:
    """Whether a page still shows what was typed: line ends, outer blanks and characters no page can carry apart."""
    return _plain(typed) == _plain(kept)


def _plain(text: str) -> str:
    return "".join(
        c for c in re.sub(r"\s+", " ", text).strip() if c.isprintable() and c != "\ufffd"
    )  # a page shows NUL as the replacement character
