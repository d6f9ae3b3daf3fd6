"""The graph of a model: effects as arrows, what is randomized framed, unmeasured confounding dashed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.language.model import Model
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, style
from boundgen.pictures.layout import CLEARANCE, Edge, Layout, Size, curve, layout
from boundgen.rendering.layout import listed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

LETTERS = 12
DASHES = (0, (4, 2.5))
INCHES = 0.9  # of one unit of the layout


def graph_picture(model: Model, *, title: str = "") -> Figure:
    """Draw the graph of a model.

    Variables stand right of their parents. Randomized ones have a square frame, all others a round one; those that
    are never observed are grey with a dashed outline. Dashed arrows with two heads are unmeasured common causes,
    which all variables that are not randomized may share where the model does not say which do.

    Parameters
    ----------
    model : Model
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    LibraryError
        If matplotlib is not installed.
    """
    sizes = {variable.name: _size(variable.name) for variable in model.variables}
    found = layout(model, sizes)
    with style():
        left, right, low, high = _extent(found, sizes)
        figure = new_picture(max(3.2, INCHES * (right - left)), INCHES * (high - low) + 0.5)
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set_xlim(left, right)
        axes.set_ylim(low, high)
        axes.set_title(title, fontsize=9)
        nodes = {name: _draw_variable(axes, model, name, found, size) for name, size in sizes.items()}
        for edge in found.edges:
            axes.add_patch(_arrow(edge, found, nodes))
        legend_below(figure, _keys(model), columns=2)
    return figure


def is_observed(model: Model, name: str) -> bool:
    """Whether data hold the variable at all: as an outcome, an arm or something that an experiment sets."""
    groups = (g for o in model.observations for g in (o.outcomes, o.arms, o.interventions, o.selection))
    return any(name == observed for group in groups for observed, _ in group)


def _size(name: str) -> Size:
    """Half the size of the frame that holds the name, in units of the layout."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    text = TextPath((0, 0), name, size=LETTERS, prop=FontProperties(family="DejaVu Sans"))
    width = text.get_extents().width / 72 / INCHES
    return Size(max(0.3, width / 2 + 0.14), 0.3)


def _extent(layout: Layout, sizes: dict[str, Size]) -> tuple[float, float, float, float]:
    """The part of the plane that holds all frames and arcs."""
    xs, ys = [], []
    for name, (x, y) in layout.places.items():
        xs += [x - sizes[name].width, x + sizes[name].width]
        ys += [y - sizes[name].height, y + sizes[name].height]
    for edge in layout.edges:
        for x, y in curve(layout.places[edge.start], layout.places[edge.end], edge.bend):
            xs.append(x)
            ys.append(y)
    return min(xs) - CLEARANCE, max(xs) + CLEARANCE, min(ys) - CLEARANCE, max(ys) + CLEARANCE


def _draw_variable(axes: Axes, model: Model, name: str, layout: Layout, size: Size) -> Patch:
    from matplotlib.patches import Ellipse, Rectangle

    x, y = layout.places[name]
    observed = is_observed(model, name)
    look: dict[str, Any] = {
        "facecolor": "white" if observed else "0.92",
        "edgecolor": INK if observed else SHADE,
        "linestyle": "-" if observed else DASHES,
        "linewidth": 1.2,
        "zorder": 3,
        "gid": f"variable {name}",
    }
    width, height = 2 * size.width, 2 * size.height
    shape: Patch
    if model.by_name[name].randomized:
        shape = Rectangle((x - size.width, y - size.height), width, height, **look)
    else:
        shape = Ellipse((x, y), width * 1.12, height, **look)
    axes.add_patch(shape)
    axes.text(
        x, y, name, ha="center", va="center_baseline", fontsize=LETTERS, color=INK if observed else "0.35", zorder=4
    )
    return shape


def _arrow(edge: Edge, layout: Layout, nodes: dict[str, Patch]) -> Patch:
    from matplotlib.patches import FancyArrowPatch

    return FancyArrowPatch(
        layout.places[edge.start],
        layout.places[edge.end],
        connectionstyle=f"arc3,rad={edge.bend}",
        patchA=nodes[edge.start],
        patchB=nodes[edge.end],
        shrinkA=2,
        shrinkB=2,
        arrowstyle="<|-|>" if edge.dashed else "-|>",
        mutation_scale=9 if edge.dashed else 12,
        linestyle=DASHES if edge.dashed else "-",
        linewidth=0.9 if edge.dashed else 1.3,
        color="0.35" if edge.dashed else INK,
        zorder=1 if edge.dashed else 2,
        gid=f"{'confounding' if edge.dashed else 'effect'} {edge.start} {edge.end}",
    )


def _keys(model: Model) -> list[tuple[Artist, str]]:
    """What the legend explains: only what is in the graph."""
    from matplotlib.lines import Line2D

    def mark(shape: str, face: str, edge: str) -> Artist:
        return Line2D([], [], linewidth=0, marker=shape, markersize=9, markerfacecolor=face, markeredgecolor=edge)

    entries: list[tuple[Artist, str]] = []
    if any(variable.randomized for variable in model.variables):
        entries.append((mark("s", "white", INK), "randomized"))
    entries += [(Line2D([], [], color="0.35", linewidth=0.9, linestyle=DASHES), said) for said in _of_causes(model)]
    if not all(is_observed(model, variable.name) for variable in model.variables):
        entries.append((mark("o", "0.92", SHADE), "never observed"))
    return entries


def _of_causes(model: Model) -> list[str]:
    """What dashed arrows mean: between three variables they may be one cause or three, so one of several is named."""
    if model.causes is None:
        return ["unmeasured common causes"] if sum(not v.randomized for v in model.variables) > 1 else []
    several = [f"one cause of {listed(cause)}" for cause in model.causes if len(cause) > 2]
    pairs = any(len(cause) == 2 for cause in model.causes)
    return several + (["unmeasured common cause of two"] if pairs and several else ["unmeasured common cause"] * pairs)
