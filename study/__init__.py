"""The experiment: its keys, its cases, its cost, and the command that runs it."""

from formats.imports import checkout_last

checkout_last()
