"""Put on PYTHONPATH: each Python process notes the files that it opens or renames to.

One line of JSON for each, appended to the file named by HIPDRIVE_OPENED: the command's arguments,
the path, and whether it was written. What OpenSim's libraries open is not seen.
"""

import json
import os
import sys


def _note(file: int) -> None:
    def hook(event: str, given: tuple) -> None:
        if event == "open" and isinstance(given[0], str):
            path, written = given[0], bool((given[2] or 0) & (os.O_WRONLY | os.O_RDWR))
        elif event == "os.rename":
            path, written = os.fsdecode(given[1]), True
        else:
            return
        line = json.dumps([sys.orig_argv[1:], os.path.abspath(path), written]) + "\n"
        os.write(file, line.encode())

    sys.addaudithook(hook)


if "HIPDRIVE_OPENED" in os.environ:
    _note(os.open(os.environ["HIPDRIVE_OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT))
