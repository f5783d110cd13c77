"""When a request may be signed, and when never again.

One login per look: cameras lock out (Q46).
"""

from __future__ import annotations

from monitor.rtsp.auth import Challenge, Credentials, choose
from monitor.rtsp.headers import parse_challenges
from monitor.rtsp.messages import Response, printable
from monitor.rtsp.state import Send, State


def pick(
    answer: Response, credentials: Credentials, *, prefers_md5: bool = False
) -> tuple[Challenge | None, str]:
    """The challenge to answer, or why none can be."""
    offers = parse_challenges(answer.headers.all("WWW-Authenticate"))
    if not offers:
        return None, "401 without a readable WWW-Authenticate"  # Q43
    challenge = choose(offers, allow_basic=credentials.allow_basic, prefers_md5=prefers_md5)
    if challenge is not None:
        return challenge, ""
    names = ", ".join(
        " ".join(
            filter(None, (printable(o.scheme, 20), printable(o.params.get("algorithm", ""), 20)))
        )
        for o in offers[:4]
    )
    if any(offer.scheme == "basic" for offer in offers):
        return None, f"401 offers {names}; basic would show the password and is not allowed"
    return None, f"401 offers {names}; supported are digest with md5 or sha-256"


def may_sign_again(state: State, sent: Send, challenge: Challenge) -> bool:
    """A second signature tells nothing new, unless only the nonce was old (Q41, Q45)."""
    before = state.challenge
    if sent.resigned or before is None:
        return False
    renewed = challenge.nonce != before.nonce
    return renewed and (challenge.stale or state.accepted)


def md5_instead(state: State, sent: Send, answer: Response) -> Challenge | None:
    """Some firmware offers SHA-256 and fails at it: where MD5 is offered too, that is tried once
    (Q39), unless SHA-256 was ever taken there: then the password is wrong (Q46).
    """
    refused = state.challenge
    if (
        sent.resigned
        or state.accepted
        or state.sha256_works
        or refused is None
        or not refused.is_sha256
    ):
        return None
    offers = parse_challenges(answer.headers.all("WWW-Authenticate"))
    weaker = choose(offers, allow_basic=False, prefers_md5=True)
    return None if weaker is None or weaker.is_sha256 else weaker
