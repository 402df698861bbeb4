"""Django's settings, read from the environment.

`TELMEE_MODE` is `demo` (a demonstration on this machine), `production`, or `test`. The commands of
`telmee.installation.commands` set the rest; docs/guides/operate.md lists every variable.
"""

import gc
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from telmee.web.headers import keep_typeface

# Python looks for circles of objects at every 700 new ones, a seventh of each start: loading makes
# many objects that stay. At so many it still looks several times in a page that is large.
gc.set_threshold(20_000, 10, 10)

env = environ.Env()
ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "telmee"

MODE = env.str("TELMEE_MODE", "production")
DEBUG = False
SECRET_KEY = env.str("TELMEE_SECRET_KEY", "")
# Keys of before: what they signed or sealed still holds, and nothing new is made with them.
SECRET_KEY_FALLBACKS = env.list("TELMEE_SECRET_KEY_FALLBACKS", default=[])
DATA = Path(env.str("TELMEE_DATA", str(ROOT / "data")))
ALLOWED_HOSTS = env.list("TELMEE_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("TELMEE_URL", "http://localhost:8000")
# The proxies that may say from where a request comes: addresses and networks.
PROXIES = env.list("TELMEE_PROXIES", default=["127.0.0.1", "::1"] if MODE == "production" else [])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if MODE == "production" else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "procrastinate.contrib.django",
    "telmee.apps.audit",
    "telmee.apps.notices",
    "telmee.apps.organisations",
    "telmee.apps.schemes",
    "telmee.apps.people",
    "telmee.apps.receipts",
    "telmee.apps.contracts",
    "telmee.apps.ledger",
    "telmee.apps.agreements",
    "telmee.apps.contributions",
    "telmee.apps.relations",
    "telmee.apps.decisions",
    "telmee.apps.settlements",
    "telmee.apps.letters",
    "telmee.apps.reports",
    "telmee.apps.trust",
    "telmee.apps.coverage",
    "telmee.apps.enforcement",
    "telmee.apps.openness",
    "telmee.web",
]

MIDDLEWARE = [
    "telmee.web.health.Health",
    "telmee.web.proxies.NamedProxies",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "telmee.web.headers.SecurityHeaders",
    "csp.middleware.CSPMiddleware",  # before static files, which are answered right there
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "telmee.web.middleware.MethodsOfForms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "telmee.web.middleware.UserLanguage",
    # Around the transaction: its mail goes after commit, and asks for the request then.
    "allauth.account.middleware.AccountMiddleware",
    "telmee.web.middleware.OneTransaction",
    "telmee.web.middleware.SealedSecondStep",
    "telmee.web.middleware.RefusedDeeds",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "telmee.web.middleware.SignedOut",
]

ROOT_URLCONF = "telmee.config.urls"
FORM_RENDERER = "telmee.web.forms.NLRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "telmee.web.navigation.navigation",
            ],
        },
    },
]

# Two addresses: the application's role owns nothing; only setting up and loading use the owner.
DATABASES = {"default": env.db_url("DATABASE_URL", "postgresql:///telmee")}
if "DATABASE_OWNER_URL" in env:
    DATABASES["owner"] = env.db_url("DATABASE_OWNER_URL")
for _database in DATABASES.values():
    # A connection answers sooner what it was asked before: it is kept as long as it is well, and
    # what it is asked more than once it plans no more than a few times.
    _database["CONN_MAX_AGE"] = None
    _database["CONN_HEALTH_CHECKS"] = True
    _database.setdefault("OPTIONS", {}).update(
        server_side_binding=True,
        prepare_threshold=1,
        options="-c timezone=UTC",  # Django needs it, and would ask for it on every connection
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # In the database, so that the count of failed sign-ins holds for every web process.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "organisations_cache",
        # Room enough that nobody pushes his own count out by trying many addresses.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

LANGUAGE_CODE = "nl"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = MODE == "production"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = sorted((SOURCE / "web" / "locale").glob("*"))
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [SOURCE / "web" / "static", ROOT / "static" / "built"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = keep_typeface
WHITENOISE_USE_FINDERS = True  # nothing is collected: both folders are served as they are

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "telmee.web.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is proved by the invitation that went there
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to whatever address somebody types
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Who tries passwords waits, longer as he goes on; the account stays open for its owner.
# `telmee.web.guessing` says who "key" is: a sender and an account together.
ACCOUNT_RATE_LIMITS = {
    "login": "",  # what is right costs nothing, so that a whole town hall can begin at nine
    "login_failed": "20/m/ip,200/h/ip,5/5m/key,10/h/key,20/d/key",
    "reset_password": "20/m/ip,100/h/ip,5/h/key",
}
# All accounts together are counted for a whole site, which has one address of IPv4 or a /48.
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 48
ACCOUNT_FORMS = {"login": "telmee.web.sign_in.SignInForm"}
MFA_ADAPTER = "telmee.web.sign_in.SecretsAdapter"
# Whom a visitor of a demonstration can be with one click; an installation in earnest has nobody.
DEMO_ACCOUNTS = env.json("TELMEE_DEMO_ACCOUNTS", default=[]) if MODE == "demo" else []
MFA_FORMS = {
    "add_webauthn": "telmee.web.sign_in.AddPasskeyForm",
    "edit_webauthn": "telmee.web.sign_in.EditPasskeyForm",
    "authenticate": "telmee.web.sign_in.CodeForm",
    "reauthenticate": "telmee.web.sign_in.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Telmee"
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off still gets in
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE != "production"
SOCIALACCOUNT_ADAPTER = "telmee.web.sign_in.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "telmee.web.openid.EmployerProvider",
        "OAUTH_PKCE_ENABLED": True,
        "APPS": env.json("TELMEE_OIDC", default=[]),
    },
}

SESSION_COOKIE_AGE = 2 * 60 * 60  # seconds without a click
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_HOURS_MAX = 12
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = MODE == "production"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if MODE == "production" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = MODE == "production"
SECURE_SSL_REDIRECT = env.bool("TELMEE_HTTPS", default=MODE == "production")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if MODE == "production" else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # allauth draws the TOTP code as a data address
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *env.list("TELMEE_OIDC_ORIGINS", default=[])],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    },
}
SECURITY_CONTACT = env.str("TELMEE_SECURITY_CONTACT", "mailto:security@telmee.example")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if MODE != "production":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA / "mail")
else:
    _mail = env.email_url("TELMEE_MAIL_URL", default="smtp://localhost:25")
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20  # seconds in which a mail server says something
# The mailbox in which mail comes back that could not be delivered; without it nobody looks.
BOUNCE_URL = env.str("TELMEE_BOUNCE_URL", default="")
DEFAULT_FROM_EMAIL = env.str("TELMEE_MAIL_FROM", "Telmee <noreply@telmee.example>")

EVIDENCE_FOLDER = DATA / "evidence"
UPLOAD_FOLDER = DATA / "uploads"
#: Where the library stands that recognises text in photos; without it they are not searched.
PHOTO_LIBRARY = env.str("TELMEE_PHOTO_LIBRARY", default="")
EVIDENCE_BYTES_MAX = 10 * 1024 * 1024
UPLOAD_BYTES_MAX = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
PROCRASTINATE_ON_APP_READY = "telmee.config.jobs.register"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "telmee.web.secrets_in_logs.WithoutSecrets",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
