"""A principal stratum, by potential outcomes and their values."""

from __future__ import annotations

from dataclasses import dataclass

from boundgen.language.values import Value, value_text
from boundgen.strata.unit import Response


@dataclass(frozen=True)
class Stratum:
    """A principal stratum: the potential outcomes that matter, and their values."""

    responses: tuple[tuple[Response, Value], ...]

    def __str__(self) -> str:
        return (
            ", ".join(f"{response_name(response)}={value_text(value)}" for response, value in self.responses)
            or "everybody"
        )


def response_name(response: Response) -> str:
    """``Y(1,0)``; a root is written without brackets."""
    name, values = response
    return f"{name}({','.join(map(value_text, values))})" if values else name
