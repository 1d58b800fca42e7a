"""What is wrong with a server is named, and no password is shown."""

from pathlib import Path

import pytest
import redis
from conftest import REAL_SERVERS, RealServer, eventually
from redis.asyncio.connection import DefaultParser as BaseParser

from fairlead import errors
from fairlead.server.connection import check_server, connect, connect_async
from fairlead.server.failures import translate
from fairlead.store import reading
from fairlead.store.client import AsyncStore, Store
from fairlead.store.hints import next_hint
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Procedure, ask
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session


def test_a_wrong_password_is_refused_without_being_shown(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    server.client().config_set("requirepass", "right")

    with pytest.raises(errors.RedisRefused, match="refused the user or the password") as refusal:
        check_server(connect(f"unix://:wrong-word@{server.socket}"))

    assert "wrong-word" not in str(refusal.value)
    server.kill()


def test_a_read_only_replica_is_refused(server: RealServer, tmp_path: Path) -> None:
    replica = RealServer(REAL_SERVERS[0], tmp_path, "--replicaof", "127.0.0.1", "1")

    with pytest.raises(errors.RedisReadOnly, match="read-only replica"):
        check_server(connect(replica.url))

    replica.kill()


def test_a_missing_server_is_told_with_its_address() -> None:
    with pytest.raises(errors.RedisUnreachable, match=r"127\.0\.0\.1:1"):
        check_server(connect("redis://127.0.0.1:1/0"))


def test_an_old_server_is_refused(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect(server.url)
    info = client.info()
    monkeypatch.setattr(client, "info", lambda *_: {**info, "redis_version": "6.0.16"})

    with pytest.raises(errors.RedisTooOld, match=r"is 6\.0\.16"):
        check_server(client)


def test_with_memory_full_a_push_is_refused_and_what_waits_is_worked_off(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    store = Store(connect(server.url))
    store.run(configuring.prepare_instance(store.keys))
    session = _session(store)
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c1")))
    server.client().config_set("maxmemory", "1mb")
    server.client().config_set("maxmemory-policy", "noeviction")

    with pytest.raises(errors.RedisFull, match="no memory left"):
        store.run(producing.push(store.keys, NewContact("BasicQueue", "voice")))

    answer = store.run(session.take())
    assert [offer.contact_id for offer in answer.offers] == ["c1"]
    assert store.run(session.complete(answer.offers)).fenced == ()
    server.kill()


def test_scripts_that_redis_has_forgotten_are_loaded_again(server: RealServer) -> None:
    store = Store(connect(server.url))
    store.run(configuring.prepare_instance(store.keys))
    server.client().function_flush()

    receipts = store.run_many(
        [producing.push(store.keys, NewContact("BasicQueue", "chat")) for _ in range(3)]
    )

    assert all(isinstance(receipt, producing.Receipt) for receipt in receipts)
    eventually(lambda: server.client().zcard(store.keys.waiting("BasicQueue", "chat")) == 3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Error running script (call to f_1): @user_script:1: @user_script: 1: -OOM command not", errors.RedisFull),
        ("Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You", errors.RedisReadOnly),
        ("Error running script (call to f_1): @user_script:9: -MISCONF Redis is", errors.RedisCannotSave),
        ("@user_script: 4: The user executing the script can't run this command", errors.RedisRefused),
        ("ACL failure in script: No permissions to access a key script: on @user_script:1.", errors.RedisRefused),
        ("max number of clients reached", errors.RedisBusy),
        ("UNBLOCKED force unblock from blocking operation, instance state changed", errors.RedisReadOnly),
        ("Script attempted to access a non local key in a cluster node", errors.RedisMoved),
        ("NOREPLICAS Not enough good replicas to write.", errors.RedisReadOnly),
        ("BUSYGROUP Consumer Group name already exists", errors.RedisError),
        ("wrong number of arguments for 'get' command", errors.RedisError),
    ],
)
def test_what_redis_refuses_is_told_apart_in_scripts_of_every_version(text: str, kind: type[Exception]) -> None:
    assert type(translate(redis.ResponseError(text), "here")) is kind


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("MOVED 9189 127.0.0.1:7001", errors.RedisMoved),
        ("ASK 9189 127.0.0.1:7001", errors.RedisBusy),
        ("TRYAGAIN Multiple keys request during rehashing of slot", errors.RedisBusy),
        ("CLUSTERDOWN The cluster is down", errors.RedisBusy),
        ("MASTERDOWN Link with MASTER is down", errors.RedisBusy),
        ("LOADING Redis is loading the dataset in memory", errors.RedisBusy),
        ("BUSY Redis is busy running a script.", errors.RedisBusy),
        ("READONLY You can't write against a read only replica.", errors.RedisReadOnly),
        ("MISCONF Redis is configured to save RDB snapshots", errors.RedisCannotSave),
        ("OOM command not allowed when used memory > 'maxmemory'.", errors.RedisFull),
    ],
)
def test_each_answer_of_a_server_that_does_not_serve_has_an_error(reply: str, kind: type[Exception]) -> None:
    assert type(translate(BaseParser.parse_error(reply), "here")) is kind


def test_an_instance_that_is_gone_is_told_as_that(store: Store) -> None:
    with pytest.raises(errors.UnknownInstance, match="instance 'fairlead' does not exist"):
        store.run(reading.configuration_in_force())


async def test_waiting_without_the_right_raises_our_error(server: RealServer) -> None:
    server.client().execute_command("ACL", "SETUSER", "some", "reset", "on", ">word", "~*", "+@all", "-blpop")
    store = AsyncStore(connect_async(f"unix://some:word@{server.socket}"))

    with pytest.raises(errors.RedisRefused, match=r"the right to run BLPOP \{fairlead\}:inbox:w"):
        await store.run(next_hint("w", 1))
    with pytest.raises(errors.RedisRefused, match=r"the right to run BLPOP \{fairlead\}:inbox:w"):
        await store.run(Procedure(lambda _: ask(("PING",), ("BLPOP", store.keys.inbox("w"), 1))))

    await store.close()
    server.client().acl_deluser("some")


def _session(store: Store) -> Session:
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    return session


def test_words_reach_redis_as_they_are_and_what_is_no_word_is_an_error_of_redis_py(server: RealServer) -> None:
    with connect(server.url) as client:
        client.execute_command("SET", "k ä", b"\x00 two  words")
        assert client.execute_command("CLIENT GETNAME") is None
        assert client.execute_command("GET", "k ä") == b"\x00 two  words"
        assert client.execute_command("INCRBYFLOAT", "n", 1.5) == 1.5
        with pytest.raises(redis.DataError):
            client.execute_command("SET", "k", object())
