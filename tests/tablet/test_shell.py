"""The shell of the tablet app: the same for everybody, complete, and told apart by its version."""

from __future__ import annotations

import re
from typing import Any

from app.tablet.words import WORDS, both
from tests.auth.browsing import post


def _worker(browser: Any) -> tuple[str, list[str]]:
    code = browser.get("/tablet/sw.js").get_data(as_text=True)
    version = re.search(r'yiheng-tablet-([0-9a-f]{16})"', code)
    files = re.search(r"const FILES = \[(.*?)\];", code)
    assert version
    assert files
    return version[1], re.findall(r'"([^"]+)"', files[1])


def _read(browser: Any, file: str) -> str:
    with browser.get(file) as answer:
        assert answer.status_code == 200, file
        return str(answer.get_data(as_text=True))


def test_the_shell_says_nothing_about_anybody(county: Any, client: Any, sign_in: Any) -> None:
    anybody = client.get("/tablet/")
    assessor = sign_in("assessor_a").get("/tablet/")
    assert anybody.data == assessor.data
    assert "assessor_a" not in assessor.get_data(as_text=True)


def test_every_file_the_worker_keeps_is_there_without_a_sign_in(client: Any) -> None:
    _version, files = _worker(client)
    assert {"/tablet/", "/tablet/words.json", "/static/js/tablet/app.js", "/static/js/engine/index.js"} <= set(files)
    for file in files:
        text = _read(client, file)
        if not file.endswith(".js"):
            continue
        for name in re.findall(r'from "(\.[^"]+)"', text):
            folder = file.rsplit("/", 1)[0].split("/")
            for step in name.split("/"):
                folder = folder[:-1] if step == ".." else folder if step == "." else [*folder, step]
            assert "/".join(folder) in files, f"{file} needs {name}, which would be missing without network"


def test_another_file_is_another_version(client: Any, monkeypatch: Any) -> None:
    from app.tablet import shell

    before, _files = _worker(client)
    real = shell.files
    monkeypatch.setattr(shell, "files", lambda: {**real(), "/tablet/": b"changed"})
    assert _worker(client)[0] != before


def test_every_word_is_there_in_both_languages(app: Any) -> None:
    words = both()
    assert set(words["zh"]) == set(words["en"]) == set(WORDS)
    places = re.compile(r"%\((\w+)\)s")
    for name in WORDS:
        assert sorted(places.findall(words["zh"][name])) == sorted(places.findall(words["en"][name])), name


def test_words_named_in_the_app_exist(client: Any) -> None:
    _version, files = _worker(client)
    for file in files:
        if file.startswith("/static/js/tablet/"):
            named = set(re.findall(r'\bt\("(\w+)"', _read(client, file)))
            assert named <= set(WORDS), f"{file}: {named - set(WORDS)}"


def test_the_session_says_who_may_assess_or_record_care(sign_in: Any, client: Any) -> None:
    nobody = {"signed_in": False, "may_assess": False, "may_care": False, "may_sign": False}
    assert client.get("/tablet/api/session").get_json() == nobody
    carer = sign_in("caregiver_a")
    assert carer.get("/tablet/api/session").get_json()["may_care"] is True
    assert carer.get("/tablet/api/session").get_json()["language"] == "zh"
    post(carer, "/locale", page="/account", locale="en")
    assert carer.get("/tablet/api/session").get_json()["language"] == "en", "the app opens in the account's language"
    assert sign_in("assessor_a").get("/tablet/api/session").get_json()["may_care"] is False
    assert sign_in("assessor_a").get("/tablet/api/session").get_json()["may_assess"] is True
    assert sign_in("township_officer_a").get("/tablet/api/session").get_json()["may_assess"] is False
