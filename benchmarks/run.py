"""Speed, as ratios against the floor of the same run: `make bench`.

The floor is what Redis and redis-py give without routing: one Lua call that ends a job and takes the next one out of
a sorted set. Machines are noisy, so only the ratios of one run mean something.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import redis

from fairlead.domain.agent import Agent
from fairlead.domain.channel import Channel
from fairlead.domain.criteria import Step, parse_step
from fairlead.server.connection import connect
from fairlead.server.embedded import server_binary
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session

CONTACTS = 10_000
PAYLOAD = b'"' + b"x" * 198 + b'"'
PROFILE = "BasicRoutingProfile"
FLOOR = """
redis.call('HSET', KEYS[1] .. ':job:' .. ARGV[1], 'state', 'done')
local head = redis.call('ZPOPMIN', KEYS[1])
if not head[1] then return nil end
redis.call('HSET', KEYS[1] .. ':job:' .. head[1], 'state', 'active')
return head[1]
"""


@contextmanager
def server() -> Iterator[redis.Redis]:
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/redis.sock"
        process = subprocess.Popen(
            [server_binary(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        client = connect(f"unix://{socket}")
        client.ping()
        try:
            yield client
        finally:
            process.kill()
            process.wait()


def rate(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return CONTACTS / (time.perf_counter() - began)


def floor_one_call(client: redis.Redis) -> float:
    client.flushall()
    client.zadd("floor", {f"job{number:06}": number % 9 for number in range(CONTACTS)})
    script = client.register_script(FLOOR)

    def work() -> None:
        job = b"none"
        while job:
            job = script(keys=["floor"], args=[job])

    return rate(work)


def fresh(client: redis.Redis) -> Store:
    client.flushall()
    store = Store(client)
    store.run(configuring.prepare_instance(store.keys))
    return store


def fill(store: Store, channel: Channel = "voice", steps: Sequence[tuple[Step, ...]] = ((),)) -> None:
    for first in range(0, CONTACTS, 500):
        contacts = (
            producing.NewContact("BasicQueue", channel, PAYLOAD, criteria=steps[number % len(steps)])
            for number in range(first, first + 500)
        )
        store.run_many([producing.push(store.keys, contact) for contact in contacts])


def take_and_complete(client: redis.Redis, steps: Sequence[tuple[Step, ...]] = ((),)) -> float:
    """A session in this process: complete and take the next in one call."""
    store = fresh(client)
    configuration, version = store.run(reading.configuration_in_force())
    skills = {f"Product:P{number}": 4 for number in range(20)} if steps[0] else {}
    ana = Agent("ana", PROFILE, proficiencies=skills)
    store.run(configuring.apply_configuration(store.keys, replace(configuration, agents={"ana": ana}), version))
    fill(store, steps=steps)
    session = Session(store.keys, "ana", "bench", "here")

    def work() -> None:
        offers = store.run(session.sign_in())
        while offers:
            offers = store.run(session.complete(offers)).offers

    return rate(work)


def worker_process(client: redis.Redis, channel: Channel = "voice") -> float:
    """A real `fairlead work` process with a no-op handler, from its first contact to its last; a call at a time."""
    store = fresh(client)
    fill(store, channel)
    url = f"unix://{client.connection_pool.connection_kwargs['path']}"
    command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "echo"]
    command += ["--redis", url, "--profile", PROFILE, "--log-level", "error"]
    process = subprocess.Popen(command, cwd=Path(__file__).parent)
    waiting = store.keys.waiting("BasicQueue", channel)  # one cheap question, so that asking does not slow the worker
    while client.zcard(waiting) == CONTACTS:
        time.sleep(0.001)
    began, left = time.perf_counter(), int(client.zcard(waiting))
    while client.zcard(waiting):
        time.sleep(0.01)
    took = time.perf_counter() - began
    process.terminate()
    process.wait()
    return left / took


def worker_at_its_best(client: redis.Redis) -> float:
    """The same with ten chats at a time: what has ended and what comes next share calls."""
    return worker_process(client, "chat")


TRACKS = [(parse_step(f"Product:P{number} >= 3"),) for number in range(20)]


def take_with_criteria(client: redis.Redis) -> float:
    """As `take_and_complete`, of contacts that wait in twenty tracks, by an agent who fits them all."""
    return take_and_complete(client, TRACKS)


def push_bulk(client: redis.Redis) -> float:
    store = fresh(client)
    return rate(lambda: fill(store))


def push_single(client: redis.Redis) -> float:
    store = fresh(client)

    def work() -> None:
        for _ in range(CONTACTS):
            store.run(producing.push(store.keys, producing.NewContact("BasicQueue", "voice", PAYLOAD)))

    return rate(work)


def bytes_a_contact(client: redis.Redis) -> float:
    store = fresh(client)
    before = client.info("memory")["used_memory"]
    fill(store)
    events = client.memory_usage(store.keys.events, samples=0) or 0
    return (client.info("memory")["used_memory"] - before - events) / CONTACTS


HANDLER = """
import time
async def stamp(contact):
    with open(contact.payload["to"], "a") as file:
        file.write(f"{time.time_ns() - contact.payload['at']}\\n")
"""


def wake_up(client: redis.Redis) -> tuple[float, float]:
    """Push to handler start of an idle agent in another process: p50 and p99 in microseconds."""
    store = fresh(client)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "stamping.py").write_text(HANDLER)
        url = f"unix://{client.connection_pool.connection_kwargs['path']}"
        command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "stamping:stamp"]
        process = subprocess.Popen([*command, "--redis", url, "--profile", PROFILE, "--log-level", "error"], cwd=folder)
        while not client.hexists(store.keys.agent("ana"), "epoch"):
            time.sleep(0.01)
        target = Path(folder, "waits")
        for _ in range(500):
            time.sleep(0.004)
            body = b'{"to": "%s", "at": %d}' % (str(target).encode(), time.time_ns())
            store.run(producing.push(store.keys, producing.NewContact("BasicQueue", "voice", body)))
        time.sleep(0.2)
        process.terminate()
        process.wait()
        waits = [int(line) / 1_000 for line in target.read_text().splitlines()]
    return percentiles(waits)


def profile_change(client: redis.Redis) -> tuple[float, float]:
    """From the call that changes a profile to the start of a handler on a contact that just became its agent's."""
    store = fresh(client)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "stamping.py").write_text(HANDLER)
        url = f"unix://{client.connection_pool.connection_kwargs['path']}"
        command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "stamping:stamp"]
        process = subprocess.Popen([*command, "--redis", url, "--profile", PROFILE, "--log-level", "error"], cwd=folder)
        while not client.hexists(store.keys.agent("ana"), "epoch"):
            time.sleep(0.01)
        target = Path(folder, "waits")
        configuration, version = store.run(reading.configuration_in_force())
        profile = configuration.profiles[PROFILE]
        without = replace(configuration, profiles={PROFILE: replace(profile, entries=profile.entries[1:])})
        for _ in range(100):
            version = store.run(configuring.apply_configuration(store.keys, without, version))
            body = b'{"to": "%s", "at": 0}' % str(target).encode()
            contact = producing.NewContact("BasicQueue", profile.entries[0].channel, body)
            store.run(producing.push(store.keys, contact))
            began = time.time_ns()
            version = store.run(configuring.apply_configuration(store.keys, configuration, version))
            time.sleep(0.02)
            with target.open("a") as file:
                file.write(f"-{began}\n")
        process.terminate()
        process.wait()
        lines = [int(line) for line in target.read_text().splitlines()]
    return percentiles([(start + began) / 1_000 for start, began in zip(lines[::2], lines[1::2], strict=True)])


WAITER = """
import sys, time, redis
client = redis.Redis(unix_socket_path=sys.argv[1])
with open(sys.argv[2], "a") as file:
    while got := client.bzpopmin("wake", 5):
        file.write(f"{time.time_ns() - int(got[1])}\\n")
        file.flush()
"""


def wake_up_floor(client: redis.Redis) -> tuple[float, float]:
    """A bare BZPOPMIN in another process."""
    client.flushall()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "waits")
        path = client.connection_pool.connection_kwargs["path"]
        process = subprocess.Popen([sys.executable, "-c", WAITER, path, str(target)])
        while not client.info("clients")["blocked_clients"]:
            time.sleep(0.01)
        for _ in range(500):
            time.sleep(0.004)
            client.zadd("wake", {str(time.time_ns()): 1})
        time.sleep(0.2)
        process.terminate()
        process.wait()
        process_waits = target.read_text() if target.exists() else ""
    return percentiles([int(line) / 1_000 for line in process_waits.splitlines()])


def percentiles(values: list[float]) -> tuple[float, float]:
    cuts = quantiles(values, n=100)
    return cuts[49], cuts[98]


def main() -> None:
    with server() as client:
        floor = floor_one_call(client)
        print(f"floor, one call: complete + next take     {floor:9,.0f} /s    1.00")
        for name, measure in (
            ("take and complete, one session", take_and_complete),
            ("the same, in 20 tracks of criteria", take_with_criteria),
            ("worker process, a call at a time", worker_process),
            ("worker process, ten chats at a time", worker_at_its_best),
            ("push, one by one", push_single),
            ("push, in bulk", push_bulk),
        ):
            figure = measure(client)
            print(f"{name:41} {figure:9,.0f} /s    {figure / floor:4.2f} of the floor")
        print(f"memory of a waiting contact of 200 bytes  {bytes_a_contact(client):9,.0f} bytes")
        bare, ours = wake_up_floor(client), wake_up(client)
        print(f"bare BZPOPMIN wake-up, p50 / p99          {bare[0]:9,.0f} / {bare[1]:,.0f} us")
        ratio = f"{ours[0] / bare[0]:.2f} / {ours[1] / bare[1]:.2f} of it"
        print(f"push to handler start, p50 / p99          {ours[0]:9,.0f} / {ours[1]:,.0f} us    {ratio}")
        changed = profile_change(client)
        print(f"profile changed to handler start, p50 / p99 {changed[0]:7,.0f} / {changed[1]:,.0f} us")


if __name__ == "__main__":
    main()
