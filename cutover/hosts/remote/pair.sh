# PostgreSQL of a pair, from nothing to replicating. Every function looks first and may be run again at any time.
# Settings, access rules and /etc/repmgr.conf are there already; the latter says where PostgreSQL is.

pair_dir=/var/lib/cutover/pair
cloning=$pair_dir/cloning

pair_setting() { # name
  sed -n "s/^$1='\\(.*\\)'\$/\\1/p" /etc/repmgr.conf
}

pair_version() { local bin; bin=$(pair_setting pg_bindir); bin=${bin%/bin}; echo "${bin##*/}"; }
pair_data() { pair_setting data_directory; }
pair_unit() { echo "postgresql@$(pair_version)-main"; }
as_postgres() { (cd / && runuser -u postgres -- "$@"); }
repmgr() { as_postgres "$(pair_setting pg_bindir)/repmgr" -f /etc/repmgr.conf "$@" >&2; }

# What the data are: none, foreign (somebody else's), primary or standby; then whether PostgreSQL runs, and fenced.
pair_state() {
  local data kind=none running=stopped fenced=free
  data=$(pair_data)
  if [ ! -f "$data/PG_VERSION" ] || [ -f "$cloning" ]; then
    kind=none
  elif [ ! -f "$data/cutover-pair" ]; then
    pair_untouched "$data" || kind=foreign
  elif [ -f "$data/standby.signal" ]; then
    kind=standby
  else
    kind=primary
  fi
  [ "$kind" = none ] || ! systemctl --quiet is-active "$(pair_unit)" || running=running
  [ -f "$pair_dir/fenced.json" ] && fenced=fenced
  printf 'pair\t%s\t%s\t%s\n' "$kind" "$running" "$fenced"
}

# The cluster that the package makes has three databases and nothing of anybody.
pair_untouched() { # data
  local databases=("$1"/base/[0-9]*)
  [ "${#databases[@]}" -le 3 ] && [ ! -f "$1/standby.signal" ]
}

# An empty cluster in place of the one that the package made: of known locale, with checksums.
pair_cluster() { # start-at-boot (auto or manual)
  local version data
  version=$(pair_version) data=$(pair_data)
  ! pg_lsclusters -h "$version" main 2>/dev/null | grep -q . || pg_dropcluster --stop "$version" main >&2
  rm -rf "$data"
  pg_createcluster --datadir="$data" --locale=C.UTF-8 --encoding=UTF8 --start-conf="$1" "$version" main \
    -- --data-checksums --auth-local=peer --auth-host=scram-sha-256 >&2 || return
  # not into conf.d: where somebody has replaced createcluster.conf nothing includes it
  printf "include '/etc/cutover/postgresql/postgresql.conf'\n" >>"/etc/postgresql/$version/main/postgresql.conf"
}

# pg_rewind starts PostgreSQL alone with its data directory, and Debian keeps the settings elsewhere. A link would not
# do: it stops at one that is a file on the other side.
pair_included() {
  local version data
  version=$(pair_version) data=$(pair_data)
  printf "include '/etc/postgresql/%s/main/postgresql.conf'\n" "$version" >"$data/postgresql.conf"
  chown postgres:postgres "$data/postgresql.conf"
  chmod 0600 "$data/postgresql.conf"
}

pair_mark() {
  local data
  data=$(pair_data)
  install -o postgres -g postgres -m 0600 /dev/null "$data/cutover-pair" && sync "$data/cutover-pair"
}

pair_begin() { # start-at-boot
  pair_cluster "$1" && pair_included && pair_mark
}

# The unit asks the guard, which has no word in it while the pair is made.
pair_start() {
  mkdir -p /run/cutover-pair && touch /run/cutover-pair/cleared
  systemctl reset-failed "$(pair_unit)" 2>/dev/null || true
  systemctl start "$(pair_unit)" && pair_answers
}

pair_answers() {
  local end=$((SECONDS + 60))
  until as_postgres psql -XAtqc 'select 1' postgres >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "PostgreSQL does not answer" >&2; return 1; }
    sleep 0.2
  done
}

pair_sql() { # database   (statements on stdin, base64)
  base64 -d | as_postgres psql -X -q -v ON_ERROR_STOP=1 "$1" >&2
}

pair_clone() { # address of the primary
  local data
  data=$(pair_data)
  mkdir -p "$pair_dir" && touch "$cloning" && sync "$cloning"
  pair_cluster manual || return
  rm -rf "$data" && install -d -o postgres -g postgres -m 0700 "$data" || return
  repmgr -h "$1" -U repmgr -d repmgr standby clone --fast-checkpoint || return
  pair_included && sync --file-system "$data" && rm -f "$cloning"
}

# A standby is in repmgr's list when its primary has heard of it.
pair_streams() {
  local end=$((SECONDS + 60))
  until [ "$(as_postgres psql -XAtqc "select count(*) from pg_stat_wal_receiver where status = 'streaming'" postgres)" = 1 ]; do
    [ "$SECONDS" -lt "$end" ] || { echo "the standby receives nothing from its primary" >&2; return 1; }
    sleep 0.2
  done
}
