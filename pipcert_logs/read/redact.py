"""Take secrets out of text, before anything is quoted or kept."""

from __future__ import annotations

from collections.abc import Iterator

import regex
from ahocorasick_rs import AhoCorasick

from pipcert_logs.patterns import compiled

MASK = "****"
_STAR = "*"
_STARS = compiled(r"\*{2,}")
_NAME = (
    r"[\w.-]{0,40}?(?:token|secret|signature|password|passwd|credential|api[_-]?key)[\w.-]{0,40}?"
)

_NAMES = ("token", "secret", "signature", "passw", "credential", "apikey", "api_key", "api-key")

# Small letters, one of which any match holds, and the pattern, whose group is the secret.
_SECRETS = tuple(
    (signs, compiled(pattern, regex.IGNORECASE))
    for signs, pattern in (
        # user:password@ and token@ in URLs; a password may hold an @ itself
        (("@",), r"(?<=://)([^\s/'\"<>]{1,4000})@(?=[\w\[])"),
        # a password that should have been percent-encoded: with slashes, up to the last @; that no
        # other URL begins in it keeps a text of many URLs from being read many times
        (("@",), r"(?<=://)([^\s/'\"<>:@]{1,64}:(?!\d{1,5}/)(?:[^\s'\"<>:]|:(?!//)){1,4000})@"),
        # or with quotes
        (
            ("@",),
            r"(?<=://)([^\s/'\"<>:@]{1,64}:(?!\d{1,5}/)(?:[^\s<>:]|:(?!//)){1,300})@(?=[\w\[])",
        ),
        # user:password@host without a scheme, as proxies are written
        (("@",), r"(?<![\w/@.])([\w.+%-]{1,64}:[^\s/'\"<>:]{1,128})@(?=[\w\[])"),
        # what pip and urllib take such a URL apart into
        (("valid host",), r"'([^\s'/:]{1,64}:[^\s']{1,128})' is not a valid host or port"),
        (("be cast",), r"Port could not be cast to integer value as '([^\s']{1,300})'"),
        # headers, as HTTP and as a repr of headers print them
        (
            ("authorization", "x-api-key", "x-jfrog", "private-token", "job-token"),
            r"(?:authorization|x-api-key|x-jfrog-art-api|private-token|job-token)"
            r"['\"]?\s{0,3}[:=]\s{0,3}b?['\"]?"
            r"(?:(?:basic|bearer|token|digest|negotiate|ntlm)\s{0,3})?([^\s'\",;]{1,4000})",
        ),
        (("cookie",), r"cookie['\"]?\s{0,3}[:=]\s{0,3}['\"]?([^'\"\r\n]{1,4000})"),
        # credentials as options, in JSON, in quotes, in a netrc file
        (_NAMES, r"(?<!\S)--?(?:password|passwd|token)[ =]['\"]?([^\s'\"]{1,4000})"),
        (("-u",), r"(?<!\S)(?:-u|--user|--proxy-user)[ =]['\"]?([^\s'\":]{1,64}:[^\s'\"]{1,4000})"),
        (_NAMES, rf"{_NAME}['\"]\s{{0,3}}:\s{{0,3}}['\"]([^'\"]{{1,4000}})"),
        (_NAMES, rf"{_NAME}\s?=\s?(?:'([^']{{1,4000}})')"),
        (("machine",), r"machine\s\S{1,300}\slogin\s\S{1,300}\spassword\s(\S{1,4000})"),
        # what twine and poetry are given on their command lines, and npm in its settings
        (("twine",), r"\btwine\s[^\n]{0,300}?\s-p[ =]?['\"]?([^\s'\"]{1,1000})"),
        (("http-basic",), r"\bhttp-basic\.\S{1,100}\s+\S{1,300}\s+([^\s-]\S{0,1000})"),
        (("_auth",), r"(?<![\w-])_auth\s?=\s?['\"]?([^\s'\"]{3,1000})"),
        (("auth",), r"['\"]auth['\"]\s{0,3}:\s{0,3}['\"]([^'\"]{1,1000})"),
        # what was typed at pip's prompt
        (("user for",), r"User for [\w.:-]{1,260}: (?!ERROR:|WARNING:|Password)([^\s:]{1,200})"),
        # query parameters that carry tokens and signatures
        (
            ("?", "&", ";"),
            rf"[?&;](?:{_NAME}|sig|key|auth|p4|x-amz-[\w-]{{1,40}})=([^&\s'\"<>]{{1,4000}})",
        ),
        # variables and options
        (_NAMES, rf"(?:^|(?<=[\s'\"_-])){_NAME}\s?[=:]\s?['\"]?([^\s'\",;&]{{3,4000}})"),
        # tokens that are known by their form
        (
            (
                *("pypi-age", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
                *("npm_", "glpat-", "akia", "eyj", "akcp", "cmvmdgtuo"),
            ),
            r"\b(pypi-AgE[\w-]{20,400}|gh[pousr]_\w{20,255}|github_pat_\w{20,255}"
            r"|glpat-[\w-]{16,255}|npm_\w{30,255}|AKIA[0-9A-Z]{16}|AKCp\w{20,255}|cmVmdGtuO\w{20,400}"
            r"|eyJ[\w-]{10,2000}\.[\w-]{10,2000}\.[\w-]{0,2000})",
        ),
    )
)


_SIGNS = list(dict.fromkeys(sign for signs, _ in _SECRETS for sign in signs))
_OF_SIGN = [[n for n, (signs, _) in enumerate(_SECRETS) if sign in signs] for sign in _SIGNS]
_FIND_SIGNS = AhoCorasick(_SIGNS).find_matches_as_indexes


def may_hold_secrets(text: str) -> bool:
    """Tell whether it is worth the time to look for secrets in a text, or in parts of it."""
    return bool(_FIND_SIGNS(text.lower()))


def secret_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where secrets stand in a text: user names, passwords and tokens."""
    seen = {sign for sign, _, _ in _FIND_SIGNS(text.lower(), overlapping=True)}
    for number in sorted({number for sign in seen for number in _OF_SIGN[sign]}):
        for match in _SECRETS[number][1].finditer(text):
            yield match.span(1)


def starred(text: str) -> str:
    """Return `text` with a star for each character of a secret, so that places stay the same."""
    characters: list[str] | None = None
    for start, end in secret_spans(text):
        characters = characters or list(text)
        characters[start:end] = _STAR * (end - start)
    return "".join(characters) if characters else text


def shortened(text: str) -> str:
    """Return a starred text with one mark for each secret, whatever its length."""
    return _STARS.sub(MASK, text)


def redact(text: str) -> str:
    """Return `text` without user names, passwords and tokens in URLs, headers and options."""
    return shortened(starred(text))
