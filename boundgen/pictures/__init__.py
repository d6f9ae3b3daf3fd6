"""Pictures of bounds, of bounds against a sensitivity parameter, and of models; they need matplotlib."""

from boundgen.pictures.dual import dual_picture
from boundgen.pictures.evaluations import evaluation_chart
from boundgen.pictures.files import picture_bytes, write_picture
from boundgen.pictures.graph import graph_picture
from boundgen.pictures.intervals import Interval, assumption_chart, interval_chart, interval_of
from boundgen.pictures.sensitivity import sensitivity_picture

__all__ = [
    "Interval",
    "assumption_chart",
    "dual_picture",
    "evaluation_chart",
    "graph_picture",
    "interval_chart",
    "interval_of",
    "picture_bytes",
    "sensitivity_picture",
    "write_picture",
]
