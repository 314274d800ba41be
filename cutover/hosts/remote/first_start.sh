# A PostgreSQL whose very first start was cut off, before it held anything.

# Making a cluster writes global/pg_control, and waits for the disk, before it writes any table, and ends with the
# databases template0 and postgres beside template1. Only then does a server begin to serve, so what lacks one of them has
# held nothing; databases that people make have numbers from 16384. What is set aside is kept all the same.
half_made_set_aside() { # volume unit
  local data aside database
  data=$(podman volume inspect --format '{{ .Mountpoint }}' "$1" 2>/dev/null) || return 0
  [ -n "$(ls -A "$data")" ] || return 0
  local -a databases=("$data"/base/[0-9]*)
  if [ -s "$data/global/pg_control" ] && [ "${#databases[@]}" -ge 3 ]; then return 0; fi
  for database in "${databases[@]##*/}"; do
    [ "$database" = '[0-9]*' ] || [ "$database" -lt 16384 ] || return 0
  done
  aside="${data%/*}/half-made-$(date +%Y%m%d%H%M%S)"
  systemctl stop "$2.service" 2>/dev/null
  mv -T "$data" "$aside" && mkdir -m 0755 "$data" && sync --file-system "$data" && printf '%s\n' "$aside"
}
