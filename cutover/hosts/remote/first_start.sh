# A PostgreSQL whose very first start was cut off.

# A folder that holds no database but PostgreSQL's own holds nothing of anybody: databases that are made later have numbers
# from 16384, each with a folder of its own. What is set aside is kept all the same.
set_empty_aside() { # volume unit
  local data aside database
  data=$(podman volume inspect --format '{{ .Mountpoint }}' "$1" 2>/dev/null) && [ -n "$(ls -A "$data")" ] || return 0
  for database in $(find "$data/base" -mindepth 1 -maxdepth 1 -name '[0-9]*' -printf '%f\n' 2>/dev/null); do
    [ "$database" -lt 16384 ] || return 0
  done
  [ -z "$(ls -A "$data/pg_tblspc" 2>/dev/null)" ] || return 0
  aside="${data%/*}/first-start-$(date +%Y%m%d%H%M%S)"
  systemctl stop "$2.service" 2>/dev/null || true
  mv -T "$data" "$aside" && mkdir -m 0755 "$data" && sync --file-system "$data" && printf '%s\n' "$aside"
}
