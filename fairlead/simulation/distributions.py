"""How long things take, by chance: the distributions that a scenario may name. All draws are in microseconds."""

import csv
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator

from fairlead.errors import BadInput
from fairlead.files.text import bytes_of, text_of

LongS = Annotated[float, Field(gt=0, le=30 * 86_400)]


class _Distribution(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def draw_us(self, chance: Random) -> int:
        """One duration, in whole microseconds."""
        return round(self._draw_s(chance) * 1e6)

    @abstractmethod
    def _draw_s(self, chance: Random) -> float:
        """One duration, in seconds."""

    @property
    @abstractmethod
    def average_s(self) -> float:
        """The mean, in seconds."""


class Exponential(_Distribution):
    """Without memory: what the Erlang formulas assume."""

    distribution: Literal["exponential"]
    mean_s: LongS

    def _draw_s(self, chance: Random) -> float:
        return chance.expovariate(1 / self.mean_s)

    @property
    def average_s(self) -> float:
        return self.mean_s


class Lognormal(_Distribution):
    """Skewed, with a long tail: what handle times of calls usually are. Mean and deviation are those of the times."""

    distribution: Literal["lognormal"]
    mean_s: LongS
    deviation_s: LongS

    def _draw_s(self, chance: Random) -> float:
        variance = math.log(1 + (self.deviation_s / self.mean_s) ** 2)
        return chance.lognormvariate(math.log(self.mean_s) - variance / 2, math.sqrt(variance))

    @property
    def average_s(self) -> float:
        return self.mean_s


class Gamma(_Distribution):
    """Between deterministic and exponential when the deviation is less than the mean."""

    distribution: Literal["gamma"]
    mean_s: LongS
    deviation_s: LongS

    def _draw_s(self, chance: Random) -> float:
        shape = (self.mean_s / self.deviation_s) ** 2
        return chance.gammavariate(shape, self.mean_s / shape)

    @property
    def average_s(self) -> float:
        return self.mean_s


class Deterministic(_Distribution):
    """Always the same."""

    distribution: Literal["deterministic"]
    value_s: Annotated[float, Field(ge=0, le=30 * 86_400)]

    def _draw_s(self, chance: Random) -> float:  # noqa: ARG002  # as the others
        return self.value_s

    @property
    def average_s(self) -> float:
        return self.value_s


class Empirical(_Distribution):
    """What was recorded, drawn with equal chances: a number of seconds a line, or a column of a CSV file."""

    distribution: Literal["empirical"]
    file: Path
    column: str | None = None
    _values_s: Sequence[float] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _read(self, info: ValidationInfo) -> "Empirical":
        folder = (info.context or {}).get("folder", Path())
        self._values_s = _recorded_s(folder / self.file, self.column)
        return self

    def _draw_s(self, chance: Random) -> float:
        return chance.choice(self._values_s)

    @property
    def average_s(self) -> float:
        return sum(self._values_s) / len(self._values_s)


Distribution: TypeAlias = Annotated[
    Exponential | Lognormal | Gamma | Deterministic | Empirical, Field(discriminator="distribution")
]


def _recorded_s(file: Path, column: str | None) -> list[float]:
    try:
        lines = text_of(bytes_of(file), str(file), "utf-8").splitlines()
        texts = [row[column] for row in csv.DictReader(lines)] if column else [line for line in lines if line.strip()]
        values = [float(text) for text in texts]
    except BadInput as failure:
        raise ValueError(str(failure)) from failure
    except KeyError as failure:
        raise ValueError(f"{file} has no column {failure}") from failure
    if not values or min(values) < 0:
        raise ValueError(f"{file} must have at least one number of seconds, and none below 0")
    return values
