/**
 * How scripts run on the nodes of a job. Slurm ends all that a step has started when the step ends, but what a shell leaves running is
 * to stay, as on any machine. So one step goes on for as long as the job: the keeper of each node, which runs what it is handed. Any
 * further step only hands it a script, and passes on what goes in and comes out. Where a keeper was killed another one takes its
 * place. Scripts do not see the variables of the job: an MPI that is started there would take itself for a part of it.
 */
import { quoted } from '../nodeDaemon/shell.ts';

/** Where keeper and steps meet; nodes may share their file system. */
const MEET = 'd=/tmp/mesos-slurm-$SLURM_JOB_ID-$SLURMD_NODENAME';

/** Handed over in place of a script, it ends the keeper and all that it has started. */
export const END_KEEPER = 'end-keeper';

/** Whether the keeper runs. Between making its folder and telling its id there is a moment. */
const LIVES = `lives() {
  [ -s "$d/pid" ] || { [ -d "$d" ] && sleep 2; }
  kill -0 "$(cat "$d/pid" 2>/dev/null)" 2>/dev/null
}`;

// What is left of a script has no parent by which Slurm finds it everywhere; its variables tell it.
const KEEPER = `umask 077
${MEET}
${LIVES}
# One that was started again where another one runs.
! lives || exit 0
end() {
  for round in 1 2 3; do
    for f in $(grep -alsF "MESOS_LAB_KEEPER=$d" /proc/[0-9]*/environ); do
      p=\${f#/proc/}
      kill -KILL "\${p%/environ}"
    done
  done 2>/dev/null
  rm -rf "$d"
}
# What one that was killed has left.
[ ! -d "$d" ] || end
mkdir "$d" || exit 5
trap end EXIT
trap 'exit 0' TERM INT HUP
echo $$ >"$d/pid"
mkfifo "$d/orders"
exec 3<>"$d/orders"
for v in $(env | sed -nE 's/^((SLURM|PMI)[A-Z0-9_]*)=.*/\\1/p'); do unset "$v"; done
export MESOS_LAB_KEEPER="$d"
while read -r n <&3; do
  [ "$n" != end ] || exit 0
  { sh "$d/$n.sh" <"$d/$n.in" >"$d/$n.out" 2>"$d/$n.err" 3<&-; echo $? >"$d/$n.rc"; } &
done`;

/** Hands over the script that is the first argument. */
const HAND_OVER = `umask 077
${MEET}
i=0
until [ -p "$d/orders" ]; do
  i=$((i + 1))
  [ $i -le 600 ] || { echo 'the step that runs scripts on it does not start' >&2; exit 5; }
  sleep 0.1
done
[ -O "$d" ] || { echo "$d is not ours: remove it" >&2; exit 5; }
ended() {
  echo "the step that runs scripts on it was killed: 'lab up', as it was said before, starts it again" >&2
  exit 5
}
# Nobody would read what it is handed.
${LIVES}
lives || ended
if [ "$1" = '${END_KEEPER}' ]; then
  echo end >"$d/orders"
  while [ -d "$d" ]; do sleep 0.05; done
  exit 0
fi
n=$$
printf '%s\\n' "$1" >"$d/$n.sh"
mkfifo "$d/$n.in" "$d/$n.out" "$d/$n.err"
exec 4<&0
echo $n >"$d/orders"
cat <&4 >"$d/$n.in" &
in=$!
cat "$d/$n.out" &
out=$!
cat "$d/$n.err" >&2
wait $out
until [ -s "$d/$n.rc" ]; do
  lives || ended
  sleep 0.01
done
read -r rc <"$d/$n.rc"
kill $in 2>/dev/null
rm -f "$d/$n".*
exit $rc`;

/** What srun says beside what the script says: its exit code is known, and binding is not wanted. */
const CHATTER = '/^srun: .*(Exited with exit code|lacks support for cpu binding)/d';

/** Runs on the controller; the arguments are job, node and, last, the script. Says why a job is no more. */
const STEP = `exec 3>&1
code=$({ {
  srun --quiet --jobid="$1" --overlap --nodes=1 --ntasks=1 --nodelist="$2" --mem=0 --cpu-bind=none sh -c ${quoted(HAND_OVER)} sh "$3" 2>&1 >&3 3>&-
  echo $? >&4
} | sed -E ${quoted(CHATTER)} >&2; } 4>&1)
[ "$code" -ne 0 ] || exit 0
state() { scontrol --oneliner show job "$1" 2>/dev/null | sed -n 's/.* JobState=\\([A-Z_]*\\).*/\\1/p'; }
i=0
while now=$(state "$1") && [ "$now" = COMPLETING ] && [ $i -lt 50 ]; do
  i=$((i + 1))
  sleep 0.2
done
case $now in
  RUNNING) ;;
  TIMEOUT) echo "the allocation (job $1) is over: its time limit was reached; ask for more minutes" >&2 ;;
  CANCELLED) echo "the allocation (job $1) is over: it was cancelled" >&2 ;;
  *) echo "the allocation (job $1) is over" >&2 ;;
esac
exit "$code"`;

const KEEPER_FLAGS =
  '--ntasks-per-node=1 --overlap --mem=0 --cpu-bind=none --no-kill --kill-on-bad-exit=0 --wait=0';

/** What a job runs as long as it has time: a keeper on each of its nodes. */
export const KEEPERS = `#!/bin/sh
exec srun ${KEEPER_FLAGS} sh -c ${quoted(KEEPER)}
`;

/** The same as a command, in an allocation that is there: its arguments for \`srun\`. */
export function keepersIn(jobId: string, hosts: readonly string[]): readonly string[] {
  const where = [`--jobid=${jobId}`, `--nodes=${hosts.length}`, `--nodelist=${hosts.join(',')}`];
  return ['--quiet', ...where, ...KEEPER_FLAGS.split(' '), 'sh', '-c', KEEPER];
}

/**
 * A command that says on which nodes of an allocation no keeper runs, a line for each: its arguments for \`srun\`. Waits for so long, in
 * seconds, for those that are being started.
 */
export function keepersMissing(jobId: string, hosts: readonly string[], waitS: number): readonly string[] {
  const script = `${MEET}
${LIVES}
i=0
until lives; do
  i=$((i + 1))
  [ $i -le ${waitS * 10} ] || { echo "$SLURMD_NODENAME"; exit 0; }
  sleep 0.1
done`;
  const where = [`--jobid=${jobId}`, `--nodes=${hosts.length}`, `--nodelist=${hosts.join(',')}`];
  return ['--quiet', ...where, ...KEEPER_FLAGS.split(' '), 'sh', '-c', script];
}

/** A shell on a node of a job. */
export function shellOn(jobId: string, host: string): readonly [string, ...string[]] {
  return ['sh', '-c', STEP, 'sh', jobId, host];
}
