"""``python -m boundgen``; ends quietly when it is interrupted while it starts."""

import sys

try:
    from boundgen.cli.main import main

    main()
except KeyboardInterrupt:
    sys.exit("boundgen: interrupted; nothing was written")
