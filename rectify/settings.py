"""Settings: one file; what varies comes from the environment, and a wrong value fails loudly at start."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from rectify.choices import Role

BASE_DIR = Path(__file__).resolve().parent.parent
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)
HOST = re.compile(r"\*|\.?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
SHORTEST_KEY = 32


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"环境变量 {name} 只能是 1 或 0，现在是 {value!r}。")


def allowed_hosts() -> list[str]:
    """Host names without scheme and port, by default that of SITE_URL; this machine may always ask itself."""
    hosts = [part.strip() for part in os.environ.get("ALLOWED_HOSTS", "").split(",") if part.strip()]
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"环境变量 ALLOWED_HOSTS 应是主机名，用逗号分隔，不带 http:// 和端口，现在有 {host!r}。"
            )
    return ["127.0.0.1", "localhost", "[::1]", *(hosts or [str(urlsplit(SITE_URL).hostname)])]


def site_url() -> str:
    value = (os.environ.get("SITE_URL", "").strip() or f"http://127.0.0.1:{PORT}").rstrip("/")
    if not ORIGIN.fullmatch(value) or _port_of(value) is None:
        raise ImproperlyConfigured(
            "环境变量 SITE_URL 应形如 https://zhenggai.example.gov.cn，"
            f"只有协议、主机和端口，现在是 {value!r}。"
        )
    return value


def _port_of(url: str) -> int | None:
    """The port of a URL, 0 where it names none; None when there cannot be such a port or host."""
    try:
        return urlsplit(url).port or 0
    except ValueError:
        return None


def env_port() -> int:
    value = os.environ.get("PORT", "").strip() or "8000"
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
        raise ImproperlyConfigured(f"环境变量 PORT 应是 1 到 65535 的整数，现在是 {value!r}。")
    return int(value)


def data_dir() -> Path:
    """The folder of all that must be kept, made at the first start."""
    folder = Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()
    try:
        (folder / "static").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"环境变量 DATA_DIR 指的 {folder} 不能用作数据目录，请确认它所在的目录存在并且可以写入。"
        ) from error
    return folder


def env_hour(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdigit() or int(value) > 23:
        raise ImproperlyConfigured(f"环境变量 {name} 应是 0 到 23 的整数，现在是 {value!r}。")
    return int(value)


def env_number(name: str, default: int, *, least: int, most: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most):
        raise ImproperlyConfigured(f"环境变量 {name} 应是 {least} 到 {most} 的整数，现在是 {value!r}。")
    return int(value)


def secret_key() -> str:
    """The key from the environment, or one generated once and kept, readable by its owner only."""
    value, origin = os.environ.get("SECRET_KEY", ""), "环境变量 SECRET_KEY "
    if not value:
        path = DATA_DIR / "secret_key"
        try:
            value, origin = _kept_key(path), f"文件 {path} 里的密钥"
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(f"密钥文件 {path} 不能读写：{error}。") from error
    if len(value) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"{origin}太短，至少 {SHORTEST_KEY} 个随机字符，现在是 {len(value)} 个。")
    return value


def _kept_key(path: Path) -> str:
    """Linked under its name when it is whole: of two first starts at once, one key wins and both read it."""
    if not path.exists():
        draft = path.with_name(f".secret_key-{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(50))
                file.flush()
                os.fsync(handle)
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def trusted_proxies() -> frozenset[str]:
    """The addresses of our own proxies, whose X-Forwarded-* headers are believed; none by default."""
    names = [name.strip() for name in os.environ.get("TRUSTED_PROXIES", "").split(",") if name.strip()]
    try:
        return frozenset(str(ipaddress.ip_address(name)) for name in names)
    except ValueError as error:
        raise ImproperlyConfigured(
            "环境变量 TRUSTED_PROXIES 应是以逗号分隔的 IP 地址，例如 127.0.0.1,::1。"
        ) from error


PORT = env_port()
TRUSTED_PROXIES = trusted_proxies()
SITE_URL = site_url()
IS_HTTPS = SITE_URL.startswith("https://")
DATA_DIR = data_dir()
EVIDENCE_DIR = DATA_DIR / "evidence"
ANCHOR_DIR = DATA_DIR / "anchors"
UPLOAD_DIR = DATA_DIR / "uploads"  # sheets between upload and confirmation; not backed up

SECRET_KEY = secret_key()
DEBUG = env_bool("DEBUG", False)
# A finished year, restored to be read: nothing but exports goes on its record.
READ_ONLY = env_bool("READ_ONLY", False)
ALLOWED_HOSTS = allowed_hosts()
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "rectify.apps.RectifyConfig",
    "rectify.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "treebeard",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "axes",
]

MIDDLEWARE = [
    "rectify.middleware.RequestId",
    "rectify.middleware.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rectify.middleware.CompressPages",
    "rectify.middleware.ContentSecurity",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rectify.middleware.SizeLimit",
    "rectify.middleware.OnlyUtf8",
    "rectify.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rectify.sessions.SessionLimits",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rectify.middleware.NoStore",
    "rectify.sessions.FirstThings",
    "rectify.sessions.WallAlone",
    "rectify.views.ledger_choice.LedgerInAddress",
    "rectify.middleware.Refusals",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "rectify.urls"
WSGI_APPLICATION = "rectify.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rectify.views.context_processors.frame",
            ],
            "builtins": [
                "rectify.templatetags.rectify_words",
                "rectify.templatetags.buttons",
                "rectify.templatetags.drawn",
                "rectify.templatetags.fields",
                "rectify.templatetags.item",
                "rectify.templatetags.measures",
                "rectify.templatetags.moments",
            ],
        },
    }
]

FORM_RENDERER = "rectify.forms.renderer.DrawnWidgets"

# -- database ---------------------------------------------------------------------------------------

# Opening a connection costs a page half its time, and closing SQLite's last one copies the log back.
KEEP_CONNECTION = 600
SQLITE_OPTIONS = {
    "timeout": 60,  # in the queue of writers: longer than the largest load holds the lock
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA busy_timeout=20000; PRAGMA cache_size=-512; "
        "PRAGMA secure_delete=ON;"  # what a purge takes out must not stay in the file
    ),
}


def databases() -> dict[str, dict]:
    """`default` writes; `snapshot` reads one consistent state for exports without blocking writers."""
    default: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "rectify.sqlite3"),
        "CONN_MAX_AGE": KEEP_CONNECTION,
    }
    if url := os.environ.get("DATABASE_URL"):
        try:
            default = dict(dj_database_url.parse(url, conn_max_age=KEEP_CONNECTION, conn_health_checks=True))
        except ValueError as error:  # the URL itself may hold a password: it is not repeated
            raise ImproperlyConfigured(
                "环境变量 DATABASE_URL 无法识别，应形如 postgres://用户:密码@主机:5432/库名。"
            ) from error
        if default["NAME"] in ("", ":memory:"):
            raise ImproperlyConfigured("环境变量 DATABASE_URL 没有写明数据库的名称或文件。")
    snapshot: dict[str, Any] = {**default, "TEST": {"MIRROR": "default"}, "CONN_MAX_AGE": 0}
    if default["ENGINE"].endswith("sqlite3"):
        default["ENGINE"] = snapshot["ENGINE"] = "rectify.sqlite3"
        default["OPTIONS"] = {**SQLITE_OPTIONS, "transaction_mode": "IMMEDIATE"}
        # In memory WAL is off and four writers collide: the tests use a file too.
        default["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}
        snapshot["OPTIONS"] = {**SQLITE_OPTIONS, "transaction_mode": "DEFERRED"}
        # django_tables2 would load PostgreSQL's driver for a column that no list has: 10 MB of each process.
        sys.modules.setdefault("django.contrib.postgres.fields", None)  # type: ignore[arg-type]
    elif default["ENGINE"].endswith("postgresql"):
        require_psycopg()
        # Compiling a query of many parts takes ten times as long as answering it.
        default["OPTIONS"] = {"options": "-c jit=off", **default.get("OPTIONS", {})}
        snapshot["OPTIONS"] = {
            **default["OPTIONS"],
            "options": "-c jit=off -c default_transaction_isolation=repeatable\\ read"
            " -c default_transaction_read_only=on",
        }
    else:
        raise ImproperlyConfigured("环境变量 DATABASE_URL 只支持 SQLite 和 PostgreSQL。")
    return {"default": default, "snapshot": snapshot}


def require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise ImproperlyConfigured(
            "连接 PostgreSQL 的组件（psycopg，或它要用的 libpq）在这台机器上不能用。"
            "请先从系统安装盘安装 libpq；只用 SQLite 的，清空 DATABASE_URL。"
        ) from error


DATABASES = databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- accounts ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "rectify.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["rectify.server.hashing.GatedPBKDF2"]
# What 等保 2.0 (GB/T 22239) asks of signing in at its levels two and three; its numbers are those that
# assessors ask for. Each can be set by itself.
PRESETS: dict[str, dict[str, int | str]] = {
    "": {"kinds": 3, "history": 3, "max_days": 0, "idle": 30, "hours": 12, "factor": ""},
    "2": {"kinds": 3, "history": 5, "max_days": 90, "idle": 30, "hours": 12, "factor": ""},
    "3": {"kinds": 3, "history": 5, "max_days": 90, "idle": 15, "hours": 8, "factor": "all"},
}


def protection_preset() -> dict[str, Any]:
    level = os.environ.get("PROTECTION_LEVEL", "").strip()
    if level not in PRESETS:
        raise ImproperlyConfigured(
            f"环境变量 PROTECTION_LEVEL 只能是 2 或 3（等保二级、三级），不用时留空，现在是 {level!r}。"
        )
    return PRESETS[level]


def roles_with_factor(default: str) -> frozenset[str]:
    """The roles that sign in with a second factor only; `all` for every role."""
    given = os.environ.get("REQUIRE_SECOND_FACTOR", "").strip() or default
    names = {name.strip() for name in given.split(",") if name.strip()}
    if names == {"all"}:
        return frozenset(Role.values)
    if names == {"none"}:
        return frozenset()
    if wrong := names - set(Role.values):
        raise ImproperlyConfigured(
            f"环境变量 REQUIRE_SECOND_FACTOR 应是以逗号分隔的角色（{','.join(Role.values)}），"
            f"或者 all、none，现在有 {sorted(wrong)[0]!r}。"
        )
    return frozenset(names)


PRESET = protection_preset()
PASSWORD_LENGTH = env_number("PASSWORD_LENGTH", 10, least=8, most=64)
PASSWORD_KINDS = env_number("PASSWORD_KINDS", PRESET["kinds"], least=1, most=4)
PASSWORD_HISTORY = env_number("PASSWORD_HISTORY", PRESET["history"], least=0, most=24)
PASSWORD_MAX_DAYS = env_number("PASSWORD_MAX_DAYS", PRESET["max_days"], least=0, most=3650)
SESSION_HOURS = env_number("SESSION_HOURS", PRESET["hours"], least=1, most=168)
# Seconds without a request; `sessions.SessionLimits` renews it at most once a minute.
SESSION_COOKIE_AGE = 60 * env_number("SESSION_IDLE_MINUTES", PRESET["idle"], least=2, most=480)
REQUIRE_SECOND_FACTOR = roles_with_factor(PRESET["factor"])
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "rectify.forms.sign_in.password_rules.MinimumLength",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "rectify.forms.sign_in.password_rules.CharacterKinds", "OPTIONS": {"least": PASSWORD_KINDS}},
    {"NAME": "rectify.forms.sign_in.password_rules.NotAlike"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "rectify.forms.sign_in.password_rules.NotReused"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# An office shares one address: lock the pair of name and address, never the address alone.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_CLIENT_IP_CALLABLE = "rectify.middleware.client_address"
AXES_LOCKOUT_CALLABLE = "rectify.views.people.sign_in.locked"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "rectify.views.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# Other sites of the office may share the domain: only whoever runs them all can promise for them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS and env_bool("HSTS_SUBDOMAINS", False)
# An answer to two warnings of `check --deploy`: the setting above decides, and says why.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# -- files and limits -------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of a folder that is not there
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else draws pages with them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "rectify.server.statics.CollectedStatics"},
}

# nginx may read the evidence folder, and sends its files itself (deploy/nginx.conf).
NGINX_SENDS_FILES = env_bool("NGINX_SENDS_FILES", False)
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024
EVIDENCE_MAX_FILES = 10
REQUEST_MAX_BYTES = EVIDENCE_MAX_BYTES * EVIDENCE_MAX_FILES + 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# -- language, time, mail ---------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True


def email() -> dict[str, object]:
    """EMAIL_URL as smtp://user:password@host:port, smtps:// or smtp+tls://; empty: mail goes to the log."""
    value = os.environ.get("EMAIL_URL", "").strip()
    if not value:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname or _port_of(value) is None:
        raise ImproperlyConfigured("环境变量 EMAIL_URL 应形如 smtp+tls://用户:密码@主机:587。")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 20,
    }


globals().update(email())
DEFAULT_FROM_EMAIL = "zhenggai@localhost"
# The hour in Shanghai from which the day's reminders are sent.
REMIND_HOUR = env_hour("REMIND_HOUR", 8)
DJANGO_TABLES2_TEMPLATE = "problems/_table.html"

TESTING = "pytest" in sys.modules

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "rectify.middleware.RequestIdFilter"}},
    "formatters": {"line": {"()": "rectify.server.log_lines.JsonLine"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "rectify": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        "waitress.queue": {"level": "ERROR"},
        # Too much text is refused in words, as any other mistake of a form; Django calls it an error.
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
    },
}
