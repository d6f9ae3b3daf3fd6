"""Companion results as JSON (schema ``boundgen.mediate/1``)."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from boundgen.companions.result import CompanionEstimate, CompanionResult

SCHEMA = "boundgen.mediate/1"


def result_json(result: CompanionResult) -> dict[str, Any]:
    """Everything; numbers that are not finite are texts (``"inf"``), since JSON has none."""
    data = asdict(result.data)
    document = {
        "schema": SCHEMA,
        "method": result.method,
        "title": result.title,
        "source": result.source,
        "data": {**data, "roles": [list(role) for role in result.data.roles], "notes": list(result.data.notes)},
        "estimates": [_estimate_json(each) for each in result.estimates],
        "assumptions": [asdict(each) for each in result.assumptions],
        "diagnostics": [asdict(each) for each in result.diagnostics],
        "warnings": list(result.warnings),
        "tables": [{"name": each.name, "title": each.title, "rows": each.records()} for each in result.tables],
        "bounds": [asdict(each) for each in result.bounds],
        "no_bounds": result.no_bounds or None,
        "options": dict(result.options),
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def _estimate_json(each: CompanionEstimate) -> dict[str, Any]:
    return {
        "name": each.name,
        "symbol": each.symbol,
        "value": each.value,
        "error": each.error,
        "interval": {"kind": each.interval, "low": each.low, "high": each.high},
        "others": [{"kind": other.kind, "pieces": [list(piece) for piece in other.pieces]} for other in each.others],
        "words": each.words,
    }


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's, what is not finite as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
