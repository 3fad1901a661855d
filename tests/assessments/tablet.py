"""The tablet's engine in a real Chromium, without a server: modules from our folder, under the product's own policy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

import assessments
from assessments import Instrument
from assessments.export import canonical, exported

STATIC = Path(__file__).resolve().parents[2] / "app" / "static"
ADDRESS = "http://localhost:9"
"""Nothing listens there: every request is answered from our folder, and ``localhost`` is a secure context."""
POLICY = "default-src 'self'"
WORK = """async ([key, work, texts]) => {
  const engine = await import("/static/js/engine/index.js");
  const one = (text) => {
    const sheet = JSON.parse(text);
    try {
      const data = key ? window.instruments.get(key) : engine.named(window.instruments, sheet);
      return engine[work](data, sheet);
    } catch (error) {
      if (error instanceof engine.SheetError) return { problems: error.problems };
      throw error;
    }
  };
  return texts.map((text) => engine.canonical(one(text)));
}"""
HASHED = f"async (given) => {{ const engine = await import('/static/js/engine/index.js'); const found = await ({WORK})(given);"
HASHED += "return engine.sha256(found.join('\\n')); }"


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(ADDRESS)
    if path == "/":
        route.fulfill(body="<!doctype html><title>engine</title>", content_type="text/html", headers={"Content-Security-Policy": POLICY})  # fmt: skip
        return
    route.fulfill(body=(STATIC / path.removeprefix("/static/")).read_text("utf-8"), content_type="text/javascript")


def opened(browser: Browser, *instruments: Instrument) -> Page:
    """A page with the engine and the data of these instruments."""
    page = browser.new_page()
    page.route("**/*", _answer)
    page.goto(ADDRESS)
    given = []
    for one in instruments:
        data = exported(one)
        given.append({"key": one.key, "data": data, "export_sha256": hashlib.sha256(canonical(data)).hexdigest()})
    page.evaluate(
        """async (given) => {
          const { opened } = await import("/static/js/engine/index.js");
          window.instruments = new Map();
          for (const one of given) window.instruments.set(one.key, await opened(one));
        }""",
        given,
    )
    return page


def server_says(work: str, sheet: Any, instrument: Instrument | None = None) -> Any:
    """The document the server makes of a sheet, or its refusal."""
    try:
        if work == "explain":
            return assessments.explain(sheet, instrument=instrument).as_dict()
        return assessments.score(sheet, instrument).as_dict()
    except assessments.SheetError as error:
        return error.as_dict()


def differences(
    page: Page, sheets: Iterable[Any], *, work: str = "score", instrument: Instrument | None = None, batch: int = 500
) -> Iterator[Any]:
    """Every sheet on which tablet and server differ, with both documents. Whole batches are compared by hash."""
    rest = iter(sheets)
    while part := list(islice(rest, batch)):
        texts = [json.dumps(sheet) for sheet in part]
        here = [canonical(server_says(work, sheet, instrument)).decode("utf-8") for sheet in part]
        wanted = hashlib.sha256("\n".join(here).encode()).hexdigest()
        if page.evaluate(HASHED, [instrument.key if instrument else "", work, texts]) == wanted:
            continue
        there = page.evaluate(WORK, [instrument.key if instrument else "", work, texts])
        for sheet, own, other in zip(part, here, there, strict=True):
            if own != other:
                yield sheet, json.loads(own), json.loads(other)
