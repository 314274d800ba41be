# Jobs: work on this host that needs no SSH connection to go on. Each is a transient unit with a folder in memory, which
# holds what it was started with (`run`, `mark`, its files) and what it leaves (`status`, `stages`, `progress`, `result`,
# `log`). The mark is the token of the lease it was started under, and a digest of the job.

jobs=/run/cutover/jobs
job_units=/run/systemd/system

job_lock() {
  umask 077
  mkdir -p -m 0700 "${jobs%/*}" "$jobs" && exec 8>>"$jobs/.lock" && flock -w 30 8
}

job_mine() { # name mark
  [ "$(cat "$jobs/$1/mark" 2>/dev/null)" = "$2" ]
}

# Fails when the very same job was started before: it is then only to be followed.
job_begin() { # name mark
  job_lock || exit
  if job_mine "$@" && [ -e "$jobs/$1/started" ]; then return 1; fi
  job_remove "$1"
  mkdir -m 0700 "$jobs/$1" && printf '%s' "$2" >"$jobs/$1/mark" || exit
}

job_file() { # name file   (content on stdin, base64)
  base64 -d >"$jobs/$1/$2" || exit
}

# The unit's last act, whatever ended it: no container outlives its job.
job_ended() { # name
  umask 077
  cd "$jobs/$1" || return 0
  [ ! -s container ] || { podman kill "cutover-job-$1"; podman rm --force "cutover-job-$1"; } >/dev/null 2>&1
  [ -n "$EXIT_CODE" ] || job_asked "cutover-job-$1"
  case "$EXIT_CODE" in exited) ;; *) EXIT_STATUS=$((128 + $(kill -l "${EXIT_STATUS:-KILL}"))) ;; esac
  printf '%s' "$EXIT_STATUS" >status.new && mv status.new status
}

# How a unit's process ended, where systemd (before 232) does not tell its last act.
job_asked() { # unit
  local said
  said=$(systemctl show --property=ExecMainCode "$1")
  EXIT_STATUS=$(systemctl show --property=ExecMainStatus "$1")
  EXIT_STATUS=${EXIT_STATUS#*=}
  if [ "$said" = ExecMainCode=1 ]; then EXIT_CODE=exited; else EXIT_STATUS=$(kill -l "$EXIT_STATUS"); fi
}

# A telephone call comes before a backup: the unit has a small share of processors and disks where others want them.
job_start() { # name
  { declare -p jobs; declare -f job_ended job_asked; printf 'job_ended %q\n' "$1"; } >"$jobs/$1/ended"
  if systemd-run --help | grep -e --collect >/dev/null; then
    systemd-run --quiet --collect --unit="cutover-job-$1" --description="Cutover: $1" \
      --property=CPUWeight=20 --property=IOWeight=20 --property=TimeoutStopSec=3 --property=IgnoreSIGPIPE=no \
      --property="ExecStopPost=/bin/bash $jobs/$1/ended" /bin/bash "$jobs/$1/run"
  else
    job_start_by_file "$1"
  fi || { job_remove "$1"; exit 1; }
  : >"$jobs/$1/started"
}

# systemd before 236 (CentOS 7) has no transient unit of this kind.
job_start_by_file() { # name
  cat >"$job_units/cutover-job-$1.service" <<EOF
[Unit]
Description=Cutover: $1

[Service]
CPUShares=205
BlockIOWeight=100
TimeoutStopSec=3
IgnoreSIGPIPE=no
ExecStart=/bin/bash $jobs/$1/run
ExecStopPost=/bin/bash $jobs/$1/ended
EOF
  systemctl daemon-reload && systemctl start "cutover-job-$1"
}

# Returns when the job has ended, or after so many fiftieths of a second; a pipe that nothing comes from is the clock.
job_await() { # name fiftieths
  local clock left
  exec {clock}<> <(:)
  for ((left = $2; left > 0; left--)); do
    [ -d "$jobs/$1" ] && [ ! -e "$jobs/$1/status" ] || break
    read -r -t 0.02 -u "$clock"
  done
}

job_look() { # name mark
  local state
  job_mine "$@" || { printf 'job\tgone\n'; return; }
  # Looked at first: between the two looks a unit may end, and write how.
  state=$(systemctl is-active "cutover-job-$1")
  cd "$jobs/$1" || return
  if [ -e status ]; then
    printf 'job\tended\t%s\n' "$(cat status)"
    [ ! -e result ] || printf 'result\t%s\n' "$(base64 -w 0 result)"
    [ ! -s log ] || printf 'log\t%s\n' "$(tail -c 8000 log | base64 -w 0)"
  elif [ "$state" = active ] || [ "$state" = activating ] || [ "$state" = deactivating ]; then
    printf 'job\trunning\n'
  else
    printf 'job\tgone\n'
  fi
  [ ! -e progress ] || printf 'progress\t%s\n' "$(cat progress)"
  [ ! -e stages ] || cat stages
}

job_remove() { # name
  systemctl stop "cutover-job-$1.service" 2>/dev/null
  if [ -e "$job_units/cutover-job-$1.service" ]; then
    rm -f "$job_units/cutover-job-$1.service"
    systemctl daemon-reload
    systemctl reset-failed "cutover-job-$1.service" 2>/dev/null
  fi
  rm -rf "${jobs:?}/$1"
}

job_dismiss() { # name mark
  job_lock || return
  ! job_mine "$@" || job_remove "$1"
}

# Ends what other operations have left here, and the containers that a loss of power has.
job_clear() { # token
  local folder token rest container
  job_lock || return
  for folder in "$jobs"/*/; do
    [ -d "$folder" ] || continue
    token='' && read -r token rest <"$folder/mark"
    [ "$token" = "$1" ] || job_remove "$(basename "$folder")"
  done
  command -v podman >/dev/null || return 0
  for container in $(podman ps --all --filter 'name=^cutover-job-' --format '{{.Names}}'); do
    [ -d "$jobs/${container#cutover-job-}" ] || podman rm --force "$container" >/dev/null
  done
}
