"""Modules of JavaScript as one script: browsers load no modules from a file, and plain scripts they do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.-]+)";\n', re.MULTILINE)
EXPORTED = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)


def script_of(module: str) -> str:
    r"""The text of one module as a call that gives what it exports.

    Parameters
    ----------
    module : str
        Its imports and exports stand at the margin, as ours do.

    Returns
    -------
    str

    Examples
    --------
    >>> print(script_of('import { a } from "./b.js";\nexport const c = a;\n'))
    (() => {
    const { a } = modules["b.js"];
    const c = a;
    return { c };
    })()
    """
    names = EXPORTED.findall(module)
    body = IMPORT.sub(lambda found: f'const {{{_renamed(found[1])}}} = modules["{found[2]}"];\n', module)
    return f"(() => {{\n{EXPORTED.sub('', body).rstrip()}\nreturn {{ {', '.join(names)} }};\n}})()"


def _renamed(names: str) -> str:
    return re.sub(r"\bas\b", ":", names).replace(" :", ":")


def ordered(modules: Mapping[str, str]) -> dict[str, str]:
    r"""The modules, each behind those that it imports.

    Parameters
    ----------
    modules : mapping of str to str
        Texts by the names of their files; no two import each other.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> list(ordered({"a.js": 'import { b } from "./b.js";\n', "b.js": "export const b = 1;\n"}))
    ['b.js', 'a.js']
    """
    imported = {name: {found[2] for found in IMPORT.finditer(text)} for name, text in modules.items()}
    return {name: modules[name] for name in TopologicalSorter(imported).static_order()}


def bundle(modules: Mapping[str, str]) -> str:
    """Several modules as one script, each behind those that it imports."""
    parts = "\n".join(f'modules["{name}"] = {script_of(text)};' for name, text in modules.items())
    return f'"use strict";\n(() => {{\nconst modules = {{}};\n{parts}\n}})();\n'
