"""HTTP message signatures (RFC 9421, RFC 9530) in one fixed profile, for programs that send orders.

Label `sig`; covered, in this order: `"@method" "@target-uri" "content-digest"`; parameters, each
once, in any order: `created`, `expires`, `nonce`, `keyid`, `alg="hmac-sha256"`, `tag="tenor-v1"`.
Anything else is refused: who may choose what is covered could sign less. The digest is SHA-256
of the raw body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple

from desk.clock import Clock
from desk.errors import NotSignedIn
from desk.hmac256 import Hmac256

TAG = "tenor-v1"
LONGEST_LIFE_S = 300
SKEW_S = 5
"""How far a signer's clock may run ahead of ours."""

MOST_NONCES = 1_000_000
MOST_SECRETS = 4_096
_COVERED = '("@method" "@target-uri" "content-digest")'
_INPUT = re.compile(
    r'sig=(\("@method" "@target-uri" "content-digest"\)((?:;[a-z]{3,7}=(?:\d{1,12}|"[\w.+/=-]{1,64}")){6}))'
)
_OURS = re.compile(
    r'sig=(\("@method" "@target-uri" "content-digest"\);created=(\d{1,12});expires=(\d{1,12})'
    rf';nonce="([\w-]{{16,64}})";keyid="([\w-]{{1,64}})";alg="hmac-sha256";tag="{TAG}")',
    re.ASCII,
)
"""The order in which `sign` writes, which is read the quick way."""

_PARAMETER = re.compile(r';([a-z]+)=("?)([^;"]+)"?')
_NUMBERS = frozenset({"created", "expires"})
_NAMES = frozenset({*_NUMBERS, "nonce", "keyid", "alg", "tag"})
SHORTEST_NONCE = 16


class Signed(NamedTuple):
    """The three headers of a signed request, in lower case."""

    content_digest: str
    signature_input: str
    signature: str

    def headers(self) -> dict[str, str]:
        """As they travel."""
        return {
            "content-digest": self.content_digest,
            "signature-input": self.signature_input,
            "signature": self.signature,
        }


class Request(NamedTuple):
    """What a signature is about: the method, the whole URL as the client wrote it, the raw body."""

    method: str
    target: str
    body: bytes


def sign(request: Request, key_id: str, secret: str, created: int, *, life_s: int = 60, nonce: str = "") -> Signed:
    """Signs a request; `created` is seconds since 1970, `nonce` is drawn when empty."""
    nonce = nonce or secrets.token_urlsafe(18)
    parameters = (
        f'{_COVERED};created={created};expires={created + life_s};nonce="{nonce}";keyid="{key_id}"'
        f';alg="hmac-sha256";tag="{TAG}"'
    )
    digest = content_digest(request.body)
    mac = hmac.digest(secret.encode(), _base(request.method, request.target, digest, parameters), "sha256")
    return Signed(digest, f"sig={parameters}", f"sig=:{base64.b64encode(mac).decode()}:")


def content_digest(body: bytes) -> str:
    """The Content-Digest header of a body (RFC 9530, section 2)."""
    return f"sha-256=:{binascii.b2a_base64(hashlib.sha256(body).digest(), newline=False).decode()}:"


class Verifier:
    """Checks signed requests. `secret_of` gives a key's secret; it raises NotSignedIn for one that may not act.

    A nonce works once per key. Nonces live in memory, so whatever was signed before this verifier
    came to exist is refused. Not thread-safe: one event loop owns it.
    """

    def __init__(self, secret_of: Callable[[str], str], clock: Clock) -> None:
        self._secret_of, self._clock = secret_of, clock
        self._since = int(clock.now().timestamp()) + 1
        self._nonces: dict[tuple[str, str], int] = {}
        self._macs: dict[str, Hmac256] = {}

    def check(self, request: Request, headers: Mapping[str, str]) -> str:
        """The id of the key that signed the request. NotSignedIn says what is wrong with it."""
        parameters, created, expires, nonce, key_id = _read(headers.get("signature-input", ""))
        now = self._clock.now().timestamp()
        self._check_times(created, expires, now)
        if not hmac.compare_digest(headers.get("content-digest", "").encode(), content_digest(request.body).encode()):
            raise NotSignedIn("content-digest is not the SHA-256 of the body that arrived")
        mac = _mac(headers.get("signature", ""))
        base = _base(request.method, request.target, headers["content-digest"], parameters)
        if not hmac.compare_digest(mac, self._mac_of(self._secret_of(key_id)).digest(base)):
            raise NotSignedIn("the signature does not fit the request")
        self._use(key_id, nonce, expires, now)
        return key_id

    def _mac_of(self, secret: str) -> Hmac256:
        """The code of a secret; a few thousand are kept, so that a key's blocks are hashed once."""
        found = self._macs.get(secret)
        if found is None:
            if len(self._macs) >= MOST_SECRETS:
                self._macs.clear()
            found = self._macs[secret] = Hmac256(secret.encode())
        return found

    def _check_times(self, created: int, expires: int, now: float) -> None:
        if created > now + SKEW_S:
            raise NotSignedIn(f"the signature was created {created - now:.0f} s in the future; set the clock")
        if not 0 < expires - created <= LONGEST_LIFE_S:
            raise NotSignedIn(f"a signature may live 1 to {LONGEST_LIFE_S} s, not {expires - created}")
        if expires <= now:
            raise NotSignedIn(f"the signature expired {now - expires:.0f} s ago; sign again")
        if created < self._since:
            raise NotSignedIn("the signature is older than this run of the desk; sign again")

    def _use(self, key_id: str, nonce: str, expires: int, now: float) -> None:
        if (key_id, nonce) in self._nonces:
            raise NotSignedIn("this nonce was used already; draw a new one for each request")
        if len(self._nonces) >= MOST_NONCES:
            self._nonces = {pair: until for pair, until in self._nonces.items() if until > now}
            if len(self._nonces) >= MOST_NONCES:
                raise NotSignedIn("too many signed requests are in flight; try again in a minute")
        self._nonces[key_id, nonce] = expires


class _Input(NamedTuple):
    text: str
    created: int
    expires: int
    nonce: str
    key_id: str


def _read(header: str) -> _Input:
    """The parts of a signature-input of the profile; NotSignedIn for any other."""
    ours = _OURS.fullmatch(header)
    if ours is not None:
        text, created, expires, nonce, key_id = ours.groups()
        return _Input(text, int(created), int(expires), nonce, key_id)
    found = _INPUT.fullmatch(header)
    parts = [] if found is None else _PARAMETER.findall(found[2])
    named = {name: value for name, _, value in parts}
    typed = all((quote == "") == (name in _NUMBERS) for name, quote, _ in parts)
    fixed = named.get("alg") == "hmac-sha256" and named.get("tag") == TAG
    whole = named.keys() == _NAMES and len(named.get("nonce", "")) >= SHORTEST_NONCE
    if found is None or not (typed and fixed and whole):
        raise NotSignedIn('signature-input does not have the profile of docs/api.md (tag "tenor-v1")')
    return _Input(found[1], int(named["created"]), int(named["expires"]), named["nonce"], named["keyid"])


def _base(method: str, target: str, digest: str, parameters: str) -> bytes:
    """The signature base (RFC 9421, section 2.5)."""
    return (
        f'"@method": {method}\n"@target-uri": {target}\n"content-digest": {digest}\n"@signature-params": {parameters}'
    ).encode()


def _mac(header: str) -> bytes:
    if not (header.startswith("sig=:") and header.endswith(":") and len(header) < 100):
        raise NotSignedIn("signature is not sig=:BASE64:")
    try:
        mac = base64.b64decode(header[5:-1], validate=True)
    except ValueError:  # not base64, or not even ASCII
        raise NotSignedIn("signature is not sig=:BASE64:") from None
    if base64.b64encode(mac).decode() != header[5:-1]:
        raise NotSignedIn("signature has bits that its bytes do not; write base64 as RFC 4648, section 3.5, has it")
    return mac
