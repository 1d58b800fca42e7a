"""One message: a receiver can tell that it is from us, and nothing that it answers does harm."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from fairlead_web.webhooks import sending
from fairlead_web.webhooks.addresses import read_networks
from fairlead_web.webhooks.sending import Answer, body_of, send
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from web.webhooks.receiving import Receiver

from fairlead.service.webhooks import Webhooks
from fairlead.store.reading import Event

HOME = read_networks("127.0.0.0/8,::1")
QUEUED = Event("17-0", "contact.queued", 1_800_000_000_000_001, {"contact": "c1", "queue": "Sales"}, "cli:ana")


def test_a_receiver_verifies_what_it_is_sent(webhooks: Webhooks, receiver: Receiver) -> None:
    made, secret = webhooks.create_webhook(receiver.url)

    assert send(made, QUEUED, "fairlead", HOME) == Answer(204, "")

    [one] = receiver.received
    assert Verifier(secret).verify(one.body, one.headers) == {
        "type": "contact.queued",
        "timestamp": "2027-01-15T08:00:00.000001Z",
        "data": {"id": "17-0", "instance": "fairlead", "actor": "cli:ana", "contact": "c1", "queue": "Sales"},
    }
    assert (one.path, one.headers["webhook-id"]) == ("/in?a=b", "msg_17-0")
    assert one.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_while_a_secret_is_rotated_both_verify(webhooks: Webhooks, receiver: Receiver) -> None:
    made, old = webhooks.create_webhook(receiver.url)
    new = webhooks.rotate_webhook_secret(made.webhook_id)

    send(webhooks.webhook(made.webhook_id), QUEUED, "fairlead", HOME)

    [one] = receiver.received
    for secret in (old, new):
        Verifier(secret).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + "A" * 44).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(new).verify(one.body.replace(b"c1", b"c2"), one.headers)


def test_an_event_as_a_cloud_event(webhooks: Webhooks, receiver: Receiver) -> None:
    made, secret = webhooks.create_webhook(receiver.url, (), "cloudevents")

    send(made, QUEUED, "fairlead", HOME)

    [one] = receiver.received
    assert one.headers["content-type"] == "application/cloudevents+json"
    told = Verifier(secret).verify(one.body, one.headers)
    assert told["data"]["contact"] == "c1"
    assert {name: value for name, value in told.items() if name != "data"} == {
        "specversion": "1.0", "id": "17-0", "source": "/fairlead/fairlead", "type": "fairlead.contact.queued",
        "time": "2027-01-15T08:00:00.000001Z", "datacontenttype": "application/json", "subject": "c1",
    }  # fmt: skip
    assert b"subject" not in body_of(Event("1-0", "webhook.test", 1, {}), "fairlead", "cloudevents")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer(200, "")),
        (204, Answer(204, "")),
        (301, Answer(301, "answered 301")),
        (404, Answer(404, "answered 404")),
        (410, Answer(410, "answered 410", is_final=True)),
        (500, Answer(500, "answered 500")),
    ],
)
def test_only_success_takes_an_event(webhooks: Webhooks, receiver: Receiver, status: int, answer: Answer) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: (status, {"location": receiver.url})

    assert send(made, QUEUED, "fairlead", HOME) == answer
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:{port}/", "127.0.0.1 is 127.0.0.1, which is not public"),
        ("http://localhost:{port}/", "localhost is "),
        ("https://169.254.169.254/latest", "169.254.169.254 is 169.254.169.254"),
        ("http://8.8.8.8/", "http is for one's own networks only"),
    ],
)
def test_an_address_that_may_not_be_asked_is_not(
    webhooks: Webhooks, receiver: Receiver, url: str, error: str
) -> None:
    made, _ = webhooks.create_webhook(url.format(port=receiver.port))

    answer = send(made, QUEUED, "fairlead")

    assert error in answer.error
    assert (answer.status, answer.is_final, receiver.connections) == (None, True, 0)


def test_a_host_without_an_address_and_one_that_does_not_listen_are_asked_again(webhooks: Webhooks) -> None:
    nowhere, _ = webhooks.create_webhook("https://nowhere.invalid/")
    silent, _ = webhooks.create_webhook("http://127.0.0.1:1/")

    answers = [send(one, QUEUED, "fairlead", HOME) for one in (nowhere, silent)]

    assert [one.error for one in answers] == ["nowhere.invalid has no address: gaierror", "ConnectError"]
    assert not any(one.is_final for one in answers)


def test_a_long_answer_is_not_read(webhooks: Webhooks, receiver: Receiver) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + b"x" * 100_000

    assert send(made, QUEUED, "fairlead", HOME) == Answer(200, "")


def test_a_receiver_that_says_nothing_is_not_waited_for(
    webhooks: Webhooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: b""
    quiet = send(made, QUEUED, "fairlead", HOME)
    receiver.answers = lambda _: b"no HTTP at all\r\n\r\n"
    junk = send(made, QUEUED, "fairlead", HOME)

    assert [quiet.error, junk.error] == ["RemoteProtocolError", "RemoteProtocolError"]
    assert 0 < sending.CONNECT_S <= sending.ANSWER_S <= 15


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, signed by itself, with its key."""
    if not which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "both.pem", "-out", "own.pem"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    with (folder / "both.pem").open("a") as both:
        both.write((folder / "own.pem").read_text())
    return folder


@pytest.fixture
def secured(certificate: Path) -> Iterator[Receiver]:
    one = Receiver(str(certificate / "both.pem"))
    yield one
    one.close()


def test_a_certificate_is_asked_for_by_the_hosts_name(webhooks: Webhooks, secured: Receiver, certificate: Path) -> None:
    trust = ssl.create_default_context(cafile=str(certificate / "own.pem"))
    by_name, _ = webhooks.create_webhook(f"https://localhost:{secured.port}/")
    by_address, _ = webhooks.create_webhook(f"https://127.0.0.1:{secured.port}/")
    only_v4 = read_networks("127.0.0.0/8,::1")

    assert send(by_name, QUEUED, "fairlead", only_v4, trust) == Answer(204, "")
    assert send(by_address, QUEUED, "fairlead", only_v4, trust).error == "ConnectError"
    assert send(by_name, QUEUED, "fairlead", only_v4).error == "ConnectError"
    assert len(secured.received) == 1
