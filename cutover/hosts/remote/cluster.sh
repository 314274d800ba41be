# A database node of an HA tenant, looked at and led back. PostgreSQL is the distribution's own cluster `main`, or the one
# that the old tool has installed.

node_place() {
  local found
  for found in /etc/postgresql/*/main; do
    [ -d "$found" ] || continue
    version=${found#/etc/postgresql/} version=${version%/main} repmgr=/etc/repmgr.conf
    data=$(node_told data_directory "/var/lib/postgresql/$version/main") bin=/usr/lib/postgresql/$version/bin
    config=$found/postgresql.conf unit=postgresql@$version-main
    return
  done
  for found in /usr/pgsql-*/bin; do
    [ -d "$found" ] || continue
    version=${found#/usr/pgsql-} version=${version%/bin} repmgr=/var/lib/pgsql/repmgr.conf
    data=$(node_told data_directory "/var/lib/pgsql/$version/data") bin=$found config=$data/postgresql.conf unit=postgresql-$version
    return
  done
  return 1
}

# What repmgr's settings say, else what is usual.
node_told() { # name usual
  local told
  told=$(sed -n "s/^$1 *= *'\{0,1\}\([^']*[^' ]\)'\{0,1\} *$/\1/p" "$repmgr" 2>/dev/null)
  printf '%s' "${told:-$2}"
}

node_before() { # major version
  [ "${version%%.*}" -lt "$1" ]
}

# A rewinding has begun here and not ended: these data are neither the old ones nor the new ones.
half_rewound=/var/lib/cutover/half-rewound

node_guarded() {
  command -v cutover-pair >/dev/null
}

node_as() { # command...
  (cd / && timeout "${node_limit:-10}" runuser -u postgres -- "$@")
}

node_sql() { # statement [database]
  node_as "$bin/psql" -XAtq -v ON_ERROR_STOP=1 -F $'\t' -d "${2:-postgres}" -c "$1"
}

node_addresses() { # address...
  local address shown
  shown=$(ip -4 -o address show)
  for address; do
    case "$shown" in *" inet $address/"*) printf 'holds\t%s\n' "$address" ;; esac
  done
}

node_idle() { # unit...
  local each
  for each; do
    systemctl cat "$each" >/dev/null 2>&1 || continue
    systemctl is-active --quiet "$each" || printf 'idle\t%s\n' "$each"
  done
}

# What the control file says also of a server that does not run.
node_control() {
  "$bin/pg_controldata" "$data" 2>/dev/null | awk -F': +' -v OFS='\t' '
    /^Database system identifier/ { print "system", $2 }
    /^Database cluster state/ { print "state", $2 }
    /^Latest checkpoint location/ { print "checkpoint", $2 }
    /TimeLineID:/ && /^Latest checkpoint/ && !/Prev/ { print "timeline", $2 }
    /^Minimum recovery ending location/ { print "recovered", $2 }
    /^Min recovery ending loc.s timeline/ { print "recovered_timeline", $2 }
    /^wal_log_hints setting/ && $2 == "on" { print "rewindable" }
    /^Data page checksum version/ && $2 != 0 { print "rewindable" }'
}

# The history that the newest timeline here descends from: each timeline and where it ended.
node_history() {
  local newest
  newest=$(ls "$data/pg_wal" 2>/dev/null | grep -E '^[0-9A-F]{8}\.history$' | sort | tail -n 1)
  [ -z "$newest" ] || awk -v OFS='\t' '$1 ~ /^[0-9]+$/ { print "fork", $1, $2 }' "$data/pg_wal/$newest"
}

node_server() {
  node_sql "
    select 'server', case when pg_is_in_recovery() then 'standby' else 'primary' end,
      case when pg_is_in_recovery()
        then coalesce((select received_tli from pg_stat_wal_receiver), 0)
        else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end,
      case when pg_is_in_recovery()
        then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) else pg_current_wal_lsn() end,
      coalesce((select sender_host from pg_stat_wal_receiver where status = 'streaming'), ''),
      coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp())::text, ''),
      exists (select from pg_stat_replication where state = 'streaming' and sync_state <> 'async'),
      case when pg_is_in_recovery() then pg_last_wal_replay_lsn() end"
}

# All that is to be known of a node, one fact a line.
node_look() { # address...
  node_addresses "$@"
  node_idle cutover-pair cutover-repmgrd repmgr11 omlpgsql-ha
  ! node_guarded || printf 'guard\t%s\n' "$(timeout 5 cutover-pair status 2>/dev/null | base64 -w 0)"
  node_place || { printf 'empty\n'; return; }
  [ "$unit" != "postgresql-$version" ] || printf 'old_tool\n'
  [ -s "$data/PG_VERSION" ] || { printf 'empty\n'; return; }
  printf 'version\t%s\n' "$version"
  printf 'free\t%s\n' "$(df -P -B1 "$data" | awk 'NR == 2 { print $4 }')"
  [ ! -e "$half_rewound" ] || printf 'half\n'
  if [ -e "$data/standby.signal" ] || [ -e "$data/recovery.conf" ]; then printf 'before\tstandby\n'; fi
  node_control
  node_history
  node_server 2>/dev/null || ! systemctl is-active --quiet "$unit" || printf 'silent\n'
}

# A host beside the database pair: what it holds, and what its Redis and its Sentinel say.
member_look() { # lan address...
  local lan=$1 answer
  shift
  node_addresses "$@"
  node_idle keepalived haproxy redis sentinel
  ! systemctl is-active --quiet omlcron || printf 'cron\tactive\n'
  command -v podman >/dev/null || return 0
  timeout 5 podman exec oml-redis-server redis-cli -h "$lan" info replication 2>/dev/null | tr -d '\r' |
    sed -n 's/^\(role\|master_link_status\):/redis\t\1\t/p'
  systemctl cat sentinel >/dev/null 2>&1 || return 0
  answer=$(timeout 5 podman exec oml-sentinel-server redis-cli -h "$lan" -p 26379 sentinel get-master-addr-by-name master 2>/dev/null)
  printf 'sentinel\tmaster\t%s\n' "${answer%%$'\n'*}"
  answer=$(timeout 5 podman exec oml-sentinel-server redis-cli -h "$lan" -p 26379 sentinel ckquorum master 2>/dev/null)
  printf 'sentinel\tquorum\t%s\n' "${answer%%$'\n'*}"
}

# --- the way back of a node; the peer serves meanwhile and is never touched but by SQL

guard_marks=/var/lib/cutover/pair

# The guard starts nothing here until it is told so: what is half rewound must not serve, whoever restarts the host.
# Without a guard PostgreSQL is off at boot, as the old tool has it.
node_fence() {
  node_guarded || { systemctl disable --quiet "$unit"; return; }
  mkdir -p "$guard_marks" &&
    printf '{"reason": "replaced", "at": %s}' "$(date +%s)" >"$guard_marks/fenced.json.new" &&
    sync "$guard_marks/fenced.json.new" && mv "$guard_marks/fenced.json.new" "$guard_marks/fenced.json"
}

node_stop() {
  systemctl stop "$unit" && ! node_runs
}

# Told by the processes: after a loss of power the file with the server's number may name any process.
node_runs() {
  local each
  for each in $(pgrep -u postgres); do
    [ "$(readlink "/proc/$each/cwd")" != "$data" ] || return 0
  done
  return 1
}

node_prepare() {
  node_fence && node_stop || return
  rm -f "$data/postmaster.pid"
  # Where the distribution keeps the settings elsewhere, recovery in single-user mode looks for them beside the data. A
  # link would not do: a file of another kind on one side ends the rewinding.
  if [ "$config" != "$data/postgresql.conf" ]; then
    rm -f "$data/postgresql.conf"
    printf "include '%s'\n" "$config" >"$data/postgresql.conf" && chown postgres: "$data/postgresql.conf"
  fi
}

# On the node that serves: right after its promotion its control file still tells of the old timeline, and the place
# where the other one's log is kept for it may be missing.
node_ready_to_feed() { # slot
  node_place && node_limit=300 node_sql checkpoint >/dev/null &&
    node_sql "select pg_create_physical_replication_slot('$1', true) where not exists (
      select from pg_replication_slots where slot_name = '$1')" >/dev/null
}

# What a copy of this node takes.
node_size() {
  node_place && node_sql "select sum(pg_database_size(oid))::bigint from pg_database"
}

# Committed transactions that a stopped node has beyond a position: what rewinding would discard.
node_beyond() { # position
  local newest
  node_place || return
  newest=$(ls "$data/pg_wal" | grep -E '^[0-9A-F]{24}$' | sort | tail -n 1)
  node_limit=60 node_as "$bin/pg_waldump" --path="$data/pg_wal" --rmgr=Transaction --start="$1" \
    --timeline="$((16#${newest:0:8}))" 2>/dev/null | awk '/desc: COMMIT/ { count++ } END { print count + 0 }'
}

# Its name is the one that repmgr looks for among those who stream. Until version 12 a file of its own makes a standby,
# and PostgreSQL does not start with these words among its settings.
node_as_standby() { # folder peer_address slot name
  local settings=$1/postgresql.auto.conf source
  printf -v source "primary_conninfo = '%s'\nprimary_slot_name = '%s'" \
    "host=$2 user=repmgr application_name=$(node_told node_name "$4") connect_timeout=2" "$3"
  rm -f "$1/recovery.signal" || return
  if node_before 12; then
    rm -f "$1/standby.signal" &&
      printf "standby_mode = 'on'\nrecovery_target_timeline = 'latest'\n%s\n" "$source" | node_write "$1/recovery.conf"
    return
  fi
  { grep -vE '^(primary_conninfo|primary_slot_name|recovery_target[a-z_]*) *=' "$settings"; printf '%s\n' "$source"; } |
    node_write "$settings" && rm -f "$1/recovery.conf" && node_write "$1/standby.signal" </dev/null
}

node_write() { # file   (content on stdin)
  cat >"$1.new" && chown postgres: "$1.new" && chmod 600 "$1.new" && mv "$1.new" "$1"
}

# Starts a standby. What it kept for others when it was primary, nobody fetches any more, and it would fill the disk.
node_start() {
  ! node_guarded || { cutover-pair unhold >/dev/null; cutover-pair unfence; } || return
  systemctl reset-failed "$unit" 2>/dev/null
  systemctl start "$unit" || return
  node_wait || return
  node_sql "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active" >/dev/null
  node_watch
}

node_wait() {
  local until=$((SECONDS + 300))
  until node_sql 'select 1' >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] && node_runs || return
    sleep 0.2
  done
}

# What watches does not run on a node that repmgr knows in another role.
node_watch() {
  local each
  node_place && node_register || return
  for each in cutover-pair cutover-repmgrd repmgr11 omlpgsql-ha; do
    ! systemctl cat "$each" >/dev/null 2>&1 || systemctl start "$each" || return
  done
}

node_register() {
  local until=$((SECONDS + 20))
  [ -e "$repmgr" ] || return 0
  if node_serving; then
    node_guarded || node_repmgr primary register --force
    return
  fi
  until [ "$(node_sql "select count(*) from pg_stat_wal_receiver where status = 'streaming'")" = 1 ]; do
    [ "$SECONDS" -lt "$until" ] || return 0
    sleep 0.2
  done
  node_repmgr standby register --force
}

node_repmgr() { # word...
  node_limit=90 node_as "$bin/repmgr" -f "$repmgr" "$@" >/dev/null
}

node_serving() {
  [ "$(node_sql 'select not pg_is_in_recovery()' 2>/dev/null)" = t ]
}

node_follow() { # peer_address slot name
  node_place && node_prepare && node_as_standby "$data" "$@" && node_start
}

node_rewind() { # peer_address slot name
  local options=(--progress)
  node_place && node_prepare && mkdir -p "${half_rewound%/*}" && : >"$half_rewound" && sync "$half_rewound" || return
  # all is written to disk below
  node_before 12 || options+=(--no-sync)
  # until 13 it wants a server that crashed to be led to its end before
  if node_before 13 && node_control | grep -x $'state\tin production' >/dev/null; then
    node_limit=3600 node_as "$bin/postgres" --single -D "$data" template1 </dev/null >/dev/null || return
  fi
  node_limit=86400 node_as "$bin/pg_rewind" "${options[@]}" --target-pgdata="$data" \
    --source-server="host=$1 user=repmgr dbname=repmgr connect_timeout=5" || return
  node_as_standby "$data" "$@" && node_sync && rm -f "$half_rewound" && node_start
}

# CentOS 7 knows no other way than to write all file systems to disk.
node_sync() {
  if sync --help | grep -e --file-system >/dev/null; then sync --file-system "$data"; else sync; fi
}

# The copy is made beside the old data, which stay until it is whole, unless there is no room for both.
node_clone() { # peer_address slot name bytes
  local free
  node_place || return
  if [ ! -e "$data" ] && [ -e "$data.old" ]; then mv "$data.old" "$data"; fi
  rm -rf "$data.new"
  mkdir -p "$data" && chown postgres: "$data" && chmod 700 "$data" && node_prepare || return
  free=$(df --output=avail --block-size=1 "$data" | tail -n 1)
  if mountpoint --quiet "$data" || [ "$free" -lt "$4" ]; then
    find "$data" -mindepth 1 -delete && node_copy "$data" "$@"
  else
    node_copy "$data.new" "$@" && rm -rf "$data.old" && mv "$data" "$data.old" && mv "$data.new" "$data"
  fi || return
  rm -f "$half_rewound"
  node_start && rm -rf "$data.old"
}

node_copy() { # folder peer_address slot name
  install -d -o postgres -g postgres -m 700 "$1" &&
    node_limit=604800 node_as "$bin/pg_basebackup" --pgdata="$1" --wal-method=stream --checkpoint=fast --slot="$3" \
      --dbname="host=$2 user=repmgr connect_timeout=5" && node_as_standby "$@"
}

# Ends a second primary, or a standby that is in the way; what was shut down here must not come back as it was.
node_put_down() {
  node_place && node_fence && node_stop
}

# A guard decides without the other voters from now on, until one of them is heard.
node_alone() {
  ! node_guarded || cutover-pair alone
}

node_give_up() { # address
  local where
  where=$(ip -4 -o address show | awk -v address="$1" 'index($4, address "/") == 1 { print $2, $4 }')
  while read -r link held; do [ -z "$held" ] || ip address delete "$held" dev "$link" || return; done <<<"$where"
}

node_promote() {
  node_place || return
  if node_guarded; then cutover-pair promote; else node_promote_by_repmgr; fi
  node_serving
}

# repmgr writes down who is primary now, by which the old tool's loop holds the addresses; restarted it looks at once.
node_promote_by_repmgr() {
  systemctl start "$unit" && node_wait || return
  node_serving || node_repmgr standby promote || return
  node_watch && systemctl try-restart omlpgsql-ha
}

# A primary that was fenced although nobody took its place.
node_open() { # peer_address
  node_place || return
  if node_guarded; then
    cutover-pair unhold >/dev/null
    cutover-pair unfence
  else
    ! node_serves "$1" || { echo 'the other node has become primary meanwhile' >&2; return 1; }
    systemctl start "$unit"
  fi
  local until=$((SECONDS + 60))
  until node_serving; do
    [ "$SECONDS" -lt "$until" ] || { node_guard_says; return 1; }
    sleep 0.2
  done
  node_guarded || node_watch
}

node_guard_says() {
  cutover-pair status 2>/dev/null | sed -n 's/.*"waits": "\([^"]*\)".*/\1/p' >&2
}

# --- a planned switchover

node_checkpoint() {
  node_place && node_limit=600 node_sql checkpoint >/dev/null
}

# The primary ends, which sends all that it wrote to its standby and cuts its clients off, so that they come again. Then
# its guard gives up the address, says where the log ends, and does not start it for a while. As soon as the peer has taken
# over this node follows it: with synchronous replication nothing is written before.
node_hand_over() { # seconds peer_address slot name
  local until
  node_place || return
  node_guarded || { echo 'there is no cutover-pair here, which would keep the old primary from coming back' >&2; return 1; }
  cutover-pair hold --hand-over --seconds "$1" >/dev/null && systemctl stop "$unit" || return
  until=$((SECONDS + 40))
  until node_serves "$2"; do
    if [ "$SECONDS" -ge "$until" ] || [ ! -e /run/cutover-pair/hold ]; then
      echo 'the other node has not taken over' >&2
      return 1
    fi
    sleep 0.1
  done
  # whether it follows is looked at afterwards, and another way is gone when it does not
  node_follow "${@:2}" || :
}

node_serves() { # address
  [ "$(node_as "$bin/psql" -XAtq "host=$1 user=repmgr dbname=repmgr connect_timeout=2" \
    -c 'select not pg_is_in_recovery()' 2>/dev/null)" = t ]
}

node_go_on() {
  cutover-pair unhold >/dev/null
}

# The standby takes over once its guard heard the end of the primary's log, and has it.
node_take_over() {
  node_place && cutover-pair promote --handed-over && node_serving
}

# --- the same without guards, in a cluster of the old tool; the controller passes on where the log ended

taking_over=/run/cutover/taking-over

# repmgrd would promote the standby as soon as the primary is away, whatever becomes of the switchover.
node_hold() {
  mkdir -p "${taking_over%/*}" && : >"$taking_over" || return
  ! systemctl cat repmgr11 >/dev/null 2>&1 || systemctl stop repmgr11
}

# Ends the primary in good order, which sends its whole log to its standby, and prints where that ended.
node_end() { # address
  node_place && node_fence && node_stop && node_give_up "$1" || return
  node_control | awk -F'\t' '
    $1 == "state" { ended = $2 == "shut down" }
    $1 == "checkpoint" { at = $2 }
    END { if (!ended) exit 1; print at }'
}

# Promotes the standby once it shows the end of the primary's log; not at all when it was called off.
node_succeed() { # position
  local until=$((SECONDS + 10))
  node_place || return
  until [ "$(node_sql "select pg_last_wal_replay_lsn() > '$1'")" = t ]; do
    [ "$SECONDS" -lt "$until" ] || { echo "it does not have all of the primary's log, which ends at $1" >&2; return 1; }
    sleep 0.1
  done
  exec 7>>"$taking_over.lock" && flock -w 30 7 || return
  [ -e "$taking_over" ] || { echo 'the takeover was called off' >&2; return 1; }
  node_promote
}

# From here on it is not promoted any more. Prints whether it was.
node_call_off() {
  exec 7>>"$taking_over.lock" && flock -w 150 7 && rm -f "$taking_over" || return
  node_place && node_sql "select case when pg_is_in_recovery() then 'standby' else 'primary' end"
}
