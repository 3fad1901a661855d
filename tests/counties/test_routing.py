"""A host chooses a county; nothing a county does reaches another, whatever connection it is done on."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import create_app, startup
from app.config import ConfigurationError, Settings
from app.core.counties import County, CountyError, CountyList, file_of
from app.core.db import db, hold
from app.core.jobs import JobRun
from app.core.transaction import transaction
from app.counties.serving import Counties
from app.features import jobs
from app.people.models import Resident
from app.scheduler import tick
from app.startup import NotReady
from tests.counties.conftest import HELAN, XINGQING, YONGNING, Site, found

MARKS = {XINGQING: "甲县", YONGNING: "乙县"}


def names(site: Site, county: County) -> list[str]:
    with site.app(county).app_context():
        return list(db.session.scalars(select(Resident.name).order_by(Resident.id)))


def test_each_host_is_its_own_county(site: Site) -> None:
    for county, mark in MARKS.items():
        browser = site.browser(county, "county_officer_a")
        page = site.get(browser, county, "/residents")
        assert page.status_code == 200
        assert f"甲老人{mark}" in page.text
        others = {m for m in MARKS.values() if m != mark}
        assert not any(other in page.text for other in others)
    for host in ("XINGQING.localhost", "xingqing.localhost:1"):
        assert site.front.test_client().get("/healthz", headers={"Host": host}).json == {"status": "ok"}


def test_a_host_of_no_county_gets_nothing_but_the_probes(site: Site) -> None:
    client = site.front.test_client()
    for host in ("localhost", "127.0.0.1:8000", "evil.example", "localhost.xingqing.localhost", "xingqing.localhost."):
        for path in ("/", "/sign-in", "/residents", "/static/app.css", "/api/v1/residents"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 404, (host, path)
            assert not any(county.name in answer.text or county.host in answer.text for county in MARKS)
            assert answer.headers["Cache-Control"] == "no-store"
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
        assert client.get("/readyz", headers={"Host": host}).text == "ready\n"
    bad = client.get("/", headers={"Host": "a b/\\c"})
    assert bad.status_code in {400, 404}


def test_a_forwarded_host_counts_only_from_a_proxy_that_is_believed(site: Site) -> None:
    headers = {"Host": XINGQING.host, "X-Forwarded-Host": YONGNING.host}
    plain = create_app(site.settings)
    assert _serving(plain, headers) == XINGQING.code
    behind = create_app(replace(site.settings, trusted_proxies=1))
    assert _serving(behind, headers) == YONGNING.code


def _serving(front: Any, headers: dict[str, str]) -> str:
    """Which county answered: the one whose application was made."""
    answer = front.test_client().get("/healthz", headers=headers)
    assert answer.status_code == 200
    counties: Counties = front.extensions["counties"]
    (app,) = counties._apps.values()
    counties.close()
    return str(app.extensions["settings"].county)


def test_a_county_made_while_the_process_runs_is_served(site: Site) -> None:
    client = site.front.test_client()
    assert site.get(client, HELAN, "/sign-in").status_code == 404
    found(site.settings, HELAN)
    assert site.get(client, HELAN, "/sign-in").status_code == 200


def test_a_county_that_is_not_ready_keeps_no_other_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client, again = site.front.test_client(), Counties(site.settings)
    CountyList(site.settings.data_dir).add(HELAN)  # on the list, and without tables
    refused = site.get(client, HELAN, "/sign-in")
    assert refused.status_code == 503
    assert "暂不可用" in refused.text
    assert site.get(client, XINGQING, "/sign-in").status_code == 200
    with pytest.raises(NotReady, match="no tables yet"):
        again.app(HELAN)
    with pytest.raises(NotReady, match="a moment ago"):
        again.app(HELAN)
    assert len(list(again.ready())) == 2
    monkeypatch.setattr("app.counties.serving.LOOK_AGAIN", 0)
    found(site.settings, HELAN)
    assert len(list(again.ready())) == 3
    again.close()


def test_tables_of_another_county_are_not_served(site: Site) -> None:
    """Somebody brought the tables of one county to the place of another, past the product."""
    app = site.app(XINGQING)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE setting SET value = '\"640121\"' WHERE key = 'county'"))
        db.engine.dispose()
    again = Counties(site.settings)
    with pytest.raises(NotReady, match="hold county 640121, and this is county 640104"):
        again.app(XINGQING)
    again.close()


def test_applications_beyond_the_most_are_made_again(site: Site) -> None:
    few = Counties(site.settings, most=1)
    for county in (XINGQING, YONGNING, XINGQING):
        with few.app(county).app_context():
            assert db.session.scalar(select(Resident.name).limit(1)).endswith(MARKS[county])
    assert len(few._apps) == 1
    few.close()


def test_many_requests_at_once_each_meet_their_own_county(site: Site) -> None:
    """Eight threads, two counties, half of the acts taken back: every read sees the own county's four people."""
    wrong: list[str] = []

    def work(number: int) -> None:
        county = (XINGQING, YONGNING)[number % 2]
        for turn in range(15):
            with site.app(county).app_context():
                try:
                    seen = db.session.scalars(select(Resident.name)).all()
                    if len(seen) != 4 or any(not name.endswith(MARKS[county]) for name in seen):
                        wrong.append(f"{county.code}: {seen}")
                    if turn % 2:
                        with transaction():
                            db.session.execute(text("UPDATE resident SET name = 'x'"))
                            raise _TakenBack
                except _TakenBack:
                    pass
                finally:
                    db.session.remove()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert {len(names(site, county)) for county in MARKS} == {4}


class _TakenBack(Exception):
    pass


def test_a_connection_keeps_nothing_of_the_county_it_served(site: Site) -> None:
    """PostgreSQL: one pool for all counties; a path on a connection that came back would be the next county's leak."""
    with site.app(XINGQING).app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            assert {str(site.app(c).extensions["settings"].data_dir) in str(_url(site, c)) for c in MARKS} == {True}
            return
    with site.app(YONGNING).app_context():
        assert db.engine.pool is engine.pool
    seen = []
    for county in (XINGQING, YONGNING) * 8:  # more turns than psycopg waits before it prepares a statement by name
        with site.app(county).app_context(), db.engine.connect() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            name = connection.execute(select(Resident.name).order_by(Resident.id).limit(1)).scalar_one()
            assert name.endswith(MARKS[county])
            seen.append(pid)
    assert len(set(seen)) < len(seen), "connections were used by both"
    raw = engine.raw_connection()
    try:
        assert raw.cursor().execute("SHOW search_path").fetchone() == ('""',)
        with pytest.raises(Exception, match='relation "resident" does not exist'):
            raw.cursor().execute("SELECT * FROM resident")
    finally:
        raw.close()
    outside = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with outside, pytest.raises(DBAPIError, match="does not exist"):
        outside.exec_driver_sql("SELECT * FROM resident")


def _url(site: Site, county: County) -> Any:
    with site.app(county).app_context():
        return db.engine.url


def test_a_lock_is_of_one_county(site: Site) -> None:
    """Nobody waits for another county: not for file numbers, not for a migration (SQLite locks files, which are two)."""
    with site.app(XINGQING).app_context(), transaction() as first:
        first.act = "test.hold"
        hold("file numbers of people")
        with site.app(YONGNING).app_context(), transaction() as second:
            second.act = "test.hold"
            started = time.monotonic()
            hold("file numbers of people")
            assert time.monotonic() - started < 5


def test_the_jobs_of_every_county_run_whatever_becomes_of_one(site: Site) -> None:
    CountyList(site.settings.data_dir).add(HELAN)  # without tables: it is passed over
    for _ in range(2):
        tick(site.counties.ready)
    for county in MARKS:
        with site.app(county).app_context():
            done = db.session.execute(select(JobRun.job, JobRun.ok)).all()
            assert {job for job, ok in done if ok} <= {job.name for job in jobs()}
            assert len({job for job, _ok in done}) == len(done), "each job once a period, in each county"
            db.session.remove()


@pytest.mark.parametrize(
    ("code", "host", "words"),
    [
        ("64012", "a.localhost", "six digits"),
        ("../../x", "a.localhost", "six digits"),
        ("640123", "a b", "no host name"),
        ("640123", "A.localhost", "no host name"),
        ("640123", "a.localhost:80", "no host name"),
        ("640123", XINGQING.host, "belongs to county 640104"),
        (XINGQING.code, "b.localhost", "here already"),
    ],
)
def test_what_cannot_be_routed_is_refused_in_words(settings: Settings, code: str, host: str, words: str) -> None:
    counties = CountyList(settings.data_dir)
    counties.add(XINGQING)
    with pytest.raises(CountyError, match=words):
        counties.add(County(code, "某县", host))
    assert counties.all() == (XINGQING,)


def test_a_damaged_list_serves_nobody(site: Site) -> None:
    path = file_of(site.settings.data_dir)
    whole = path.read_text("utf-8")
    for damaged in ("", "{", '{"counties": [{"code": "640104"}]}', whole.replace(YONGNING.host, XINGQING.host)):
        path.write_text(damaged, "utf-8")
        answer = site.get(site.front.test_client(), XINGQING, "/sign-in")
        assert answer.status_code == 503, damaged
        with pytest.raises(CountyError):
            CountyList(site.settings.data_dir).all()
    path.write_text(whole, "utf-8")
    assert site.get(site.front.test_client(), XINGQING, "/sign-in").status_code == 200


def test_one_county_is_chosen_by_a_setting(site: Site, server: Any) -> None:
    env = {"DATA_DIR": str(site.settings.data_dir), "SECRET_KEY": "k" * 40, "COUNTY": YONGNING.code}
    if server is not None:
        env["DATABASE_URL"] = site.settings.database_url
    own = Settings.from_env(env)
    assert own.county == YONGNING.code
    assert own.secret_key == site.app(YONGNING).config["SECRET_KEY"]
    app = create_app(replace(own, testing=True))
    with app.app_context():
        assert startup.problems() == []
        assert db.session.scalar(select(Resident.name).limit(1)).endswith("乙县")
        db.session.remove()
        db.engine.dispose()
    with pytest.raises(ConfigurationError, match="no county 150422"):
        Settings.from_env({**env, "COUNTY": "150422"})
    file_of(site.settings.data_dir).unlink()
    with pytest.raises(ConfigurationError, match="is missing"):
        Settings.from_env({**env, "COUNTY": ""})


def test_counties_never_share_a_file(settings: Settings) -> None:
    for changes, words in (
        ({"keys_file": settings.data_dir / "k.json"}, "KEYS_FILE"),
        ({"seal_file": settings.data_dir / "s.pem"}, "SEAL_FILE"),
        ({"database_url": "sqlite:////tmp/one.sqlite3"}, "each have their own"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            replace(settings, **changes).for_county(XINGQING)  # type: ignore[arg-type]  # fields by name


def test_an_installation_of_one_county_knows_nothing_of_this(app: Any) -> None:
    settings: Settings = app.extensions["settings"]
    assert (settings.many, settings.county, settings.schema) == (False, "", "")
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW search_path").scalar() == '"$user", public'


def test_a_dead_server_is_said_by_the_readiness_probe(site: Site) -> None:
    away = replace(XINGQING, database_url="postgresql://127.0.0.1:1/none?connect_timeout=1")
    file_of(site.settings.data_dir).unlink()
    CountyList(site.settings.data_dir).add(away)
    assert create_app(site.settings).test_client().get("/readyz").status_code == 503
