"""The keyspace: every key of an instance is spelled here, and nowhere else in Python.

All keys begin with the instance's name in braces, so that a Redis Cluster keeps an instance in one slot.
Scripts get the keys that the caller knows as KEYS; those that only the script finds out (the matched agent's, say)
are spelled by `lua/base/key_of.lua`, in the same form: prefix, family, parts joined by ":".

    key                     type    members                                              ends
    instance                hash    layout (0: data is being taken over), stamp,         never
                                    version, mark, configured, settings; of the clock:
                                    offset_us, clock_us, judged_us, doubt, regained; and
                                    special: where there are any, a line each, the queues
                                    that have tracks, are closed, choose otherwise, and
                                    the holders that are dead; relieved: which queues
                                    relieve; relieving: the one that was relieved last;
                                    staged: what was applied last
    queues profiles agents  set     names                                                with the configuration
    objects                 hash    kind:name -> "version digest refers": of each        with the configuration
                                    queue, profile, agent, status, table of hours and
                                    intake, and what it names, as kind:name
    descriptions            hash    kind:name -> what of it is for people, as JSON       with the configuration
    timed                   hash    queue -> its hours, and what it does when closed     with the configuration
    statuses                hash    status -> routable | custom | offline; then, of a    with the configuration
                                    disabled one, the word disabled
    calendars               hash    hours of operation, as text                          with the configuration
    intakes                 hash    intake -> its rules, as JSON                         with the configuration
    hours:<h>               zset    "us:1" opens, "us:0" closes, by time                 with the configuration
    queue:<q>               hash    settings of a queue                                  with the configuration
    profile:<p>             hash    version, channels, entries                           with the configuration
    servers:<q>:<c>         hash    profile that serves it -> delay_us ["limited"]       with the configuration
    skillsets:<p>           hash    digest -> how many agents of the profile have these  with the configuration
                                    proficiencies, ",Attribute:Value=level,..."
    shares:<p>              hash    queue:channel -> pass, and last (weighted sharing)   with the profile's version
    agent:<a>               hash    profile, and the session while there is one, with    with the configuration
                                    its slots: "token channel kind contact queue
                                    connected_us;" for each
    online:<p>              set     signed-in agents of the profile                      with their sessions
    present:<p>             hash    proficiencies -> how many signed-in agents have them; with their sessions
                                    with "+" behind them: of those in a routable status
    holder:<h>              set     agents that the process has signed in                with their sessions
    available:<p>:<c>       zset    agents that may be offered c now, by available_us    when the agent may not
    available:<p>~<s>:<c>   zset    those of them with the proficiencies s; - for none   when the agent may not
    available:<p>:<q>:<c>   zset    those below the profile's limit for q, if it has one when the agent may not
    waiting:<q>:<c>         zset    rank_us and contact id, by contact priority          when the contact leaves
    waiting:<q>:<c>:<t>     zset    the same for the contacts of a track; the track      when the contact leaves
                                    pause- is of those in a pause after a failed attempt
    tracks:<q>:<c>          hash    what a track's contacts ask -> track                 when the track is empty
    aside                   hash    queue:channel -> how many wait in tracks or pauses   when none do
    apart                   hash    queue -> how many are scheduled for it or parked     when none are
    forgiven                hash    "queue channel track" whose refusals are forgotten   when they are
    owned                   set     agents in whose own queues contacts wait             when none do
    offered:<q>:<c>         zset    the same members, while they are being offered       when the offer ends
    contact:<id>            hash    the contact's record                                 retention after its end
    payloads                hash    contact -> what the producer sent, as JSON           when the contact ends
    oldest:<q>:<c>[:<t>]    zset    contact priority -> since when at the earliest the   when the line is looked at
                                    first of it waits that has no expiry of its own
    due                     zset    session:<a> offer:<id> step:<id> pause:<id>         when due or void
                                    expiry:<id> start:<id> slot:<a>/<token> hours:<h>
                                    calendar:<h> line:<q>:<c>[:<t>] ring:<a>/<token>
                                    survey:<line> <priority> own:<id> own:@<a>
    staged:<id>             list    changes of a configuration, put aside                10 min after the last
    applying                list    changes that are being applied                       when they are
    unindexed               hash    profile -> how far its agents are indexed anew       when they are
    unmatched               zset    "profile channel" and @agent that are to be matched, when they are
                                    by the tracks that are done with and available_us
    answer:<id>             string  what the request of that name was answered, as JSON  10 min after it
    delayed                 set     "profile channel" of the profiles with a delay       with the configuration
    parked                  zset    contact ids by time of parking                       when retried
    turns                   hash    queue that chooses in turn -> who was given one of   with the configuration
                                    its contacts last
    served:<customer>       string  the agent who served the customer last               30 days after it was set
    inbox:<i>               list    what agents of a process were given: an agent, or    60 s after the first
                                    with it the whole offer, payload and all
    events                  stream  one entry for each transition                        trimmed to events_kept
    tokens                  hash    token of a server for HTTP -> digest, scopes, agent  when revoked
                                    and end, as JSON
    used                    hash    token -> when it was used last, to the hour          when revoked
    webhooks                set     endpoints that are sent events                       when removed
    webhook:<w>             hash    an endpoint: url, events, format, secrets, state     when removed
    deliveries:<w>          stream  what was sent to an endpoint last, and what came of  30 days after the last
                                    it; trimmed to 1,000
    relayed                 string  the last event that was handed on to webhooks        never
    undelivered             stream  events that an endpoint has not taken at all         trimmed to 10,000
    minute:<m>              hash    "q:c counter", "agent counter" of a Unix minute      measures_kept_s after it
    totals                  hash    the same counters of all minutes that are over       never
"""

from dataclasses import dataclass

DEFAULT_INSTANCE = "fairlead"

LAYOUT = 1
"""Which keys there are, and what is in them. A change that the programs of before cannot read or write raises it, and
comes with a step for the data in docs/upgrading.md.
"""

MIGRATING = 0
"""The layout of an instance into which another one is being taken over: no program works with it until it is whole."""

PAUSE_TRACK = "pause-"
"""The track of contacts in a pause after a failed attempt; nobody who chooses looks into it. Its name ends as those of
tracks of contacts that rank younger than they are, since it may hold some.
"""

OFFERED_TRACK = "offered-"
"""How scripts name what is being offered of a queue and channel where they go through its lines; it stands in a set of
its own.
"""

FAMILIES = {
    "instance": "hash", "queues": "set", "profiles": "set", "agents": "set", "objects": "hash", "descriptions": "hash",
    "timed": "hash", "statuses": "hash", "calendars": "hash", "intakes": "hash", "hours": "zset", "queue": "hash",
    "profile": "hash", "servers": "hash", "skillsets": "hash", "shares": "hash", "agent": "hash", "online": "set",
    "present": "hash", "holder": "set", "available": "zset", "waiting": "zset", "tracks": "hash", "aside": "hash",
    "apart": "hash", "forgiven": "hash", "owned": "set", "offered": "zset", "contact": "hash", "payloads": "hash",
    "oldest": "zset", "due": "zset", "staged": "list", "applying": "list", "unindexed": "hash", "unmatched": "zset",
    "answer": "string", "delayed": "set", "parked": "zset", "turns": "hash", "served": "string", "inbox": "list",
    "events": "stream", "minute": "hash", "totals": "hash", "tokens": "hash", "used": "hash",
    "webhooks": "set", "webhook": "hash", "relayed": "string", "undelivered": "stream",
    "deliveries": "stream",
}  # fmt: skip
"""The families of keys, and their types."""


def answer_key(instance_key: str, request_id: str) -> str:
    """Where the answer to a request of that name is kept, by the key of its instance."""
    return f"{instance_key.rpartition(':')[0]}:answer:{request_id}"


def instance_of(key: str) -> str:
    """The name of the instance that a key belongs to."""
    return key[1:].partition("}")[0]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one instance."""

    instance_name: str = DEFAULT_INSTANCE

    @property
    def prefix(self) -> str:
        return "{" + self.instance_name + "}:"

    @property
    def instance(self) -> str:
        return self.prefix + "instance"

    @property
    def never(self) -> str:
        """A key that there never is. A node of a cluster that is handing the slot over refuses what names it before it
        runs; a script that it ran would fail half way, at the first key that has gone already.
        """
        return self.prefix + "never"

    @property
    def queues(self) -> str:
        return self.prefix + "queues"

    @property
    def profiles(self) -> str:
        return self.prefix + "profiles"

    @property
    def agents(self) -> str:
        return self.prefix + "agents"

    @property
    def owned(self) -> str:
        return self.prefix + "owned"

    @property
    def objects(self) -> str:
        return self.prefix + "objects"

    @property
    def descriptions(self) -> str:
        return self.prefix + "descriptions"

    @property
    def statuses(self) -> str:
        return self.prefix + "statuses"

    @property
    def calendars(self) -> str:
        return self.prefix + "calendars"

    @property
    def intakes(self) -> str:
        return self.prefix + "intakes"

    @property
    def tokens(self) -> str:
        return self.prefix + "tokens"

    @property
    def used(self) -> str:
        return self.prefix + "used"

    @property
    def webhooks(self) -> str:
        return self.prefix + "webhooks"

    @property
    def relayed(self) -> str:
        return self.prefix + "relayed"

    @property
    def undelivered(self) -> str:
        return self.prefix + "undelivered"

    @property
    def totals(self) -> str:
        return self.prefix + "totals"

    @property
    def payloads(self) -> str:
        return self.prefix + "payloads"

    @property
    def due(self) -> str:
        return self.prefix + "due"

    @property
    def delayed(self) -> str:
        return self.prefix + "delayed"

    @property
    def aside(self) -> str:
        return self.prefix + "aside"

    @property
    def apart(self) -> str:
        return self.prefix + "apart"

    @property
    def applying(self) -> str:
        return self.prefix + "applying"

    @property
    def timed(self) -> str:
        return self.prefix + "timed"

    @property
    def unindexed(self) -> str:
        return self.prefix + "unindexed"

    @property
    def turns(self) -> str:
        return self.prefix + "turns"

    @property
    def parked(self) -> str:
        return self.prefix + "parked"

    @property
    def events(self) -> str:
        return self.prefix + "events"

    def staged(self, staging: str) -> str:
        return f"{self.prefix}staged:{staging}"

    def queue(self, queue: str) -> str:
        return f"{self.prefix}queue:{queue}"

    def profile(self, profile: str) -> str:
        return f"{self.prefix}profile:{profile}"

    def hours(self, hours: str) -> str:
        return f"{self.prefix}hours:{hours}"

    def servers(self, queue: str, channel: str) -> str:
        return f"{self.prefix}servers:{queue}:{channel}"

    def agent(self, agent: str) -> str:
        return f"{self.prefix}agent:{agent}"

    def online(self, profile: str) -> str:
        return f"{self.prefix}online:{profile}"

    def holder(self, holder: str) -> str:
        return f"{self.prefix}holder:{holder}"

    def skillsets(self, profile: str) -> str:
        return f"{self.prefix}skillsets:{profile}"

    def present(self, profile: str) -> str:
        return f"{self.prefix}present:{profile}"

    def available(self, profile: str, channel: str) -> str:
        return f"{self.prefix}available:{profile}:{channel}"

    def shares(self, profile: str) -> str:
        return f"{self.prefix}shares:{profile}"

    def served(self, customer: str) -> str:
        return f"{self.prefix}served:{customer}"

    def waiting(self, queue: str, channel: str, track: str = "") -> str:
        return f"{self.prefix}waiting:{queue}:{channel}" + (f":{track}" if track else "")

    def tracks(self, queue: str, channel: str) -> str:
        return f"{self.prefix}tracks:{queue}:{channel}"

    def offered(self, queue: str, channel: str) -> str:
        return f"{self.prefix}offered:{queue}:{channel}"

    def oldest(self, line: str) -> str:
        return f"{self.prefix}oldest:{line}"

    def contact(self, contact_id: str) -> str:
        return f"{self.prefix}contact:{contact_id}"

    def inbox(self, inbox: str) -> str:
        return f"{self.prefix}inbox:{inbox}"

    def deliveries(self, webhook: str) -> str:
        return f"{self.prefix}deliveries:{webhook}"

    def webhook(self, webhook: str) -> str:
        return f"{self.prefix}webhook:{webhook}"

    def minute(self, minute: int) -> str:
        return f"{self.prefix}minute:{minute}"
