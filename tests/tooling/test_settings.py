"""Settings: what production refuses, and the defaults that the page on settings names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.config import ConfigurationError, Settings

ROOT = Path(__file__).parents[2]
RANDOM = "9f1c7a5be2d84036a7b1c0d9e8f72a64"
SAFE = {"YIHENG_ENV": "production", "SECRET_KEY": RANDOM, "BASE_URL": "https://care.example.gov.cn"}


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {**SAFE, "DATA_DIR": str(folder), **changes}


def test_a_safe_production_environment_is_accepted_and_strict(tmp_path: Path) -> None:
    settings = Settings.from_env(environment(tmp_path))
    assert settings.production
    assert settings.https
    assert settings.require_second_factor
    assert settings.trusted_hosts == ("care.example.gov.cn",)
    assert settings.trusted_proxies == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": ""}, "needs SECRET_KEY"),
        ({"SECRET_KEY": RANDOM[:31]}, "32 random characters"),
        ({"SECRET_KEY": "a" * 40}, "32 random characters"),
        ({"SECRET_KEY": f"change-me-{RANDOM}"}, "32 random characters"),
        ({"BASE_URL": ""}, "https://"),
        ({"BASE_URL": "http://care.example.gov.cn"}, "https://"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"YIHENG_ENV": "test"}, "development or production"),
        ({"PASSWORD_PROFILE": "none"}, "djbh or nist"),
        ({"IDLE_MINUTES": "half"}, "whole number"),
        ({"TRUSTED_PROXIES": "-1"}, "whole number"),
    ],
)
def test_what_is_not_safe_is_refused_in_words(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings.from_env(environment(tmp_path, **changes))


def test_the_second_factor_cannot_be_switched_off_in_production(tmp_path: Path) -> None:
    assert Settings.from_env(environment(tmp_path, REQUIRE_SECOND_FACTOR="off")).require_second_factor


def test_the_development_secret_is_not_for_production(tmp_path: Path) -> None:
    made = Settings.from_env({"DATA_DIR": str(tmp_path)}).secret_key
    assert len(made) == 64
    with pytest.raises(ConfigurationError, match="development secret"):
        Settings.from_env(environment(tmp_path, SECRET_KEY=made))


def test_the_page_on_settings_names_the_defaults(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    named = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", page, re.MULTILINE))
    found = Settings.from_env({"DATA_DIR": str(tmp_path)})
    assert {
        name: named[name] for name in ("YIHENG_ENV", "PORT", "TRUSTED_PROXIES", "IDLE_MINUTES", "ABSOLUTE_HOURS")
    } == {
        "YIHENG_ENV": found.environment,
        "PORT": str(found.port),
        "TRUSTED_PROXIES": str(found.trusted_proxies),
        "IDLE_MINUTES": str(found.idle_minutes),
        "ABSOLUTE_HOURS": str(found.absolute_hours),
    }
    assert named["PASSWORD_PROFILE"] == found.password_profile
