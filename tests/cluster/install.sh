#!/usr/bin/env bash
# Sees to it that Slurm is on this machine: nothing where it is, Debian's packages where they can be installed, else one
# sentence and exit status 3.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
missing() { ! command -v slurmctld || ! command -v slurmd || ! command -v sbatch || ! command -v munged; }
if missing >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Slurm is not installed, and only root on Debian or Ubuntu can be helped here; install slurmctld, slurmd," \
            "its client commands and munge" >&2
        exit 3
    fi
    echo "Installing Slurm (slurm-wlm, slurmctld, slurmd, slurm-client, munge)"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        slurm-wlm slurmctld slurmd slurm-client munge; } >/dev/null || missing >/dev/null; then
        echo "Slurm could not be installed by apt-get; see its messages above" >&2
        exit 3
    fi
fi
