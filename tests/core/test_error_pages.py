"""Every error is a page in words: what happened, what was kept, what to do; and it keeps every rule of a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, g, render_template

from tests.support.inspected_client import inspect

STATUSES = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507)


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("status", STATUSES)
def test_each_error_says_what_happened_what_was_kept_and_what_to_do(app: Flask, status: int, locale: str) -> None:
    with app.test_request_context("/x"):
        from flask import session

        session["locale"] = locale
        g.request_id = "0123456789abcdef"
        page = render_template(f"errors/{status}.html", message="<b>why</b>")
    assert inspect("/x", page, status) == []
    assert "0123456789abcdef" in page
    assert "<b>why</b>" not in page
    parts = re.findall(r"<p>(.+?)</p>", page.partition('class="error-facts"')[2], re.DOTALL)
    assert len([p for p in parts if p.strip()]) >= 3
    content = page.partition('id="main"')[2].partition("</main>")[0]
    assert bool(re.search("[\u4e00-\u9fff]", content)) is (locale != "en")


def test_a_file_that_is_too_large_is_refused_in_words(county: Any, sign_in: Any) -> None:
    client = sign_in("township_officer_a")
    answer = client.post(
        "/residents/import",
        data=b"--x" + b"0" * (12 * 1024 * 1024),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "12" in answer.get_data(as_text=True)
