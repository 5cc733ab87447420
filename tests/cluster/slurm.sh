#!/usr/bin/env bash
# A real Slurm on this machine for the tests: munged, slurmctld and one slurmd, without systemd, cgroups or a database.
#
#   slurm.sh start FOLDER [CPUS]   everything that it writes lies in FOLDER; prints nothing when all is well
#   slurm.sh stop FOLDER           ends the three daemons and what still runs on them
#
# Afterwards: export SLURM_CONF=FOLDER/slurm.conf PATH=FOLDER/bin:$PATH
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
folder=${2:?give a folder}

wait_for() { # what, for how many seconds, command
    local what=$1 seconds=$2
    shift 2
    for _ in $(seq $((seconds * 5))); do
        "$@" >/dev/null 2>&1 && return 0
        sleep .2
    done
    echo "slurm.sh: $what did not come up in $seconds s; see $folder/log" >&2
    return 1
}

start() {
    local cpus=${1:-$(env -u OMP_NUM_THREADS nproc)} memory user host
    memory=$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
    user=$(id -un) host=$(hostname -s)
    mkdir -p "$folder"/{bin,log,run,state,spool,etc}
    folder=$(cd "$folder" && pwd)
    chmod 700 "$folder"/{etc,state}
    chmod 755 "$folder" "$folder"/{log,run}
    (umask 077 && head -c 1024 /dev/urandom >"$folder/etc/munge.key")

    cat >"$folder/slurm.conf" <<EOF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=${LFPBOLD_SLURM_PORT:-26817}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$folder/run/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd-%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
# No cgroups: memory is looked at once a second, and a job above its request is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
KillWait=5
MinJobAge=86400
JobRequeue=0
ReturnToService=2
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((${LFPBOLD_SLURM_PORT:-26817} + 1)) CPUs=$cpus RealMemory=$memory
PartitionName=main Nodes=n1 Default=YES MaxTime=1-0 State=UP
EOF

    # The executor plugin drops SLURM_CONF before it calls srun. A job that the file `hang` names never gets to work,
    # as if its file system did not answer.
    cat >"$folder/bin/srun" <<EOF
#!/bin/sh
export SLURM_CONF=$folder/slurm.conf
if [ -s $folder/hang ]; then
    case "\$*" in *"\$(cat $folder/hang)"*) sleep 3600 ;; esac
fi
exec $(command -v srun) "\$@"
EOF
    # There is no accounting database: what the plugin asks sacct when slurmctld is away, squeue answers.
    cat >"$folder/bin/sacct" <<EOF
#!/bin/sh
case "\$*" in *[Aa]ccount*) exit 1 ;; esac
SLURM_CONF=$folder/slurm.conf exec $(command -v squeue) --states=all --noheader --format='%i|%T'
EOF
    chmod +x "$folder/bin/"*

    munged --force --key-file="$folder/etc/munge.key" --socket="$folder/run/munge.socket" \
        --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log" --seed-file="$folder/state/munged.seed"
    export SLURM_CONF=$folder/slurm.conf
    slurmctld
    wait_for slurmctld 20 scontrol ping
    slurmd -N n1
    wait_for slurmd 20 sh -c 'sinfo --noheader --format=%T | grep -qx idle'
}

stop() {
    folder=$(cd "$folder" && pwd)
    export SLURM_CONF=$folder/slurm.conf
    if [ -s "$folder/run/slurmctld.pid" ] && kill -0 "$(cat "$folder/run/slurmctld.pid")" 2>/dev/null; then
        timeout 10 scancel --user "$(id -un)" --quiet || true
        sleep 1
    fi
    local name pid
    for name in slurmd-n1 slurmctld munged; do
        [ -s "$folder/run/$name.pid" ] || continue
        pid=$(cat "$folder/run/$name.pid")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
    done
}

case ${1:-} in
start) start "${@:3}" ;;
stop) stop ;;
*) echo "usage: slurm.sh start|stop FOLDER [CPUS]" >&2; exit 2 ;;
esac
