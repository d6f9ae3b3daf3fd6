"""A linear program as a coloured graph: its automorphisms are the relabellings that leave the program as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundgen.program.linear_program import LinearProgram


@dataclass(frozen=True)
class ColouredGraph:
    """Nodes with colours; nodes of different colours are never exchanged.

    Parameters
    ----------
    colours : tuple of str
        One for each node. The same colour means the same thing in two graphs, so that graphs can be compared.
    edges : tuple of (int, int)
    """

    colours: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


SIGN, COLUMN = "sign", "column"


def coloured_graph(program: LinearProgram, of_columns: Sequence[int], of_signs: Mapping[int, int]) -> ColouredGraph:
    """Inequalities of the dual polyhedron and rows of the program as nodes, entries as edges.

    A row of cells may be exchanged with any other; the right sides of assumption rows are fixed. Costs are not
    colours here: where a relabelling changes them by a combination of rows, the polyhedron is only shifted.

    Parameters
    ----------
    program : LinearProgram
        With all its rows.
    of_columns : sequence of int
        The inequality, by number, of each column.
    of_signs : mapping of int to int
        The row of each other inequality: the sign of the multiple of a `<=` row.
    """
    inequalities = len(of_columns) + len(of_signs)
    colours = [SIGN if k in of_signs else COLUMN for k in range(inequalities)]
    colours += ["cell" if row.kind == "cell" else f"{row.relation} {row.right}" for row in program.rows]
    edges = [(sign, inequalities + row) for sign, row in of_signs.items()]
    for inequality, column in zip(of_columns, program.columns, strict=True):
        for i, entry in column.entries:
            row = inequalities + i
            if entry == 1:
                edges.append((inequality, row))
            else:
                # An entry other than one is a node between column and row, of its own colour.
                edges += [(inequality, len(colours)), (len(colours), row)]
                colours.append(f"entry {entry}")
    return ColouredGraph(tuple(colours), tuple(edges))
