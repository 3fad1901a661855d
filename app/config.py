"""Settings from the environment; refuses to start in production with development defaults.

The table of variables stands in ``docs/configuration.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.counties import County, CountyError, CountyList, file_of, folder_of

ROOT = Path(__file__).resolve().parent.parent


class ConfigurationError(RuntimeError):
    """The environment asks for something that cannot be run safely."""


def _flag(value: str | None, default: bool) -> bool:
    return default if value is None or value == "" else value.strip().lower() in {"1", "true", "yes", "on"}


def _whole_number(name: str, default: int, env: dict[str, str]) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdigit():
        raise ConfigurationError(f"{name} must be a whole number, not {value!r}")
    return int(value)


@dataclass(frozen=True)
class Settings:
    """Everything an installation may set."""

    environment: str = "development"
    data_dir: Path = ROOT / "instance"
    database_url: str = ""
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    keys_file: Path | None = None
    seal_file: Path | None = None
    seal_passphrase: str = field(default="", repr=False)
    port: int = 8000
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    https: bool = False
    password_profile: str = "djbh"  # noqa: S105  # the name of a set of rules
    require_second_factor: bool = False
    idle_minutes: int = 30
    absolute_hours: int = 12
    county: str = ""
    testing: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        """Whether real people's data is expected here."""
        return self.environment == "production"

    @property
    def many(self) -> bool:
        """Whether this is an installation of many counties and none of them is chosen."""
        return not self.county and file_of(self.data_dir).exists()

    @property
    def schema(self) -> str:
        """The PostgreSQL schema of the chosen county; empty for an installation of one county, and on SQLite."""
        return f"county_{self.county}" if self.county and not self.sqlalchemy_url.startswith("sqlite") else ""

    def host_of(self, code: str) -> str:
        """The host a new county answers to: its code before the host of ``BASE_URL``."""
        return f"{code}.{_host(self.base_url) or 'localhost'}".lower()

    def for_county(self, county: County) -> Settings:
        """The settings of one county: an installation of its own, with its folder, its schema, its keys, its secret.

        The secrets are derived from ``SECRET_KEY``: a cookie or the address behind a QR code of one county means
        nothing in another. Raises ``ConfigurationError`` for settings that would make counties share a file.
        """
        if self.keys_file or self.seal_file:
            raise ConfigurationError("KEYS_FILE and SEAL_FILE belong to an installation of one county: unset them")
        if self.database_url.startswith("sqlite"):
            raise ConfigurationError("DATABASE_URL names one SQLite file: many counties each have their own, unset it")
        scheme, _, rest = (self.base_url or f"http://localhost:{self.port}").partition("://")
        port = rest.split("/")[0].partition(":")[2]
        return replace(
            self,
            county=county.code,
            data_dir=folder_of(self.data_dir, county.code),
            database_url=county.database_url or self.database_url,
            secret_key=_county_secret(self.secret_key, county.code),
            secret_key_fallbacks=tuple(_county_secret(key, county.code) for key in self.secret_key_fallbacks),
            base_url=f"{scheme}://{county.host}" + (f":{port}" if port else ""),
            trusted_hosts=(county.host,),
        )

    @property
    def sqlalchemy_url(self) -> str:
        """Database address with the driver named."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'yiheng.sqlite3'}"
        for short in ("postgres://", "postgresql://"):
            if url.startswith(short):
                url = "postgresql+psycopg://" + url[len(short) :]
        return url

    @property
    def keyring_path(self) -> Path:
        """Where the field-encryption keys are: outside the database."""
        return self.keys_file or self.data_dir / "keys.json"

    @property
    def seal_path(self) -> Path:
        """Where key and certificate of the seal on contracts are: outside the database."""
        return self.seal_file or self.data_dir / "seal.pem"

    @classmethod
    def from_env(cls, env: dict[str, str] | None = None) -> Settings:
        """Read and check the environment. Raises ``ConfigurationError`` in words."""
        env = dict(os.environ) if env is None else env
        environment = env.get("YIHENG_ENV", "development")
        if environment not in {"development", "production"}:
            raise ConfigurationError(f"YIHENG_ENV must be development or production, not {environment!r}")
        production = environment == "production"
        data_dir = Path(env.get("DATA_DIR") or ROOT / "instance").resolve()
        secret = env.get("SECRET_KEY", "")
        if production:
            _check_secret(secret, data_dir)
            if _flag(env.get("FLASK_DEBUG"), False):
                raise ConfigurationError("production must not run with FLASK_DEBUG: its error pages show people's data")
        if not secret:
            secret = _development_secret(data_dir)
        base_url = env.get("BASE_URL", "").rstrip("/")
        if production and not base_url.startswith("https://"):
            raise ConfigurationError("production needs BASE_URL, the https:// address people open")
        hosts = tuple(h.strip() for h in env.get("TRUSTED_HOSTS", "").split(",") if h.strip())
        if production and not hosts:
            hosts = (base_url.removeprefix("https://").split("/")[0],)
        profile = env.get("PASSWORD_PROFILE", "djbh")
        if profile not in {"djbh", "nist"}:
            raise ConfigurationError("PASSWORD_PROFILE must be djbh or nist")
        settings = cls(
            environment=environment,
            data_dir=data_dir,
            database_url=env.get("DATABASE_URL", ""),
            secret_key=secret,
            secret_key_fallbacks=tuple(k for k in env.get("SECRET_KEY_FALLBACKS", "").split(",") if k),
            keys_file=Path(env["KEYS_FILE"]) if env.get("KEYS_FILE") else None,
            seal_file=Path(env["SEAL_FILE"]) if env.get("SEAL_FILE") else None,
            seal_passphrase=env.get("SEAL_PASSPHRASE", ""),
            port=_whole_number("PORT", 8000, env),
            base_url=base_url,
            trusted_hosts=hosts,
            trusted_proxies=_whole_number("TRUSTED_PROXIES", 0, env),
            https=_flag(env.get("HTTPS"), production),
            password_profile=profile,
            require_second_factor=_flag(env.get("REQUIRE_SECOND_FACTOR"), production) or production,
            idle_minutes=_whole_number("IDLE_MINUTES", 30, env),
            absolute_hours=_whole_number("ABSOLUTE_HOURS", 12, env),
        )
        if not file_of(data_dir).exists() and (data_dir / "counties").is_dir():
            raise ConfigurationError(
                f"{file_of(data_dir)} is missing, and {data_dir / 'counties'} is there: restore it"
            )
        if not env.get("COUNTY"):
            return settings
        try:
            return settings.for_county(CountyList(data_dir).get(env["COUNTY"]))
        except CountyError as error:
            raise ConfigurationError(str(error)) from error


def _check_secret(secret: str, data_dir: Path) -> None:
    """Raise ``ConfigurationError`` for a secret that somebody could guess or has: it protects every session."""
    how = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
    if not secret:
        raise ConfigurationError(f"production needs SECRET_KEY; {how}")
    plain = secret.casefold()
    if len(secret) < 32 or len(set(secret)) < 8 or any(word in plain for word in _PLACEHOLDERS):
        raise ConfigurationError(f"production needs a SECRET_KEY of at least 32 random characters; {how}")
    own = data_dir / "secret_key"
    if own.is_file() and own.read_text().strip() == secret:
        raise ConfigurationError(f"production must not use the development secret of {own}; {how}")


def _host(base_url: str) -> str:
    return base_url.partition("://")[2].split("/")[0].split(":")[0]


def _county_secret(secret: str, code: str) -> str:
    return hmac.new(secret.encode(), f"yiheng county {code}".encode(), hashlib.sha256).hexdigest()


_PLACEHOLDERS = ("change", "secret", "password", "example", "development", "yiheng")


def _development_secret(data_dir: Path) -> str:
    """A secret of this installation, made once, so that restarting keeps people signed in."""
    path = data_dir / "secret_key"
    if path.exists():
        return path.read_text().strip()
    data_dir.mkdir(parents=True, exist_ok=True)
    value = secrets.token_hex(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value


def flask_config(settings: Settings) -> dict[str, object]:
    """The settings as Flask and its extensions name them."""
    cookie = "__Host-yiheng" if settings.https else "yiheng"
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url,
        "SESSION_COOKIE_NAME": cookie,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": settings.absolute_hours * 3600,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "app" / "translations"),
        "TESTING": settings.testing,
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        **settings.extra,
    }
