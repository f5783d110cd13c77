"""Who asks, once a token or a session was verified: his name, his role, his reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.models import Account, ApiToken
from registry.models.people import Limited
from registry.security.reach import EVERYTHING, Reach
from registry.security.roles import lower
from registry.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A session of an account has no token; a token of a machine has no account."""

    who: str
    role: Role
    reach: Reach = EVERYTHING
    key_id: str = ""
    token_id: int | None = None
    account_id: int | None = None
    session_id: int | None = None

    @property
    def own(self) -> str:
        """Tells him from everybody else: several tokens may go by one name."""
        return f"a{self.account_id}" if self.token_id is None else f"t{self.token_id}"


def of_account(account: Account) -> Principal | None:
    """None while the account is disabled."""
    if account.disabled_at is not None:
        return None
    return Principal(account.name, account.role, reach_of(account), account_id=account.id)


def of_token(token: ApiToken, account: Account | None) -> Principal | None:
    """A token of an account may what both may and sees what both see."""
    own = Principal(token.name, token.role, reach_of(token), token.key_id, token.id)
    if account is None:
        return own
    role = lower(token.role, account.role)
    if role is None or account.disabled_at is not None:
        return None
    reach = replace(own.reach, within=reach_of(account))
    who = f"{account.name} ({token.name})"
    return replace(own, who=who, role=role, reach=reach, account_id=account.id)


def reach_of(limited: Limited) -> Reach:
    return Reach(
        areas=tuple(limited.reach_areas),
        centers=tuple(limited.reach_centers),
        contractor=limited.reach_contractor,
    )


def limit(limited: Limited, reach: Reach) -> None:
    limited.reach_areas = list(reach.areas)
    limited.reach_centers = list(reach.centers)
    limited.reach_contractor = reach.contractor
