"""An instance in which there is something of everything, and each kind of damage that hands can do to it."""

import shlex
from datetime import time

from centre import Centre, profile
from raw import raw

from fairlead.domain.agent import BREAK, Agent
from fairlead.domain.channel import CHANNELS
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store.transitions import producing, supervising


def everything(centre: Centre) -> None:
    """Contacts in every state and place, agents signed in and out, and a configuration of many kinds."""
    centre.configure(
        Queue("Q", acw_s={"chat": 600}, max_attempts=2, retry_delay_s=100, missed_slot_s=900),
        Queue("Other", hours="Office", agent_choice="round_robin", raise_after_s=500, expiry_s={"voice": 5_000}),
        profiles=[
            profile([*(Entry("Q", channel) for channel in CHANNELS), Entry("Other", "voice", 2, 5)]),
            profile([Entry("Overflow", "chat")], "Idle"),
            profile([Entry("Overflow", "task", max_contacts=1)], "Few"),
        ],
        agents={"ana": {"L:fr": 3}, "dora": Agent("dora", "Idle"), "emil": Agent("emil", "Idle"),
                "fay": Agent("fay", "Few"), "gus": Agent("gus", "Few"),
                "cem": Agent("cem", "P", overflow="Overflow", overflow_after_s=90_000)},
        hours=[Hours("Office", "UTC", {"mon": ((time(8), time(17)),)})],
    )
    for queue, channel, name in [("Q", "chat", "acw"), ("Q", "chat", "held"), ("Q", "task", "parked")]:
        centre.push(name, queue, channel)
    centre.sign_in("ana")
    centre.does("ana", "complete", "acw")
    centre.fails("ana", "parked")
    centre.passes(100)
    centre.fails("ana", "parked")
    centre.run(supervising.set_agent_status, "ana", BREAK.name)
    centre.sign_in("bo", accepts=False)
    centre.push("missed", "Q", "email")
    centre.passes(31)
    centre.run(supervising.assign, "missed", "ana")
    centre.push("paused", "Q", "email")
    centre.run(supervising.assign, "paused", "ana")
    centre.fails("ana", "paused")
    centre.push("ended", "Q", "task")
    centre.run(producing.abandon, "ended")
    centre.push("offered", "Q", "voice", priority=2)
    french = (parse_step("L:fr >= 3 for 900s"), parse_step("L:fr >= 2"))
    centre.push("french", "Other", "voice", criteria=french)
    centre.push("plain", "Other", "voice", priority=3, age_adjustment_s=7)
    centre.push("own", "@cem", "task")
    centre.push("later", "Q", "task", start_in_s=600)
    centre.sign_in("fay")
    centre.push("few", "Overflow", "task")
    centre.sign_in("gus")
    centre.sign_in("dora")


def damage(centre: Centre, commands: str) -> dict[str, str]:
    """Do what hands do: commands of redis-cli on keys without their prefix, and EDIT key field before after.

    Returns what commands may name in braces.
    """
    known = _known(centre)
    for command in commands.split("; "):
        word, name, *words = shlex.split(command.format(**known))
        key, client = centre.keys.prefix + name, raw(centre.store)
        if word == "EDIT":
            field, before, after = words
            text = client.hget(key, field).decode()
            assert before in text, text
            client.hset(key, field, text.replace(before, after))
        else:
            client.execute_command(word, key, *words)
    return known


def _known(centre: Centre) -> dict[str, str]:
    """What commands may name: the places of contacts in line, and the line of one that asks for French."""
    client, keys = raw(centre.store), centre.keys
    line = "Other:voice:" + client.hget(keys.contact("french"), "track").decode()
    return {
        "plain": client.zrange(keys.waiting("Other", "voice"), 0, 0)[0].decode(),
        "offered": client.zrange(keys.offered("Q", "voice"), 0, 0)[0].decode(),
        "line": line,
        "dora": client.hget(keys.agent("dora"), "available_us").decode(),
    }


DAMAGES: dict[str, tuple[str, str, str]] = {
    # of contacts
    "a contact in no line": ("ZREM waiting:Other:voice {plain}", "waiting:Other:voice", "no 18000"),
    "a contact in two lines": ("ZADD waiting:Q:voice 3 {plain}", "waiting:Q:voice", "queued in Other:voice"),
    "a contact at two places": ("ZADD waiting:Other:voice 3 0001800000000001plain", "waiting:Other:voice", "1plain"),
    "another priority in line": ("ZADD waiting:Other:voice 9 {plain}", "waiting:Other:voice", "plain = 9"),
    "another priority in the record": ("HSET contact:plain priority 8", "waiting:Other:voice", "plain = 3"),
    "a record that is gone": ("DEL contact:plain", "waiting:Other:voice", "without a record"),
    "a record without its state": ("HDEL contact:plain state", "contact:plain", "no state"),
    "a waiting contact that ends by itself": ("EXPIRE contact:plain 500", "contact:plain", "ends in"),
    "an ended contact that does not end": ("PERSIST contact:ended", "contact:ended", "no end"),
    "an agent of a contact that waits": ("HSET contact:plain agent ana", "contact:plain", "agent ana"),
    "a held contact without its agent": ("HDEL contact:held agent", "contact:held", "no agent"),
    "a lost payload": ("HDEL payloads plain", "payloads", "plain = 0"),
    "a payload of nobody": ("HSET payloads nobody {{}}", "payloads", "a payload of nobody"),
    "a payload that outlives its contact": ("HSET payloads ended {{}}", "payloads", "ended = 1"),
    "an offered contact in no set": ("ZREM offered:Q:voice {offered}", "offered:Q:voice", "no 18000"),
    "a waiting contact among the offered": ("ZADD offered:Other:voice 3 {plain}", "offered:Other:voice", "is queued"),
    "a parked contact among no others": ("ZREM parked parked", "parked", "no parked"),
    "a waiting contact among the parked": ("ZADD parked 1 plain", "parked", "plain, which is queued"),
    # of times
    "an offer without an end": ("ZREM due offer:offered", "due", "no offer:offered"),
    "an expiry at another time": ("ZINCRBY due 5 expiry:plain", "due", "expiry:plain ="),
    "a step without an end": ("ZREM due step:french", "due", "no step:french"),
    "a step that ends a second later": ("ZINCRBY due 1000000 step:french", "due", "step:french ="),
    "a pause without an end": ("ZREM due pause:paused", "due", "no pause:paused"),
    "a scheduled contact without its time": ("ZREM due start:later", "due", "no start:later"),
    "a start of what waits already": ("ZADD due 1 start:plain", "due", "start:plain = 1"),
    "a session without a lease": ("ZREM due session:ana", "due", "no session:ana"),
    "a lease of nobody": ("ZADD due 9e15 session:cem", "due", "session:cem: the agent is not signed in"),
    "a time of no contact": ("ZADD due 9e15 offer:nobody", "due", "there is no such contact"),
    "a time of no slot": ("ZADD due 9e15 slot:ana/7", "due", "the agent keeps no such slot"),
    "hours of no queue": ("ZADD due 9e15 hours:Never", "due", "no queue has these hours"),
    "a contact that never overflows": ("ZREM due own:own", "due", "no own:own"),
    "a contact that overflows where none does": ("ZADD due 9e15 own:plain", "due", "own:plain = 9"),
    "an own queue of no agent": ("ZADD due 9e15 own:@nobody", "due", "there is no such agent"),
    "a calendar that nobody carries on": ("ZREM due calendar:Office", "due", "no calendar:Office"),
    "a calendar of no hours": ("ZADD due 9e15 calendar:Never", "due", "there are no such hours"),
    "a time of no kind": ("ZADD due 9e15 tea:five", "due", "nothing of that kind"),
    "a line that nobody looks at": ("DEL oldest:{line}", "oldest:{line}", "= None"),
    "a line that is looked at too late": ("ZINCRBY due 5000000 line:{line}", "due", "line:{line} ="),
    "a line without its time": ("ZREM due line:{line}", "due", "no line:{line}"),
    # of slots
    "a lost slot": ("HSET agent:bo slots ''", "agent:bo", "slots none"),
    "a slot of another kind": ("EDIT agent:ana slots 'connected held' 'on_hold held'", "agent:ana", "on_hold held Q"),
    "a slot with another token": ("EDIT agent:ana slots ' chat connected' '9 chat connected'", "agent:ana", "slot 18"),
    "a slot of another channel": ("EDIT agent:ana slots 'chat connected' 'task connected'", "agent:ana", "slots"),
    "a slot of a contact that waits": ("HSET contact:held state queued", "agent:ana", "that is queued ana"),
    "a slot of a contact with a newer token": ("HINCRBY contact:held token 1", "agent:ana", "that is connected ana"),
    # of counts
    "a count of tracks that is too high": ("HINCRBY aside Other:voice 1", "aside", "Other:voice = 2"),
    "a count of tracks where there are none": ("HSET aside Overflow:chat 1", "aside", "Overflow:chat = 1"),
    "a count of tracks that is forgotten": ("HDEL aside Q:email", "aside", "Q:email = None"),
    "a count of an agent's own contacts": ("HSET agent:cem own 2", "agent:cem", "own = 2"),
    "an own queue that is not listed": ("SREM owned cem", "owned", "cem = 0"),
    "an own queue that is listed and empty": ("SADD owned dora", "owned", "dora = 1"),
    "an own queue of nobody": ("SADD owned nobody", "owned", "nobody"),
    "a count of those who are parked": ("HINCRBY apart Q 1", "apart", "Q = 3"),
    "a count of those who are there": ("HINCRBY present:Idle - 1", "present:Idle", "- = 2"),
    "a count of those who are routable": ("HDEL present:P -+", "present:P", "-+ = None"),
    # of tracks
    "a track that nobody finds": ("DEL tracks:Other:voice", "tracks:Other:voice", "no L:fr"),
    "a track of what asks otherwise": ("HSET contact:french criteria '- L:fr>=5'", "tracks:Other:voice", "no L:fr"),
    "an empty track": ("HSET tracks:Q:chat L:de>=1 99", "tracks:Q:chat", "an empty line"),
    "tracks that scripts do not know of": (
        "EDIT instance special 'Other:voice ' ''", "instance special", "no Other:voice"),
    "tracks that are said to be": (
        "EDIT instance special 'Other:voice ' 'Other:voice Q:chat '", "instance special", "Q:chat"),
    "a pause in another track": ("HSET contact:paused track ''", "waiting:Q:email:pause-", "queued in Q:email"),
    # of agents
    "an agent who is available and not found": ("ZREM available:Idle:chat dora", "available:Idle:chat", "no dora"),
    "an agent who is on a break and found": ("ZADD available:P:voice 1 ana", "available:P:voice", "ana = 1"),
    "an agent of another profile who is found": ("ZADD available:P:chat 1 dora", "available:P:chat", "dora, who"),
    "an agent who is available since another time": (
        "ZINCRBY available:Idle:chat 1 dora", "available:Idle:chat", "dora ="),
    "an agent at its limit who is found": (
        "ZADD available:Few:Overflow:task 1 fay", "available:Few:Overflow:task", "fay = 1"),
    "an agent below its limit who is not found": (
        "ZREM available:Few:Overflow:task gus", "available:Few:Overflow:task", "no gus"),
    "an agent at its limit who is said to be offered it": (
        "EDIT agent:fay offerable 'task email' 'task email Overflow:task'", "agent:fay", "Overflow:task"),
    "an agent who holds what it is not said to hold": (
        "EDIT agent:fay slots 'few Overflow' 'few Other'", "agent:fay", "few Other"),
    "an agent who is signed out and found": ("ZADD available:P:voice 1 cem", "available:P:voice", "not signed in"),
    "an agent who is said to be offered nothing": ("HSET agent:dora offerable ''", "agent:dora", "offerable ="),
    "an agent whose status is not its own": ("HSET agent:ana routable 1", "agent:ana", "routable = 1"),
    "an agent on contact who is idle": ("HSET agent:ana activity idle", "agent:ana", "activity = idle"),
    "an agent who is not online": ("SREM online:Idle dora", "online:Idle", "dora = 0"),
    "an agent who is online and signed out": ("SADD online:P cem", "online:P", "not signed in"),
    "an agent who is online in another profile": ("SADD online:P dora", "online:P", "whose profile is Idle"),
    "an agent of no holder": ("SREM holder:here/bo/1 bo", "holder:here/bo/1", "bo = 0"),
    "an agent of two holders": ("SADD holder:here/bo/1 ana", "holder:here/bo/1", "ana, whose holder is"),
    "a session's field without a session": ("HSET agent:cem status Available", "agent:cem", "status Available"),
    "an agent without a profile": ("HDEL agent:cem profile", "agent:cem", "no profile"),
    # of the configuration
    "a profile that does not serve its queue": ("HDEL servers:Q:chat P", "servers:Q:chat", "no P"),
    "a profile that serves another queue": ("HSET servers:Q:chat Idle 0", "servers:Q:chat", "Idle = 0"),
    "another delay": ("HSET servers:Other:voice P 4000000", "servers:Other:voice", "P = 4000000"),
    "a limit that nobody looks at": ("HSET servers:Overflow:task Few 0", "servers:Overflow:task", "Few = 0"),
    "a limit of which scripts do not know": ("HDEL profile:Few limits", "servers:Overflow:task", "Few = 0 limited"),
    "a delay that nobody looks after": ("SREM delayed 'P voice'", "delayed", "P voice = 0"),
    "a delay that is none": ("SADD delayed 'Idle chat'", "delayed", "Idle chat"),
    "hours that a queue has lost": ("HDEL timed Other", "timed", "no Other"),
    "a choice that is forgotten": ("EDIT instance special 'Other=round_robin ' ''", "instance special", "choices []"),
    "a choice of no queue": ("EDIT instance special Other= Gone=", "instance special", "Gone, which chooses"),
    "relief that is forgotten": ("HSET instance relieved ' '", "instance relieved", "no Other"),
    "proficiencies of nobody": ("HSET skillsets:P abc '1 ,L:it=1,'", "skillsets:P", "abc = 1"),
    "proficiencies that a profile forgets": ("HSET profile:P skillsets -", "profile:P", "skillsets = -"),
    "a queue without a name": ("SREM queues Q", "queues", "Q = 0"),
    "a profile without a name": ("SREM profiles P", "profiles", "P = 0"),
    "an agent without a name": ("SREM agents cem", "agents", "cem = 0"),
    "a name of no agent": ("SADD agents nobody", "agents", "nobody"),
    # of keys
    "a key of another type": ("DEL parked; SADD parked parked", "parked", "a set"),
    "a record of another type": ("DEL contact:plain; SET contact:plain 1", "contact:plain", "a string"),
    "a key of no family": ("SET teapot 1", "teapot", "a string"),
    "counters of a minute that do not end": ("HSET minute:1 'ana offers' 1", "minute:1", "no end"),
    "an inbox that does not end": ("RPUSH inbox:w ana", "inbox:w", "no end"),
    # of work: Dora becomes available in all places at once, and nobody has matched her
    "a contact and an agent who both wait": (
        "HSET agent:dora routable 1 activity idle offerable chat; ZADD available:Idle:chat {dora} dora; "
        "HSET present:Idle -+ 1; HSET agent:dora status Available", "waiting:Overflow:chat", "while dora is available"),
}  # fmt: skip
"""What hands do, the key in which it is told, and what is said to stand there."""
