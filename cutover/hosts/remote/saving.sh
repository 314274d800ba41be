# What a host gives to a backup. Expects nothing; the streams go to standard output, remarks to standard error.

has() { # command...
  local each
  for each in "$@"; do usable "$each" && printf 'has\t%s\n' "$each"; done
}

# A Python may be there without all of its library (Debian's python3-minimal); its package brings the rest.
usable() { # command
  command -v "$1" >/dev/null || return
  [ "$1" != python3 ] || python3 -c 'import ctypes, http.client, ssl' 2>/dev/null
}

# One line only for what exists.
weigh() { # name path...
  local name=$1 each
  local -a found=()
  shift
  for each in "$@"; do [ -e "$each" ] && found+=("$each"); done
  [ "${#found[@]}" -eq 0 ] && return
  printf 'weight\t%s\t%s\n' "$name" "$(du --summarize --bytes --total -- "${found[@]}" 2>/dev/null | tail -n 1 | cut -f 1)"
}

# Tar ends with 1 when a file changed or went away while it was read; it says so on standard error, and that is kept.
pack() { # directory path...
  local from=$1 each
  local -a found=()
  shift
  for each in "$@"; do [ -e "$from/$each" ] && found+=("$each"); done
  LC_ALL=C tar --create --numeric-owner --directory="$from" -- "${found[@]}" || [ $? -eq 1 ]
}

# The server itself makes the file, in memory, at one moment; what redis-cli remarks goes to standard error.
redis_image() { # container address
  podman exec "$1" redis-cli -h "$2" --rdb - </dev/null
}
