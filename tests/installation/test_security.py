"""`serve` refuses an environment that would make an installation insecure."""

import secrets

import pytest

from telmee.installation.security import insecure_settings

_SAFE = {
    "TELMEE_SECRET_KEY": secrets.token_urlsafe(48),
    "TELMEE_HOSTS": "telmee.example.nl,www.telmee.example.nl",
    "TELMEE_URL": "https://telmee.example.nl",
    "TELMEE_PROXIES": "127.0.0.1, 10.0.3.0/24,2001:db8:1::/64",
}


def _codes(**changes: str) -> list[str]:
    return [problem.code for problem in insecure_settings(_SAFE | changes)]


def test_a_safe_environment_is_taken() -> None:
    assert _codes() == []


@pytest.mark.parametrize("hosts", ["localhost", "127.0.0.1,localhost", "[::1],localhost"])
def test_this_machine_may_be_called_without_https(hosts: str) -> None:
    url = f"http://{hosts.partition(',')[0]}:8000"
    assert _codes(TELMEE_HOSTS=hosts, TELMEE_URL=url) == []
    assert _codes(TELMEE_HOSTS="", TELMEE_URL=url) == []


@pytest.mark.parametrize(
    "host",
    [
        "*",
        ".nl",
        ".example.nl",
        ".",
        "*.example.nl",
        "0.0.0.0",  # noqa: S104 - refused
        "::",
        "[::]",
        "https://a.nl",
        "a:80",
    ],
)
def test_a_host_that_is_no_name_in_full_is_refused(host: str) -> None:
    assert _codes(TELMEE_HOSTS=f"telmee.example.nl,{host}") == ["host_unnamed"]


@pytest.mark.parametrize(
    "url",
    [
        "http://telmee.example.nl",
        "http://localhost.example.nl",
        "http://localhost@telmee.example.nl",
        "https://telmee.example.nl/pad",
        "https://u:p@telmee.example.nl",
        "https://telmee.example.nl:no",
        "https://[x",
        "ftp://telmee.example.nl",
        "telmee.example.nl",
        "https://",
        "http://0.0.0.0",
    ],
)
def test_an_address_that_others_can_read_is_refused(url: str) -> None:
    assert _codes(TELMEE_URL=url) == ["url_insecure"]


def test_links_lead_to_a_host_that_answers() -> None:
    assert _codes(TELMEE_URL="https://other.example.nl") == ["url_other_host"]


@pytest.mark.parametrize("proxy", ["1", "proxy.internal", "0.0.0.0/0", "::/0", "10.0.3.1/24", "*"])
def test_a_proxy_is_named_by_its_address(proxy: str) -> None:
    assert _codes(TELMEE_PROXIES=f"127.0.0.1,{proxy}") == ["proxy_unnamed"]


def test_a_key_of_before_is_no_weaker() -> None:
    weak = {"TELMEE_SECRET_KEY_FALLBACKS": "short"}
    assert _codes(**weak) == ["secret_key_insecure"]


@pytest.mark.parametrize("between", [",", " ", "\t", "\n"])
def test_a_key_that_could_not_be_a_key_of_before_is_refused(between: str) -> None:
    key = between.join(secrets.token_urlsafe(48) for _ in range(2))
    assert _codes(TELMEE_SECRET_KEY=key) == ["secret_key_divided"]


def test_between_keys_of_before_is_a_comma_and_nothing_else() -> None:
    one, two = (secrets.token_urlsafe(48) for _ in range(2))
    assert _codes(TELMEE_SECRET_KEY_FALLBACKS=f"{one},{two},") == []
    assert _codes(TELMEE_SECRET_KEY_FALLBACKS=f"{one}, {two}") == ["secret_key_divided"]


def test_all_is_told_at_once() -> None:
    told = _codes(
        TELMEE_SECRET_KEY="",
        DEBUG="1",
        TELMEE_HOSTS="*",
        TELMEE_URL="http://a.nl",
        TELMEE_PROXIES="1",
    )
    assert told == [
        "secret_key_insecure",
        "debug_in_production",
        "host_unnamed",
        "url_insecure",
        "proxy_unnamed",
    ]


@pytest.mark.parametrize(
    "bounds",
    [
        "{}",
        '{"domains": []}',
        '{"domains": "hilversum.nl"}',
        '{"domains": ["*"]}',
        '{"domains": ["nl"]}',
        '{"domains": [".hilversum.nl"]}',
        '{"domains": ["@hilversum.nl"]}',
        '{"domains": ["hilversum.nl", ""]}',
        '{"domains": ["hilversum.nl"], "organisations": ["Hilversum"]}',
        '{"domains": ["hilversum.nl"], "organisations": "12345678"}',
    ],
)
def test_a_sign_in_that_may_vouch_for_any_address_is_refused(bounds: str) -> None:
    entry = f'{{"provider_id": "a", "settings": {bounds}}}'
    assert _codes(TELMEE_OIDC=f"[{entry}]") == ["sign_in_unbound"]


@pytest.mark.parametrize("providers", ["{", "{}", '"x"', '["x"]', '[{"provider_id": "a"}]'])
def test_a_sign_in_that_cannot_be_read_is_refused(providers: str) -> None:
    assert _codes(TELMEE_OIDC=providers) == ["sign_in_unbound"]


def test_a_sign_in_bound_to_its_domains_is_taken() -> None:
    bounds = '{"domains": ["hilversum.nl"], "organisations": ["32123456"]}'
    assert _codes(TELMEE_OIDC=f'[{{"provider_id": "a", "settings": {bounds}}}]') == []
    assert _codes(TELMEE_OIDC="[]") == []


@pytest.mark.parametrize(
    "url",
    [
        "imap://bounces:secret@mail.example.nl",
        "imap+tls://bounces:secret@mail.example.nl",
        "imaps://mail.example.nl",
        "imaps://bounces@mail.example.nl",
        "imaps://bounces:secret@",
        "imaps://bounces:secret@mail.example.nl:port",
        "imaps://bounces:secret@mail.example.nl/a%22b",
        "imaps://bounces:secret@mail.example.nl/a%0D%0Ab",
        "imaps://bounces:secret@mail.example.nl/INBOX?x",
        "imaps://[x",
        "bounces",
    ],
)
def test_a_mailbox_for_bounces_that_cannot_be_read_safely_is_refused(url: str) -> None:
    assert _codes(TELMEE_BOUNCE_URL=url) == ["bounce_url_invalid"]
    problems = list(insecure_settings(_SAFE | {"TELMEE_BOUNCE_URL": url}))
    assert "secret" not in repr(problems)


def test_a_mailbox_for_bounces_over_tls_is_taken() -> None:
    for place in ("", ":993", "/", "/INBOX.Bounces", "/Mail%20returned"):
        url = f"imaps://bounces%40example.nl:s%2Fecret@mail.example.nl{place}"
        assert _codes(TELMEE_BOUNCE_URL=url) == []
