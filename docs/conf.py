"""The documentation site: `make docs` builds it from the repository's own pages, docstrings and notebooks.

The source is the whole repository, so that links between README, docs, notebooks and code are the same there and here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygments.lexers.special import TextLexer

from boundgen.editing.pygments_lexer import BoundsLexer
from boundgen.version import VERSION

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project, author, release = "boundgen", "The boundgen developers", VERSION
copyright = author
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",  # formulas are set without another site; the licence of MathJax is in static/mathjax
]
root_doc = "docs/index"
include_patterns = [
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md"),
    *("docs/*.md", "docs/guide/*.md", "docs/api/*.rst", "notebooks/*.ipynb"),
]
exclude_patterns = [".*", "build", "dist", "docs/_build"]
templates_path = [str(Path(__file__).parent / "templates")]  # autosummary would look below the root

myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True  # notebooks set a formula on a line of its own within a paragraph, as Jupyter does
myst_heading_anchors = 4
nb_execution_mode = "auto"  # notebooks are stored without output
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

autosummary_generate = True  # docs/api/NAME.rst for every name that docs/api.md lists
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("s.Syntax", "s.Writable", "Number", "Rational", "Report", "Writable")}
napoleon_google_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"boundgen {VERSION}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_extra_path = ["entrance"]  # the way from / to the first page
html_show_sphinx = False
html_copy_source = False


def plain_aliases(*event: Any) -> tuple[str | None, ...]:
    """The signature and the result with plain names of type aliases; inside brackets autodoc spells them at length."""
    return tuple(part and re.sub(r"TypeAliasForwardRef\('(?:s\.)?(\w+)'\)|\bs\.", r"\1", part) for part in event[-2:])


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.add_lexer("dagitty", TextLexer)  # shown as it is
    app.add_lexer("bounds", BoundsLexer)
    app.connect("autodoc-process-signature", plain_aliases)
