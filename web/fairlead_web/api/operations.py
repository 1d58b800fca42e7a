"""The names of all operations, by which a client that is made from the document calls them."""

from fastapi.routing import APIRoute

NAMES = {
    "health.healthz": "healthz",
    "health.readyz": "readyz",
    "health.metrics": "metrics",
    "measures.intervals": "read_report",
    "measures.current": "read_snapshot",
    "events.events": "read_events",
    "contacts.push": "push_contact",
    "contacts.push_as": "push_contact_as",
    "contacts.push_batch": "push_contacts",
    "contacts.find": "find_contacts",
    "contacts.one": "get_contact",
    "contacts.change": "update_contact",
    "contact_actions.abandon": "abandon_contact",
    "contact_actions.stop": "stop_contact",
    "contact_actions.retry": "retry_contact",
    "contact_actions.callback": "request_callback",
    "contact_actions.reschedule": "reschedule_contact",
    "contact_actions.move": "move_contact",
    "contact_actions.assign": "assign_contact",
    "contact_actions.transfer": "transfer_contact",
    "contact_actions.hold": "hold_contact",
    "contact_actions.pause": "pause_contact",
    "contact_actions.resume": "resume_contact",
    "contact_actions.explanation": "explain_contact",
    "contact_actions.estimate": "estimate_contact",
    "contact_actions.timeline": "read_timeline",
    "contact_actions.events": "read_contact_events",
    "contact_actions.line": "read_line",
    "contact_actions.parked": "list_parked",
    "contact_actions.retry_parked": "retry_parked",
    "browser.look": "read_access",
    "browser.enter": "enter",
    "browser.leave": "leave",
    "agents.state": "get_agent_state",
    "agents.set_status": "set_agent_status",
    "agents.clear_slots": "clear_agent_slots",
    "agents.worklist": "read_worklist",
    "agents.explanation": "explain_agent",
    "sessions.sign_in": "sign_in",
    "sessions.look": "get_session",
    "sessions.sign_out": "sign_out",
    "sessions.heartbeat": "keep_session",
    "sessions.offers": "wait_for_offers",
    "sessions.events": "read_session_events",
    "session_actions.report_error": "report_offer_error",
    "session_actions.fail": "fail_contact",
    "session_actions.transfer": "hand_on_contact",
    "session_actions.pick": "pick_contact",
    "session_actions.plain": "handle_contact",
    "session_actions.begin": "begin_contact",
    "session_actions.clear": "clear_slot",
    "session_actions.take": "take_contacts",
    "configuration.read": "get_configuration",
    "configuration.apply": "apply_configuration",
}
"""By module and function. Programs have them in their code: a name stays."""


def name_of(route: APIRoute) -> str:
    """The operation's name; that of module and function where the document does not have it."""
    function = f"{route.endpoint.__module__.rpartition('.')[2]}.{route.endpoint.__name__}"
    return NAMES.get(function, function)
