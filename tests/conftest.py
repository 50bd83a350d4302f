"""Settings of all tests."""

import os

# Compiling a structure's equations takes longer than solving the tests' small problems with it;
# that compiled and interpreted equations give the same numbers has a test of its own.
os.environ.setdefault("HIPDRIVE_COMPILER", "none")
