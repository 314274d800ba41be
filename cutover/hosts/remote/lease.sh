# The tenant's lease on this host. One line: token, seconds of life, expiry (this host's clock), who holds it.
# It lies in memory: a host that lost its power runs nobody's script any more, so its lease may be taken at once.

lease_file=/run/cutover/lease

# Whose run has a dead man's switch armed here; until it is gone nobody else may have the tenant, but who mends what the
# switch itself waits for: a database that somebody can write.
switch_token=/var/lib/cutover/deadman/token

lease_lock() {
  mkdir -p -m 0700 "${lease_file%/*}"
  exec 9>>"$lease_file.lock"
  flock -w 10 9
}

lease_write() { # token life holder
  printf '%s %s %s %s\n' "$1" "$2" "$(($(date +%s) + $2))" "$3" >"$lease_file.new" &&
    mv -f "$lease_file.new" "$lease_file" && printf 'lease\tours\n' || printf 'lease\tunknown\n'
}

# A lease whose expiry lies further ahead than its whole life was written under another clock: it counts as expired.
lease_take() { # token life holder [mends]
  lease_lock || { printf 'lease\tunknown\n'; return 1; }
  local token=- life=0 expiry=0 holder='' now
  now=$(date +%s)
  [ -s "$lease_file" ] && read -r token life expiry holder <"$lease_file"
  if [ "$token" != "$1" ] && [ "$expiry" -gt "$now" ] && [ "$expiry" -le $((now + life + 1)) ]; then
    printf 'lease\theld\t%s\t%s\n' "$((expiry - now))" "$holder"
  elif [ -z "$4" ] && [ -s "$switch_token" ] && [ "$(cat "$switch_token")" != "$1" ]; then
    printf 'lease\theld\t%s\t%s\n' 30 "a run that died; its host puts the old state back by itself (journalctl --unit cutover-deadman)"
  else
    lease_write "$1" "$2" "$3"
  fi
  exec 9>&-
}

# Only what is still ours is renewed: in between, another run may have come, done its work and gone.
lease_renew() { # token life holder
  lease_lock || { printf 'lease\tunknown\n'; return 1; }
  if lease_mine "$1"; then lease_write "$@"; else printf 'lease\tlost\n'; fi
  exec 9>&-
}

lease_mine() { # token
  local token life expiry holder
  read -r token life expiry holder <"$lease_file" 2>/dev/null && [ "$token" = "$1" ]
}

lease_release() { # token
  lease_lock || return 1
  lease_mine "$1" && rm -f "$lease_file"
  exec 9>&-
}
