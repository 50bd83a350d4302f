import os

from formats.imports import checkout_last

checkout_last()
# Solves share their own work among threads (--threads). A second thread of the linear algebra,
# which Snakemake asks for where a rule has two, waits turning for the first: up to ten times slower
# on a busy machine. Read when the libraries are loaded.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
