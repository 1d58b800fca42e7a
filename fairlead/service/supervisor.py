"""The Python API for programs that watch an instance and step in.

with Supervisor.connect() as supervisor:
    for contact in supervisor.contacts("parked"):
        supervisor.retry(contact.contact_id)
"""

from fairlead.domain.channel import Channel
from fairlead.domain.names import AGENT_QUEUE_PREFIX, checked_queue_name, is_agent_queue
from fairlead.errors import Conflict, FairleadError, NotFound
from fairlead.service.asked import AsyncConnected, Connected, of_keys, of_nothing
from fairlead.service.decision import explain_offer
from fairlead.service.doctor import examine
from fairlead.service.estimate import estimate_queue, estimate_wait
from fairlead.service.explain import explain_agent, explain_contact
from fairlead.service.history import record_history
from fairlead.service.intakes import try_intake
from fairlead.service.report import read_agent_report, read_report
from fairlead.service.snapshot import take_snapshot
from fairlead.service.timeline import read_timeline
from fairlead.store import reading
from fairlead.store.checking import examine_state
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.reading import AgentState, ContactRecord
from fairlead.store.refusals import unknown_agent, unknown_object
from fairlead.store.transitions import describing, producing, supervising

MOST_PARKED = 100_000


@procedure
def agent(source: Source, name: str) -> Steps[AgentState]:
    """One agent now. Raises UnknownAgent."""
    found = yield from reading.agent_states([name]).steps(source)
    if not found:
        raise unknown_agent(name)
    return found[0]


@procedure
def worklist(source: Source, name: str, limit: int = 50) -> Steps[list[ContactRecord]]:
    """The contacts that an agent may pick by hand, at most `limit` of each manual-only entry of its profile.

    Raises UnknownAgent.
    """
    profile = (yield from agent(name).steps(source)).profile
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    ids: list[str] = []
    for entry in configuration.profiles[profile].entries if profile in configuration.profiles else ():
        if entry.manual_only:
            ids += yield from reading.ids_in_line(entry.queue, entry.channel, limit).steps(source)
    return (yield from reading.contacts_by_id(ids).steps(source))


@procedure
def line(source: Source, queue: str, channel: Channel, limit: int = 100) -> Steps[list[ContactRecord]]:
    """The first contacts that wait in a queue on a channel, in order.

    Raises InvalidName, UnknownQueue, UnknownAgent.
    """
    checked_queue_name(queue)
    is_agents, keys = is_agent_queue(queue), source.keys
    owner = keys.agent(queue.removeprefix(AGENT_QUEUE_PREFIX)) if is_agents else keys.queue(queue)
    if not (yield from ask_one("EXISTS", owner)):
        raise unknown_agent(queue.removeprefix(AGENT_QUEUE_PREFIX)) if is_agents else unknown_object("queue", queue)
    ids = yield from reading.ids_in_line(queue, channel, limit).steps(source)
    return (yield from reading.contacts_by_id(ids).steps(source))


@procedure
def retry_parked(source: Source) -> Steps[list[str]]:
    """Put every parked contact back at its original place; returns their ids.

    Raises the first refusal, once all others are back: a contact whose queue was removed stays parked.
    """
    parked = yield from reading.contacts_in("parked", MOST_PARKED).steps(source)
    ids = [contact.contact_id for contact in parked]
    refusals: list[FairleadError] = []
    for contact_id in ids:
        try:
            yield from run(supervising.retry(source.keys, contact_id))
        except (NotFound, Conflict) as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return ids


class Watching:
    """What may be known of an instance. All classes that ask of one have these methods, too."""

    snapshot = of_nothing(take_snapshot)
    report = of_nothing(read_report)
    agent_report = of_nothing(read_agent_report)
    estimate = of_nothing(estimate_wait)
    estimate_queue = of_nothing(estimate_queue)
    examine = of_nothing(examine)
    record_history = of_nothing(record_history)
    examine_state = of_nothing(examine_state)
    explain_contact = of_nothing(explain_contact)
    explain_agent = of_nothing(explain_agent)
    explain_offer = of_nothing(explain_offer)
    timeline = of_nothing(read_timeline)
    agent = of_nothing(agent)
    agents = of_nothing(reading.agent_states)
    session = of_keys(describing.describe_session)
    queues = of_nothing(reading.queue_states)
    contact = of_nothing(reading.contact)
    contacts = of_nothing(reading.contacts_in)
    find_contacts = of_nothing(reading.find_contacts)
    line = of_nothing(line)
    worklist = of_nothing(worklist)
    events = of_nothing(reading.events_after)
    newest_events = of_nothing(reading.newest_events)
    find_events = of_nothing(reading.find_events)
    configuration = of_nothing(reading.configuration_in_force)
    object = of_nothing(reading.object_in_force)
    try_intake = of_nothing(try_intake)
    now_us = of_nothing(reading.now_us)
    server = of_nothing(reading.server)
    version = of_nothing(reading.version)


class _Supervising(Watching):
    """What supervisors ask."""

    retry = of_keys(supervising.retry)
    retry_parked = of_nothing(retry_parked)
    update = of_keys(producing.update)
    move = of_keys(supervising.move)
    assign = of_keys(supervising.assign)
    hold = of_keys(supervising.hold)
    pause = of_keys(supervising.pause)
    resume = of_keys(supervising.resume)
    transfer = of_keys(supervising.transfer)
    stop = of_keys(supervising.stop)
    forget = of_keys(supervising.forget)
    clear_slots = of_keys(supervising.clear_slots)
    abandon = of_keys(producing.abandon)
    reschedule = of_keys(producing.reschedule)
    request_callback = of_keys(producing.request_callback)
    set_agent_status = of_keys(supervising.set_agent_status)
    set_next_status = of_keys(supervising.set_next_status)
    sign_out_agent = of_keys(supervising.sign_out_agent)


class Supervisor(_Supervising, Connected):
    """Watches over one instance and steps in, synchronously. It may be used by several threads."""


class AsyncSupervisor(_Supervising, AsyncConnected):
    """Watches over one instance and steps in, in asyncio."""
