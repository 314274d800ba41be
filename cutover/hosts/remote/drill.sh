# A throw-away PostgreSQL beside the live one. One at a time on a host: its names and folders are fixed, so whoever comes
# next can remove what a run that died or a loss of power has left. Needs the library `lease`.

drill_unit=cutover-drill
drill_data=/var/lib/cutover/drill
drill_memory=/run/cutover/drill

# Settings of a server whose data nobody will miss, and that leaves the memory to the live one. Its log has no rows in it.
drill_settings=(fsync=off full_page_writes=off synchronous_commit=off wal_level=minimal max_wal_senders=0 autovacuum=off
  shared_buffers=64MB max_wal_size=1GB max_connections=20 listen_addresses=127.0.0.1 unix_socket_directories=/tmp
  log_min_error_statement=panic log_error_verbosity=terse)

drill_clear() {
  systemctl stop "$drill_unit" 2>/dev/null || true
  if podman container exists "$drill_unit" 2>/dev/null; then podman rm --force --volumes "$drill_unit" >/dev/null; fi
  rm -rf "$drill_data" "$drill_memory"
}

drill_free() {
  mkdir -p -m 0700 /var/lib/cutover &&
    printf 'free\t%s\n' "$(df --output=avail --block-size=1 /var/lib/cutover | tail -n 1 | tr -d ' ')"
}

drill_major() { # image
  printf 'major\t%s\n' "$(image_says "$drill_unit-version" "$1" postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')"
}

# The password goes in by standard input, so that `podman inspect` does not know it.
drill_container() { # image port user
  # shellcheck disable=SC2016  # expanded in the container
  exec podman run --rm --interactive --replace --name="$drill_unit" --network=host --user=postgres --pull=never \
    --entrypoint=sh --volume="$drill_data/server:/drill" --security-opt=label=disable --log-driver=none --shm-size=512m \
    --cpu-shares=128 --oom-score-adj=800 --stop-signal=SIGQUIT --stop-timeout=5 "$1" -c '
      umask 077; cat >/dev/shm/password; port=$1 user=$2; shift 2
      initdb --pgdata=/drill/data --username="$user" --pwfile=/dev/shm/password --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C --nosync >/dev/null && rm /dev/shm/password || exit
      for each; do shift; set -- "$@" -c "$each"; done
      exec postgres -D /drill/data -p "$port" "$@"' drill "$2" "$3" "${drill_settings[@]}"
}

# The server ends by itself once its run is gone: another run has the lease, or nobody has renewed it for ten minutes.
drill_wanted() { # token
  local token life expiry holder
  read -r token life expiry holder <"$lease_file" 2>/dev/null && [ "$token" = "$1" ] && [ $((expiry + 600)) -gt "$(date +%s)" ]
}

drill_run() { # image port user
  local token rest server
  read -r token rest <"$lease_file"
  drill_container "$@" <"$drill_memory/password" &
  server=$!
  while sleep 5 && kill -0 "$server" 2>/dev/null && drill_wanted "$token"; do :; done
  podman rm --force --volumes "$drill_unit" >/dev/null 2>&1
  rm -rf "$drill_data" "$drill_memory"
}

# Prints the port. The unit's functions lie in memory, where a script of root's may be kept.
drill_start() { # image user   (password on stdin)
  local port
  drill_clear
  mkdir -p -m 0700 "$drill_memory" "$drill_data" && mkdir -m 0777 "$drill_data/server" && chmod 0777 "$drill_data/server" &&
    (umask 077 && base64 -d >"$drill_memory/password") || return
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') || return
  { declare -p lease_file drill_unit drill_data drill_memory drill_settings
    declare -f drill_container drill_wanted drill_run
    printf 'drill_run %q %q %q\n' "$1" "$port" "$2"; } >"$drill_memory/run"
  systemd-run --quiet --collect --unit="$drill_unit" --description="Throw-away PostgreSQL of a drill" \
    --property=Nice=10 --property=IOSchedulingClass=best-effort --property=IOSchedulingPriority=7 \
    bash "$drill_memory/run" || return
  drill_await "$port" && printf 'port\t%s\n' "$port"
}

drill_await() { # port
  local tries
  for ((tries = 0; tries < 240; tries++)); do
    podman exec "$drill_unit" pg_isready --quiet --host=127.0.0.1 --port="$1" 2>/dev/null && return
    systemctl --quiet is-active "$drill_unit" || break
    sleep 0.5
  done
  journalctl --unit="$drill_unit" --lines=20 --output=cat --no-pager >&2
  drill_clear
  return 1
}
