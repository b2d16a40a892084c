"""Our one profile of RFC 9421, against an implementation of the whole standard."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import http_message_signatures as standard
import httpx
import pytest

from desk.clock import FrozenClock
from desk.errors import NotSignedIn
from desk.identity.signing import Request, Verifier, sign

URL = "http://127.0.0.1:8400/v1/orders"
SECRET = "a secret of the test"
BODY = b'{"quantity": 10}'


class Resolver(standard.HTTPSignatureKeyResolver):
    """The one key, to sign and to check with."""

    def resolve_public_key(self, key_id):
        return SECRET.encode()

    resolve_private_key = resolve_public_key


def test_the_standard_accepts_what_we_sign():
    request = httpx.Request("POST", URL, content=BODY)
    request.headers.update(sign(Request("POST", URL, BODY), "k1", SECRET, int(time.time())).headers())
    verifier = standard.HTTPMessageVerifier(
        signature_algorithm=standard.algorithms.HMAC_SHA256, key_resolver=Resolver()
    )
    found = verifier.verify(request, expect_tag="tenor-v1", body=BODY)
    assert {'"@method"', '"@target-uri"', '"content-digest"'} <= set(found[0].covered_components)


def test_we_accept_what_the_standard_signs():
    clock = FrozenClock(datetime.now(UTC).replace(microsecond=0))
    verifier = Verifier(lambda id: SECRET, clock)
    clock.advance(timedelta(seconds=2))
    request = httpx.Request("POST", URL, content=BODY)
    signer = standard.HTTPMessageSigner(signature_algorithm=standard.algorithms.HMAC_SHA256, key_resolver=Resolver())
    signer.sign(
        request,
        key_id="k1",
        created=clock.now(),
        expires=clock.now() + timedelta(seconds=60),
        nonce="0123456789abcdef",
        label="sig",
        tag="tenor-v1",
        include_alg=True,
        body=BODY,
        covered_component_ids=("@method", "@target-uri", "content-digest"),
    )
    headers = dict(request.headers)
    assert verifier.check(Request("POST", URL, BODY), headers) == "k1"
    with pytest.raises(NotSignedIn, match="nonce"):
        verifier.check(Request("POST", URL, BODY), headers)
