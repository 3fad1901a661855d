"""What one county gave out opens nothing in another: cookies, tokens, devices, papers, backups, keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.auth import operations as auth
from app.core import audit, clock
from app.core.backup import backup, restore
from app.core.crypto import DecryptionError
from app.core.db import db
from app.core.errors import Refused
from app.core.issuing import issue, verify_url
from app.people.models import Resident
from app.tablet.operations import devices
from tests.counties.conftest import XINGQING, YONGNING, Site
from tests.factories import PASSWORD
from tests.factories import County as Small
from tests.tablet.device import Tablet, jwk


def test_a_session_of_one_county_is_nobody_in_another(site: Site) -> None:
    browser = site.browser(XINGQING, "county_officer_a")
    assert site.get(browser, XINGQING, "/residents").status_code == 200
    foreign = site.get(browser, YONGNING, "/residents")
    assert foreign.status_code == 302
    assert "/sign-in" in foreign.location
    other = site.browser(YONGNING, "county_officer_a")
    assert site.get(other, YONGNING, "/residents").status_code == 200, "the same name is an account there"


def test_the_token_of_a_session_is_unknown_in_another(site: Site) -> None:
    """Even inside a cookie that the other county signed itself."""
    token = site.session(XINGQING, "county_officer_a")
    for signer, host, status in ((XINGQING, XINGQING, 200), (YONGNING, YONGNING, 302), (YONGNING, XINGQING, 302)):
        client = site.front.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = f"yiheng={site.cookie(signer, token)}"
        assert site.get(client, host, "/residents").status_code == status


def test_an_api_token_opens_one_county(site: Site) -> None:
    with site.app(XINGQING).app_context():
        actor = Small().actor("auditor")
        token = auth.create_token(actor, "test", 30, PASSWORD, address="")
    client = site.front.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {token}"}
    own = site.get(client, XINGQING, "/api/v1/residents", headers=headers)
    assert own.status_code == 200
    assert "甲县" in own.text
    assert site.get(client, YONGNING, "/api/v1/residents", headers=headers).status_code == 401


def test_a_device_of_one_county_is_unknown_in_another(site: Site) -> None:
    tablet = Tablet()
    with site.app(XINGQING).app_context():
        _row, tablet.token = devices.enrol_device(
            Small().actor("assessor_a"), tablet.uid, "下乡平板", jwk(tablet.key.public_key())
        )
    tablet.write("sheet", "one", {"resident": "R900001"}, now=clock.now())
    body = {"records": tablet.wire([1])}
    client = site.front.test_client(use_cookies=False)
    answers = {
        county: client.post(
            "/tablet/api/records", base_url=f"http://{county.host}", json=body, headers=tablet.headers
        ).status_code
        for county in (XINGQING, YONGNING)
    }
    assert answers[YONGNING] == 401
    assert answers[XINGQING] != 401


def test_the_address_on_paper_is_another_one_in_each_county(site: Site) -> None:
    """The same paper, number and words, printed in both: each code leads to its own county and is unknown in the other."""
    tokens: dict[Any, str] = {}
    for county in (XINGQING, YONGNING):
        with site.app(county).app_context():
            row = issue(Small().actor("township_officer_a"), kind="slip", number="S-1", object_id=1, facts={})
            tokens[county] = row.token
            assert verify_url(row).startswith(f"http://{county.host}:8000/verify/")
    assert tokens[XINGQING] != tokens[YONGNING]
    client = site.front.test_client()
    assert site.get(client, XINGQING, f"/verify/{tokens[XINGQING]}").status_code == 200
    assert site.get(client, YONGNING, f"/verify/{tokens[XINGQING]}").status_code == 404


def test_what_one_county_encrypted_does_not_open_in_another(site: Site) -> None:
    with site.app(XINGQING).app_context():
        row = Small().resident("甲老人甲县")
        blob, uid, index = row.id_number_enc, row.uid, row.id_number_index
        number = row.id_number
    with site.app(YONGNING).app_context():
        assert Resident.id_number.lookup(str(number)) != index
        theirs = Small().resident("甲老人乙县")
        theirs.uid, theirs.id_number_enc = uid, blob
        with pytest.raises(DecryptionError):
            _ = theirs.id_number
        db.session.rollback()


def test_a_backup_is_restored_into_its_own_county_only(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.backup"
    monkeypatch.setenv("BACKUP_PASSPHRASE", "one passphrase for both counties")
    with site.app(XINGQING).app_context():
        backup(file)
        db.session.remove()
    with site.app(YONGNING).app_context(), pytest.raises(Refused, match="of county 640104, and this is county 640121"):
        restore(file)
    with site.app(YONGNING).app_context():
        assert Small().resident("甲老人乙县").id
        assert audit.verify()[1] is None


def test_secrets_and_folders_are_the_countys_own(site: Site) -> None:
    apps = [site.app(county) for county in (XINGQING, YONGNING)]
    for what in (
        lambda app: app.config["SECRET_KEY"],
        lambda app: app.extensions["keyring"].current().index_key,
        lambda app: app.extensions["settings"].data_dir,
        lambda app: app.extensions["settings"].base_url,
        lambda app: app.extensions["seal"].path,
    ):
        assert len({what(app) for app in apps}) == 2
    assert site.settings.secret_key not in {app.config["SECRET_KEY"] for app in apps}
    for app in apps:
        with app.app_context():
            names = db.session.scalars(select(Resident.name)).all()
            assert len(names) == 4
