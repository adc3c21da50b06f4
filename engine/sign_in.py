"""How an installation is told which OpenID Connect provider vouches for its readers: by environment or by a file.

The file is ``secrets.toml`` in the installation's data folder, with Streamlit's own table ``[auth]`` and, beside it,
``[attending]``. OpenID Connect Core 1.0; nothing here speaks to the provider (Streamlit does, through Authlib).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import AttendingError
from engine.store.folder import data_folder
from engine.words import tr

SECRETS = "secrets.toml"
_ENVIRONMENT = {
    "ATTENDING_OIDC_METADATA_URL": "server_metadata_url",
    "ATTENDING_OIDC_CLIENT_ID": "client_id",
    "ATTENDING_OIDC_CLIENT_SECRET": "client_secret",
    "ATTENDING_OIDC_REDIRECT_URI": "redirect_uri",
    "ATTENDING_OIDC_COOKIE_SECRET": "cookie_secret",
}
_SHORTEST = 32  # letters of the secret that signs cookies


@dataclass(frozen=True)
class SignIn:
    """Who vouches for readers.

    Parameters
    ----------
    provider : mapping of str to str
        Streamlit's settings: where the provider's metadata are, the client's id and secret, and so on.
    role_claim : str
        The claim that holds a reader's role or roles: ``reader``, ``lead``, ``admin``.
    session_hours : float
        For how long a sign-in holds.
    """

    provider: Mapping[str, str]
    role_claim: str = "roles"
    session_hours: float = 8.0


def sign_in_settings() -> SignIn | None:
    """Read the settings of this installation; None where nobody signs in.

    Raises
    ------
    AttendingError
        Where they are incomplete, contradict themselves, or cannot be read: nobody is let in by mistake.
    """
    given = {ours: os.environ[name] for name, ours in _ENVIRONMENT.items() if os.environ.get(name)}
    if given:
        claim = os.environ.get("ATTENDING_OIDC_ROLE_CLAIM", "roles")
        return _checked(given, {"role_claim": claim, "session_hours": os.environ.get("ATTENDING_SESSION_HOURS", 8)})
    path = data_folder() / SECRETS
    try:
        told = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as exc:
        raise AttendingError(
            tr("{file} of the data folder cannot be read.", file=SECRETS), tr("Mend it, or take it away.")
        ) from exc
    if "auth" not in told:
        return None
    return _checked(told["auth"], told.get("attending", {}))


def _checked(provider: object, ours: object) -> SignIn:
    if not isinstance(provider, dict) or not isinstance(ours, dict):
        raise AttendingError(tr("The settings of sign-in are no tables."), tr("Write them as [auth] and [attending]."))
    missing = [name for name in _ENVIRONMENT.values() if not isinstance(provider.get(name), str)]
    if missing:
        raise AttendingError(
            tr("The settings of sign-in lack {names}.", names=", ".join(missing)), tr("Complete them, or remove all.")
        )
    if len(provider["cookie_secret"]) < _SHORTEST:
        raise AttendingError(
            tr("The secret that signs cookies has fewer than {least} letters.", least=_SHORTEST),
            tr('Make one with: python -c "import secrets; print(secrets.token_hex(32))"'),
        )
    texts = {name: value for name, value in provider.items() if isinstance(value, str)}
    try:
        hours = float(ours.get("session_hours", 8))
    except (TypeError, ValueError) as exc:
        raise AttendingError(
            tr("session_hours is no number."), tr("Give the hours for which a sign-in holds.")
        ) from exc
    if not 0 < hours <= 24 * 30:
        raise AttendingError(
            tr("session_hours is not between 0 and 720."), tr("Give the hours for which a sign-in holds.")
        )
    return SignIn(texts, str(ours.get("role_claim", "roles")), hours)
