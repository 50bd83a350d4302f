"""Run Snakemake in this process by its own entry point, with study.progress as its log handler.

    python study/steps.py NUMBER EXPECTED [options of Snakemake]

For study.launch. NUMBER: an open file that gets a JSON object at the end: how many steps there
were, the cases that had one, and the steps that failed. EXPECTED: a JSON object, `seconds` of a
step by rule and `cores`. Run by its path, not as a module: the checkout comes after all packages.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from snakemake import cli
from snakemake.exceptions import print_exception
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

NAME = "hipdrive"


def main() -> None:
    """Command line."""
    sys.path.append(str(Path(__file__).parents[1]))
    from study import progress

    number, expected, *options = sys.argv[1:]
    known = json.loads(expected)
    progress.TOLD.expected, progress.TOLD.cores = known["seconds"], known["cores"]
    progress.TOLD.quiet = "--dry-run" in options

    def stop(*_: Any) -> None:
        progress.TOLD.quiet = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    registry = LoggerPluginRegistry()
    registry.register_plugin(f"{registry.module_prefix}{NAME}", progress)
    done = False
    try:
        parser, args = cli.parse_args([*options, "--logger", NAME])
        # With its limit of jobs a second, Snakemake answers each look at the queue with a timer for
        # one more: after a hundred steps it looks without a pause and takes half a core.
        args.max_jobs_per_timespan = None
        done = cli.args_to_api(args, parser)
    except Exception as error:
        print_exception(error)
    finally:
        with os.fdopen(int(number), "w", encoding="utf-8") as stream:
            json.dump(progress.TOLD.summary(), stream)
    sys.exit(0 if done else 1)


if __name__ == "__main__":
    main()
