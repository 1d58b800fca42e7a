"""Whether an instance is as it was made."""

from fairlead.domain.configuration import BASIC_PROFILE
from fairlead.store.client import Store

FIRST_VERSION = b"1"
"""What `prepare_instance` applies; whatever an administrator applies has a higher version."""


def default_profile(store: Store) -> str:
    """The routing profile on which an unknown agent is made when nobody names one: none, once somebody has configured.

    An agent that an administrator left out is unknown on purpose.
    """
    is_fresh = store.client.hget(store.keys.instance, "version") == FIRST_VERSION
    return BASIC_PROFILE if is_fresh else ""
