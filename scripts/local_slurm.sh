#!/usr/bin/env bash
# A SLURM of one machine: two nodes on loopback, to try profiles/slurm without a cluster.
#
#     scripts/local_slurm.sh start [FOLDER]     installs Debian's slurm-wlm and munge if need be
#     scripts/local_slurm.sh stop [FOLDER]
#
# As root. State and logs stand in FOLDER (/tmp/local_slurm), to which /etc/slurm/slurm.conf then
# points: jobs look there. No systemd, cgroups or accounting needed.
set -euo pipefail

action=${1:-}
folder=${2:-/tmp/local_slurm}
nodes="local1 local2"

pid_of() { cat "$folder/$1.pid" 2>/dev/null || true; }

stop() {
    for daemon in slurmd.local1 slurmd.local2 slurmctld munged; do
        pid=$(pid_of "$daemon")
        [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
        rm -f "$folder/$daemon.pid"
    done
    if [ "$(readlink /etc/slurm/slurm.conf)" = "$folder/slurm.conf" ]; then
        rm -f /etc/slurm/slurm.conf /etc/slurm/cgroup.conf
    fi
}

configure() {
    cores=$(nproc)
    megabytes=$(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
    mkdir -p "$folder"/state "$folder"/log
    cat >"$folder/slurm.conf" <<CONF
ClusterName=local
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CryptoType=crypto/munge
SlurmctldPort=16817
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.%n.log
# Containers rarely hand out cgroups: processes are found by their group, memory is planned, not
# enforced.
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SwitchType=switch/none
MpiDefault=none
# Without an accounting database the state of ended jobs is asked of slurmctld, which must keep it.
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=86400
JobRequeue=1
# A node that does not answer is down after this many seconds, and its jobs are queued again.
SlurmdTimeout=20
ReturnToService=2
SchedulerParameters=sched_interval=2,batch_sched_delay=1
CONF
    port=16820
    half=$(((cores + 1) / 2))
    for node in $nodes; do
        echo "NodeName=$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$port CPUs=$half" \
            "RealMemory=$((megabytes / 3)) State=UNKNOWN"
        port=$((port + 1))
    done >>"$folder/slurm.conf"
    echo "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP" >>"$folder/slurm.conf"
    # Before 23.02 there is no such plugin; v1 is then loaded, and not asked for anything.
    case $(slurmd -V) in
    *\ 2[0-2].*) plugin=cgroup/v1 ;;
    *) plugin=disabled ;;
    esac
    echo "CgroupPlugin=$plugin" >"$folder/cgroup.conf"
}

start_munge() {
    dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 status=none
    chown munge: "$folder/munge.key"
    chmod 400 "$folder/munge.key"
    mkdir -p "$folder/munge"
    chown -R munge: "$folder/munge"
    chmod 755 "$folder" "$folder/munge"
    setpriv --reuid=munge --regid=munge --clear-groups munged --key-file="$folder/munge.key" \
        --socket="$folder/munge/socket" --pid-file="$folder/munge/munged.pid" \
        --log-file="$folder/munge/munged.log" --seed-file="$folder/munge/seed" --num-threads=2 --force
    ln -sf "$folder/munge/socket" "$folder/munge.socket"
    ln -sf "$folder/munge/munged.pid" "$folder/munged.pid"
}

start() {
    if [ -e /etc/slurm/slurm.conf ] && [ ! -L /etc/slurm/slurm.conf ]; then
        echo "error: /etc/slurm/slurm.conf: this machine has a SLURM of its own; use that" >&2
        exit 2
    fi
    if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge >/dev/null
    fi
    stop
    configure
    ln -sf "$folder/slurm.conf" "$folder/cgroup.conf" /etc/slurm/
    start_munge
    slurmctld -c
    for node in $nodes; do slurmd -N "$node"; done
    for _ in $(seq 60); do
        [ "$(sinfo --noheader --Node --format=%t 2>/dev/null | grep -c idle)" -eq 2 ] && break
        sleep 0.5
    done
    sinfo
}

case $action in
start) start ;;
stop) stop ;;
*)
    echo "usage: scripts/local_slurm.sh start|stop [FOLDER]" >&2
    exit 2
    ;;
esac
