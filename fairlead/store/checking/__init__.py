"""The checker of states: what must hold of the keys of an instance, computed from them alone.

Nothing here asks a transition or the rules of `fairlead.domain`: these may be what is wrong. Each rule looks at one
thing, such as a contact's record, and at all that must agree with it. `moments` runs the rules so that work may go on
meanwhile, `walk` takes them through an instance.
"""

from fairlead.store.checking.moments import Finding
from fairlead.store.checking.walk import Examined, examine_state

__all__ = ["Examined", "Finding", "examine_state"]
