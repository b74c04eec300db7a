# A Slurm cluster of two nodes, n1 and n2, on loopback: all its files in one folder, with a munged of its own.

# Skips the test where Slurm or munge is not installed.
need_slurm() {
    local name
    for name in munged slurmctld slurmd sbatch; do
        PATH=$PATH:/usr/sbin command -v "$name" > /dev/null || skip "$name is not installed"
    done
}

# start_slurm DIR: starts it, and waits until both nodes are idle. SLURM_CONF, exported, tells its commands where it is.
start_slurm() {
    local dir=$1 port=$((20000 + $$ % 10000 * 3))
    export SLURM_CONF=$dir/slurm.conf
    mkdir "$dir" "$dir/state"
    cat > "$SLURM_CONF" <<- END
		ClusterName=th
		SlurmctldHost=$(uname -n)(127.0.0.1)
		SlurmctldPort=$port
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		AuthType=auth/munge
		# A task that is queued again waits so many seconds, 120 by default.
		AuthInfo=socket=$dir/munge.socket,cred_expire=1
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SelectType=select/cons_tres
		StateSaveLocation=$dir/state
		SlurmdSpoolDir=$dir/spool-%n
		SlurmctldPidFile=$dir/slurmctld.pid
		SlurmdPidFile=$dir/slurmd-%n.pid
		SlurmctldLogFile=$dir/slurmctld.log
		SlurmdLogFile=$dir/slurmd-%n.log
		SlurmdTimeout=5
		SlurmdParameters=config_overrides
		SchedulerParameters=batch_sched_delay=0,sched_interval=1
		NodeName=n1 NodeHostname=$(uname -n) NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2
		NodeName=n2 NodeHostname=$(uname -n) NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2
		PartitionName=all Nodes=n1,n2 Default=YES
	END
    head -c 1024 /dev/urandom > "$dir/munge.key"
    chmod 600 "$dir/munge.key"
    # --force: the folders above need not belong to root.
    daemon munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
        --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
    daemon slurmctld
    start_node n1
    start_node n2
    until_true both_idle
}

daemon() {
    PATH=$PATH:/usr/sbin "$@" > "${SLURM_CONF%/*}/said" 2>&1 3>&-
}

# The daemon of a node, the processes that it starts, and those of its jobs have the node's name in their environment.
start_node() {
    SLURMD_NODENAME=$1 daemon slurmd -N "$1"
}

both_idle() {
    [ "$(sinfo -h -N -t idle -o %N)" = "$(printf 'n1\nn2')" ]
}

# kill_all VARIABLE=VALUE: kills the processes of the cluster with that in their environment. Bats itself has SLURM_CONF there, too.
kill_all() {
    local found pid pids=()
    {
        mapfile -t found < <(grep -lazxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ)
        mapfile -t found < <(grep -lazxF -- "$1" "${found[@]}")
        for pid in "${found[@]//[^0-9]/}"; do
            grep -qa bats "/proc/$pid/cmdline" || pids+=("$pid")
        done
        # Stopped first, so that none can report the death of another.
        kill -STOP "${pids[@]}" || true
        kill -KILL "${pids[@]}" || true
    } 2> /dev/null
}

kill_node() {
    kill_all "SLURMD_NODENAME=$1"
}

# Kills all that belongs to the cluster. munged has no environment.
stop_slurm() {
    [ -e "$SLURM_CONF" ] || return 0
    kill_all "SLURM_CONF=$SLURM_CONF"
    kill "$(cat "${SLURM_CONF%/*}/munged.pid")"
}

no_jobs() {
    [ -z "$(squeue -h)" ]
}

# Waits until no job is waiting or running, five minutes at most.
wait_for_jobs() {
    for _ in {1..30}; do
        ! until_true no_jobs || return 0
    done
    squeue
    return 1
}
