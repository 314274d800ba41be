# What a restore reads and leaves on a host beside its dead man's switch.

restore_journal=/var/lib/cutover/restore.json

say() { local IFS=$'\t'; printf '%s\n' "$*"; }

# Folders are exchanged whole. Redis' is that of its volume; both lie where a rename stays on one file system. A Redis
# that keeps a log of its own would pass over a dump put into its folder: it is left alone.
restore_look() { # custom(path or empty) volume(name or empty)
  local folder
  [ -z "$1" ] || restore_folder asterisk "$1"
  if [ -n "$2" ] && folder=$(podman volume inspect --format '{{.Mountpoint}}' "$2" 2>/dev/null); then
    [ -e "$folder/appendonly.aof" ] || [ -e "$folder/appendonlydir" ] || restore_folder redis "$folder"
  fi
  [ -s "$restore_journal" ] && say journal "$(base64 --wrap=0 "$restore_journal")"
  return 0
}

restore_folder() { # kind path
  local each
  say folder "$1" "$2" "$(du --summarize --bytes -- "$2" 2>/dev/null | cut -f 1)"
  for each in "$2".new-* "$2".old-*; do
    [ -e "$each" ] && say beside "$2" "${each#"$2".}" "$(du --summarize --bytes -- "$each" | cut -f 1)"
  done
}

# The fresh folder is made anew by each attempt; it takes over owner and mode of the one it will replace.
restore_fresh() { # folder stamp
  rm -rf "$1.new-$2" && mkdir -m 0700 "$1.new-$2" && restore_like "$1" "$1.new-$2"
}

restore_like() { # pattern path...
  local pattern=$1
  shift
  chown --reference="$pattern" "$@" && chmod --reference="$pattern" "$@" || return
  # a host with SELinux lets containers into what carries the right label only
  if command -v selinuxenabled >/dev/null && selinuxenabled; then chcon -R --reference="$pattern" "$@"; fi
}

# Modes and owners as they were saved; the stream names the folder itself `.`. Whoever owned it there is who owns the
# folder here: accounts have other numbers on other hosts.
restore_unpack() { # folder stamp   (tar on stdin)
  local new=$1.new-$2
  restore_fresh "$1" "$2" &&
    tar --extract --preserve-permissions --same-owner --numeric-owner --directory="$new" &&
    restore_owned "$new" -uid "$(stat -c %u "$new")" chown "$(stat -c %u "$1")" &&
    restore_owned "$new" -gid "$(stat -c %g "$new")" chgrp "$(stat -c %g "$1")" &&
    sync --file-system "$new"
}

restore_owned() { # folder test saved-number command number-here
  [ "$3" = "$5" ] || find "$1" "$2" "$3" -exec "$4" --no-dereference "$5" {} +
}

restore_redis() { # folder stamp   (RDB on stdin)
  local pattern=$1/dump.rdb
  [ -e "$pattern" ] || pattern=$1
  restore_fresh "$1" "$2" && cat >"$1.new-$2/dump.rdb" && chown --reference="$pattern" "$1.new-$2/dump.rdb" &&
    chmod 0600 "$1.new-$2/dump.rdb" && sync --file-system "$1.new-$2"
}

# What the old tool saved file by file; it kept neither owners nor modes, so they are as an installation makes them.
restore_files() { # folder stamp mode   (a configuration of curl in the file `wanted`)
  restore_fresh "$1" "$2" &&
    curl --silent --show-error --fail --create-dirs --retry 10 --retry-connrefused --fail-early --globoff \
      --max-time 600 --config wanted &&
    find "$1.new-$2" -type f -exec chmod "$3" {} + && find "$1.new-$2" -mindepth 1 -type d -exec chmod 0755 {} + &&
    chown -R --reference="$1" "$1.new-$2" && sync --file-system "$1.new-$2"
}

restore_remove() { # path...   (only what a restore has put beside a folder)
  local each
  for each in "$@"; do
    [[ $each =~ \.(new|old)-[0-9]{14}$ ]] && rm -rf "$each" || return 1
  done
}
