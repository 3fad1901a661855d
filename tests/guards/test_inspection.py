"""The inspection of pages finds what it promises to find."""

from __future__ import annotations

import pytest

from tests.support.inspected_client import inspect

GOOD = (
    "<!doctype html><html lang='zh'><head><title>t</title></head><body><h1>t</h1>"
    "<form method='post'><input type='hidden' name='csrf_token' value='x'><label for='a'>a</label><input id='a'></form></body></html>"
)


def test_a_good_page_has_no_problem() -> None:
    assert inspect("/", GOOD, 200) == []


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (GOOD.replace("<h1>t</h1>", ""), "h1"),
        (GOOD.replace("<h1>t</h1>", "<h1>t</h1><h1>u</h1>"), "h1"),
        (GOOD.replace("<title>t</title>", "<title></title>"), "title"),
        (GOOD.replace(" lang='zh'", ""), "language"),
        (GOOD.replace("<h1>", "<h1 id='a'>"), "used 2 times"),
        (GOOD.replace("<label for='a'>a</label>", ""), "no label"),
        (GOOD.replace("name='csrf_token'", "name='other'"), "CSRF"),
        (GOOD.replace("<h1>", "<h1 style='color:red'>"), "inline style"),
        (GOOD.replace("<h1>", "<script>alert(1)</script><h1>"), "inline script"),
        (GOOD.replace("<h1>", "<h1 onclick='x()'>"), "inline handler"),
        (GOOD.replace("<h1>t", "<h1>%(name)s"), "placeholder"),
        (GOOD.replace("<h1>", "<img src='a.png'><h1>"), "alternative text"),
    ],
)
def test_each_kind_of_problem_is_found(broken: str, word: str) -> None:
    assert any(word in problem for problem in inspect("/", broken, 200))
