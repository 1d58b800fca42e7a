"""Times and durations as a person reads them: local time, and no more digits than are of use."""

from datetime import datetime

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def duration(seconds: float) -> str:
    """`30 s`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `6 d 3 h`."""
    whole = round(seconds)
    if whole < MINUTE_S:
        return f"{whole} s" if whole == seconds else f"{seconds:.1f} s"
    if whole < HOUR_S:
        return _of(whole, MINUTE_S, "min", 1, "s")
    if whole < DAY_S:
        return _of(whole, HOUR_S, "h", MINUTE_S, "min")
    return _of(whole, DAY_S, "d", HOUR_S, "h")


def _of(whole: int, large_s: int, large: str, small_s: int, small: str) -> str:
    rest = whole % large_s // small_s
    return f"{whole // large_s:,} {large}" + (f" {rest} {small}" if rest else "")


def local(at_us: int) -> datetime:
    """A time of the engine in this machine's time zone."""
    return datetime.fromtimestamp(at_us / 1e6).astimezone()


def moment(at_us: int, now_us: int) -> str:
    """A time of day; with its date when that is not today's."""
    at, now = local(at_us), local(now_us)
    return at.strftime("%H:%M:%S" if at.date() == now.date() else "%Y-%m-%d %H:%M:%S")


def zone(at_us: int) -> str:
    """This machine's time zone: its name where it has one, and how far it is from UTC."""
    at = local(at_us)
    name, offset = at.tzname() or "", f"{at:%z}"
    if name == "UTC":
        return name
    return f"{name}, " * name.isalpha() + f"UTC{offset[:3]}:{offset[3:5]}"
