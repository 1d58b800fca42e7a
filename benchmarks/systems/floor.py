"""What Redis and Fairlead's own client allow when nothing is done that a router has to do.

Five queues and a profile of five entries; a push is one small script, and so is a turn: it ends a job and takes the
best head of the five queues, with its payload. No lease, no fencing, no events, no measures.
"""

import asyncio
import hashlib
import itertools
import secrets
import time
from collections.abc import Iterable

import orjson
import uvloop

from benchmarks.counting import handle
from benchmarks.systems.system import QUEUES, Job, Options, System, batches
from fairlead.server.connection import connect
from fairlead.server.wire import Wire
from fairlead.store.client import AsyncStore, Store
from fairlead.store.procedure import Command, Source, Steps, ask, ask_one, procedure

PUSH = """
redis.call('HSET', KEYS[2], 'state', 'waiting', 'payload', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
"""
TURN = """
if ARGV[1] ~= '' then redis.call('HSET', 'floor:job:' .. ARGV[1], 'state', 'done') end
local from, member, rank
for place = 1, #KEYS do
  local head = redis.call('ZRANGE', KEYS[place], 0, 0, 'WITHSCORES')
  local score = tonumber(head[2])
  if score and (not rank or score < rank or score == rank and head[1] < member) then
    from, member, rank = KEYS[place], head[1], score
  end
end
if not from then return nil end
redis.call('ZREM', from, member)
local id = string.sub(member, 17)
redis.call('HSET', 'floor:job:' .. id, 'state', 'active')
return {id, redis.call('HGET', 'floor:job:' .. id, 'payload')}
"""
_WAITING = tuple(f"floor:waiting:{queue}" for queue in QUEUES)


def _sha(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


_PUSH_SHA, _TURN_SHA = _sha(PUSH), _sha(TURN)
_OURS, _NUMBERS = secrets.token_urlsafe(3), itertools.count()
"""Ids of 14 characters that no other process makes."""


def _push(job: Job) -> Command:
    name = f"{_OURS}{next(_NUMBERS):010}"
    member = f"{time.time_ns() // 1_000:016}{name}"
    keys = (f"floor:waiting:{job.queue}", f"floor:job:{name}")
    return ("EVALSHA", _PUSH_SHA, 2, *keys, job.priority, member, orjson.dumps(job.payload))


@procedure
def load(source: Source) -> Steps[None]:
    yield from ask(("SCRIPT LOAD", PUSH), ("SCRIPT LOAD", TURN))


@procedure
def push_jobs(source: Source, jobs: list[Job]) -> Steps[None]:
    yield from ask(*map(_push, jobs))


@procedure
def turn(source: Source, ended: str) -> Steps[list[bytes] | None]:
    """End a job, if any, and take the next: its id and its payload."""
    return (yield from ask_one("EVALSHA", _TURN_SHA, len(_WAITING), *_WAITING, ended))


class Floor(System):
    name = "floor: one Lua call"
    setup = "one small script for a push, one to end a job and take the next; through Fairlead's own client"
    ranks = "yes"
    pushes_in_bulk = True

    def version(self) -> str:
        return "-"

    def prepare(self, options: Options) -> None:
        store = Store(connect(options.url))
        store.run(load())
        store.close()

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        store = Store(connect(options.url))
        for job in jobs:
            store.run(push_jobs([job]))

    def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        store = Store(connect(options.url))
        for batch in batches(jobs):
            store.run(push_jobs(batch))

    def work(self, options: Options) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._turns(options))

    async def _turns(self, options: Options) -> None:
        store, ended = AsyncStore(Wire(options.url)), ""  # what a worker speaks through, on its event loop
        while job := await store.run(turn(ended)):
            handle(orjson.loads(job[1]))
            ended = job[0].decode()
