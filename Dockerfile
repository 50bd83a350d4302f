# A container for sites that want one. The code lies in /hipdrive, a study runs in /study:
#
#     docker build --tag hipdrive .
#     docker run --rm --volume "$PWD:/study" hipdrive --config config/quick.yaml --yes
FROM python:3.12-slim-bookworm

# OpenSim's wheel needs these libraries; git tells which commit a study was made with.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git libgomp1 libgfortran5 liblapack3 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /hipdrive
COPY . .
RUN PIP_NO_CACHE_DIR=1 python scripts/set_up.py --here requirements.lock requirements-cluster.lock

# The base model and the fitted muscle paths are kept with the study, not in the container.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONSAFEPATH=1 HIPDRIVE_CACHE=/study/.hipdrive
WORKDIR /study
ENTRYPOINT ["python", "-m", "study.launch"]
