"""The comparison of texts and translations finds what a reader would trip over."""

import gettext

import pytest

from app.build import translations


@pytest.fixture
def tree(tmp_path):
    """A tree with one view and one template; the caller adds the translations."""
    (tmp_path / "translations" / "zh").mkdir(parents=True)
    (tmp_path / "care" / "templates" / "care").mkdir(parents=True)
    (tmp_path / "care" / "views.py").write_text(
        'title = gettext("Today")\nngettext("%(num)d entry", "%(num)d entries", 2)\npgettext("menu", "Open")\n'
    )
    (tmp_path / "care" / "templates" / "care" / "day.html").write_text(
        "<h1>{{ _('Checklist of %(name)s', name=n) }}</h1>"
    )
    return tmp_path


GOOD = """
"Today" = "今天"
"%(num)d entry" = "%(num)d 条记录"
"Checklist of %(name)s" = "%(name)s的服务清单"
[menu]
"Open" = "打开"
"""


def _write(tree, text, name="care"):
    (tree / "translations" / "zh" / f"{name}.toml").write_text(text, "utf-8")


def test_complete_translations_have_no_problem_and_are_shown(tree):
    _write(tree, GOOD)
    assert translations.check(tree) == []
    assert translations.compile_catalogue(tree) == 4
    with (tree / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.gettext("Today") == "今天"
    assert chinese.ngettext("%(num)d entry", "%(num)d entries", 2) == "%(num)d 条记录"
    assert chinese.pgettext("menu", "Open") == "打开"


def test_an_unchanged_catalogue_is_not_made_again(tree):
    _write(tree, GOOD)
    assert translations.compile_catalogue(tree) == 4
    assert translations.compile_catalogue(tree) is None
    _write(tree, GOOD.replace("今天", "今日"))
    assert translations.compile_catalogue(tree) == 4


def test_a_missing_translation_is_named_with_its_place(tree):
    _write(tree, GOOD.replace('"Today" = "今天"\n', ""))
    assert translations.check(tree) == ["app/care/views.py:1: no Chinese for 'Today'"]


def test_a_lost_placeholder_is_found(tree):
    _write(tree, GOOD.replace("%(name)s的", ""))
    assert any("different placeholders" in problem for problem in translations.check(tree))


def test_a_translation_that_nothing_shows_is_found(tree):
    _write(tree, '"Nowhere" = "无处"' + GOOD)
    assert translations.check(tree) == ["app/translations/zh: 'Nowhere' is translated and shown nowhere"]


def test_two_translations_of_one_text_are_refused_and_equal_ones_are_not(tree):
    _write(tree, GOOD)
    _write(tree, '"Today" = "今天"\n', "people")
    assert translations.check(tree) == []
    _write(tree, '"Today" = "当天"\n', "people")
    assert "settle on one" in translations.check(tree)[0]


def test_a_file_that_cannot_be_read_is_named(tree):
    _write(tree, '"Today = ')
    assert translations.check(tree)[0].startswith("care.toml: ")
