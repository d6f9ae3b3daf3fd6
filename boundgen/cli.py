import json,sys
from pathlib import Path
from boundgen.language.model import Model
from boundgen.derivation import derive
from boundgen.errors import BoundgenError
def main():
    f=sys.argv[2]
    try:
        d=derive(Model.parse(Path(f).read_text(),f), engine="auto")
    except BoundgenError as e:
        print(e,file=sys.stderr); sys.exit(2)
    print(json.dumps(d.json()))
