# A Slurm cluster of two nodes, n1 and n2, on loopback: all its files in one folder, with a munged of its own. Each daemon has a
# PID namespace, so that it dies together with all that it has started, as a machine does.

# Prints what keeps the cluster from starting; nothing when it can.
slurm_lacks() {
    local name
    for name in munged slurmctld slurmd sbatch; do
        PATH=$PATH:/usr/sbin command -v "$name" > /dev/null || echo "$name is not installed"
    done
    [ "$(id -u)" -eq 0 ] || echo 'PID namespaces need root'
    unshare --pid --fork --mount-proc true 2> /dev/null || echo 'there are no PID namespaces'
}

# start_slurm DIR: starts it, and waits until both nodes are idle. It ends with the calling process, however that ends.
# SLURM_CONF, exported, tells Slurm's commands where it is.
start_slurm() {
    local dir=$1 port=$((20000 + $$ % 4000 * 3))
    export SLURM_CONF=$dir/slurm.conf
    mkdir "$dir" "$dir/state"
    cat > "$SLURM_CONF" <<- END
		ClusterName=th
		SlurmctldHost=$(uname -n)(127.0.0.1)
		SlurmctldPort=$port
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		AuthType=auth/munge
		# A task that is queued again waits so many seconds: 120 by default, 5 at least.
		AuthInfo=socket=$dir/munge.socket,cred_expire=5
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SelectType=select/cons_tres
		StateSaveLocation=$dir/state
		SlurmdSpoolDir=$dir/spool-%n
		SlurmctldPidFile=$dir/slurmctld.pid
		SlurmdPidFile=$dir/slurmd-%n.pid
		SlurmctldLogFile=$dir/slurmctld.log
		SlurmdLogFile=$dir/slurmd-%n.log
		SlurmdTimeout=10
		# A node that was too busy to answer is used again.
		ReturnToService=2
		SlurmdParameters=config_overrides
		SchedulerParameters=batch_sched_delay=0,sched_interval=1
		NodeName=n1 NodeHostname=$(uname -n) NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2
		NodeName=n2 NodeHostname=$(uname -n) NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2
		PartitionName=all Nodes=n1,n2 Default=YES
	END
    head -c 1024 /dev/urandom > "$dir/munge.key"
    chmod 600 "$dir/munge.key"
    # --force: the folders above need not belong to root.
    start_daemon munged munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" \
        --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
    until_true test -S "$dir/munge.socket"
    start_daemon slurmctld slurmctld -D
    start_daemon n1 slurmd -D -N n1
    start_daemon n2 slurmd -D -N n2
    until_true both_idle
}

# start_daemon NAME COMMAND...: its first process, which the others die with, is in the file NAME.first.
start_daemon() {
    local dir=${SLURM_CONF%/*}
    # A shell waits for the processes whose parents have ended, as an init does.
    # shellcheck disable=SC2016 # that shell's own words
    PATH=$PATH:/usr/sbin setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount-proc \
        bash -c '"$@" & wait' bash "${@:2}" > "$dir/$1.said" 2>&1 3>&- &
    echo "$!" > "$dir/$1.first"
    disown # its end is no message
}

# kill_daemon NAME: with kill -9, and all that it has started.
kill_daemon() {
    kill -KILL "$(cat "${SLURM_CONF%/*}/$1.first")"
}

both_idle() {
    [ "$(sinfo -h -N -t idle -o %N)" = "$(printf 'n1\nn2')" ]
}

no_jobs() {
    [ -z "$(squeue -h)" ]
}

# Waits until no job is waiting or running.
wait_for_jobs() {
    until_true no_jobs || {
        squeue
        return 1
    }
}
