"""Traces and metrics by OpenTelemetry: what `fairlead[otel]` is for.

    from fairlead import telemetry
    telemetry.instrument()    # beside whatever else sets OpenTelemetry up

From then on each push has a span whose context goes with the contact, and each handler one that is linked to it.
Nothing of OpenTelemetry is imported before; without it nothing is watched, and nothing costs anything.
"""

import atexit
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fairlead.errors import InvalidSetting
from fairlead.service.tracing import watch

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = [
    "export_spans", "export_what_is_left", "instrument", "instrument_by_environment", "is_wanted", "uninstrument",
]  # fmt: skip

_WANTED_BY = (
    "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_CONFIG_FILE",
)  # fmt: skip
"""Whoever sets one of them wants to see something."""

EXPORTS_WITHIN_S = 2.0
"""How long a program that ends exports what it has left: nobody waits longer for a collector that does not answer."""

_DEFAULTS = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
}
"""What the specification says of variables that are not set; the SDK for Python has another protocol."""


def instrument(tracer_provider: "TracerProvider | None" = None, meter_provider: "MeterProvider | None" = None) -> None:
    """Watch all that this process connects and pushes from here on. By default with the global providers.

    Raises InvalidSetting when OpenTelemetry is not installed.
    """
    try:
        from fairlead.telemetry.messaging import Messaging
    except ModuleNotFoundError as missing:
        raise InvalidSetting(f"{missing.name} is not installed: pip install 'fairlead[otel]'") from missing
    watch(Messaging(tracer_provider, meter_provider))


def uninstrument() -> None:
    """Watch nothing more that begins from here on."""
    watch(None)


def is_wanted(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment of this process (OTEL_*) says where traces or metrics are to go."""
    given = os.environ if environment is None else environment
    return any(given.get(name) for name in _WANTED_BY) and given.get("OTEL_SDK_DISABLED", "").lower() != "true"


def instrument_by_environment(service: str) -> bool:
    """Set OpenTelemetry up as the environment says (OTEL_*), and instrument this process; answers whether it is wanted.

    For programs: what they have left is exported when the process ends, for EXPORTS_WITHIN_S. `service`: their name,
    unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES has one.

    Raises InvalidSetting when OpenTelemetry is wanted and not installed, or cannot be set up so.
    """
    if not is_wanted():
        return False
    try:
        from opentelemetry.distro import OpenTelemetryConfigurator
    except ModuleNotFoundError as missing:
        raise InvalidSetting(
            f"OTEL_* variables say where traces go, and {missing.name} is not installed: pip install 'fairlead[otel]', "
            "or set OTEL_SDK_DISABLED=true"
        ) from missing
    if "service.name=" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        os.environ.setdefault("OTEL_SERVICE_NAME", service)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    configurator: Any = OpenTelemetryConfigurator()  # type: ignore[no-untyped-call]  # nothing of it is typed
    try:
        configurator.configure()
    except (RuntimeError, ValueError) as failure:
        raise InvalidSetting(f"OpenTelemetry cannot be set up as the OTEL_* variables say: {failure}") from failure
    instrument()
    _export_at_exit()
    return True


def export_what_is_left() -> None:
    """For a process that ends without a word to anybody (`os._exit`): others export by themselves when they end."""
    if "opentelemetry.sdk" in sys.modules:
        exporting = threading.Thread(target=_shut_down, daemon=True)
        exporting.start()
        exporting.join(EXPORTS_WITHIN_S)


def export_spans() -> None:
    """For the child of a process, which ends without a word: its spans; metrics are exported by its parent alone."""
    if "opentelemetry.sdk" in sys.modules:
        from opentelemetry.trace import get_tracer_provider

        provider: Any = get_tracer_provider()
        if hasattr(provider, "force_flush"):
            exporting = threading.Thread(target=provider.force_flush, daemon=True)
            exporting.start()
            exporting.join(EXPORTS_WITHIN_S)


def _export_at_exit() -> None:
    """In the place of what the SDK does at the end of a process, which waits as long as its exporters try."""
    is_over = threading.Event()

    def export() -> None:
        is_over.wait()
        _shut_down()

    exporting = threading.Thread(target=export, name="export at exit", daemon=True)
    exporting.start()  # a process that ends begins no thread

    def leave() -> None:
        is_over.set()
        exporting.join(EXPORTS_WITHIN_S)

    for provider in _providers():
        atexit.unregister(provider.shutdown)
    atexit.register(leave)


def _shut_down() -> None:
    for provider in _providers():
        provider.shutdown()


def _providers() -> Iterator[Any]:
    """Those of the SDK; one that does nothing cannot be shut down."""
    from opentelemetry._logs import get_logger_provider
    from opentelemetry.metrics import get_meter_provider
    from opentelemetry.trace import get_tracer_provider

    for provider in (get_tracer_provider(), get_meter_provider(), get_logger_provider()):
        if hasattr(provider, "shutdown"):
            yield provider
