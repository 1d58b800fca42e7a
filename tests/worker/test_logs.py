"""A program may configure its logs whenever it likes, and hears what it has asked for."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fairlead_worker.logs import get_logger

log = get_logger()


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What structlog is told, once it is configured with `listen`."""
    events: list[dict[str, Any]] = []
    yield events
    structlog.reset_defaults()


def listen(heard: list[dict[str, Any]], wrapper_class: type) -> None:
    def note(_logger: Any, _name: str, event: Any) -> Any:
        heard.append(dict(event))
        raise structlog.DropEvent

    structlog.configure(processors=[note], wrapper_class=wrapper_class)


def test_each_event_goes_by_the_configuration_of_its_moment(heard: list[dict[str, Any]]) -> None:
    for number, level in enumerate([logging.INFO, logging.WARNING, logging.INFO, logging.ERROR]):
        listen(heard, structlog.make_filtering_bound_logger(level))
        log.info("completed", contact=number)
        log.warning("failed", contact=number)

    assert [(one["event"], one["contact"]) for one in heard] == [
        ("completed", 0), ("failed", 0), ("failed", 1), ("completed", 2), ("failed", 2),
    ]  # fmt: skip


def test_a_program_whose_loggers_do_not_filter_hears_everything(heard: list[dict[str, Any]]) -> None:
    listen(heard, structlog.BoundLogger)

    log.info("completed", contact="c1")

    assert heard == [{"event": "completed", "contact": "c1"}]


def test_without_structlog_the_level_of_the_programs_logging_counts(caplog: pytest.LogCaptureFixture) -> None:
    for number, level in enumerate([logging.INFO, logging.WARNING, logging.INFO]):
        with caplog.at_level(level, "fairlead_worker"):
            log.info("completed", contact=number)

    assert [record.getMessage() for record in caplog.records] == ["completed contact=0", "completed contact=2"]
