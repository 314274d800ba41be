# What a host ran before a change, kept whole in a folder of its own, by the change's stamp:
#   files/…    the former files, at their paths
#   absent     paths that did not exist
#   enabled    units among them that start at boot
#   about      what it is, for people and for a rollback (JSON)
#   pending    is there until the host watches the change: before that nothing was changed, and nobody goes back to it
# What is put back once may be put back again.

kept=/var/lib/cutover/kept

kept_keep() { # stamp path...   (about on stdin, base64)
  local half="$kept/$1.half" path stamp=$1
  [ ! -d "$kept/$1" ] || return 0
  kept_drop_pending
  rm -rf "$half" && mkdir -p -m 0700 "$kept" "$half" "$half/files" || return 1
  : >"$half/absent" && : >"$half/enabled" && : >"$half/pending" || return 1
  base64 -d >"$half/about" || return 1
  shift
  for path; do
    if [ -e "$path" ]; then
      mkdir -p "$half/files${path%/*}" && cp -a "$path" "$half/files$path" || return 1
      case "$path" in
        /etc/systemd/system/*.service)
          ! systemctl --quiet is-enabled "${path##*/}" 2>/dev/null || printf '%s\n' "${path##*/}" >>"$half/enabled" ;;
      esac
    else
      printf '%s\n' "$path" >>"$half/absent"
    fi
  done
  sync --file-system "$half" && mv -T "$half" "$kept/$stamp" && sync --file-system "$kept"
}

kept_begun() { # stamp
  rm -f "$kept/$1/pending"
}

kept_drop_pending() {
  local mark
  for mark in "$kept"/*/pending; do
    [ ! -e "$mark" ] || rm -rf "${mark%/pending}"
  done
}

kept_paths() { # stamp
  (cd "$kept/$1/files" && find . -type f -printf '/%P\n') && cat "$kept/$1/absent"
}

kept_put_back() { # stamp
  local path failed=0
  while read -r path; do
    cp -a "$kept/$1/files$path" "$path.cutover-new" && sync "$path.cutover-new" && mv -f "$path.cutover-new" "$path" ||
      failed=1
  done < <(cd "$kept/$1/files" && find . -type f -printf '/%P\n')
  while read -r path; do
    case "$path" in
      /etc/systemd/system/*.service) systemctl --quiet disable --now "${path##*/}" 2>/dev/null ;;
    esac
    rm -f "$path" || failed=1
  done <"$kept/$1/absent"
  systemctl daemon-reload || failed=1
  [ ! -s "$kept/$1/enabled" ] || systemctl --quiet enable $(cat "$kept/$1/enabled") || failed=1
  return $failed
}

kept_inputs() { # unit...
  local unit
  for unit; do
    ! written_unit "$unit" || printf 'inputs\t%s\t%s\n' "$unit" "$(inputs_of "$unit")"
  done
}

# A whole unit, or what was added to one of the distribution's.
written_unit() { # unit
  [ -e "/etc/systemd/system/$1.service" ] || [ -e "/etc/systemd/system/$1.service.d/cutover.conf" ]
}

# A unit without a container has it noted down at its start.
inputs_of() { # unit
  cat "/var/lib/cutover/started/$1" 2>/dev/null ||
    sed -n 's/.*--label=cutover\.inputs=\([0-9a-f]*\).*/\1/p' "/etc/systemd/system/$1.service"
}

# Units whose container was started with other inputs than its unit file names are restarted, and those that do not run.
kept_settle() { # unit container(or -)
  local wished running
  if [ "$2" != - ] && written_unit "$1" && systemctl --quiet is-active "$1.service"; then
    wished=$(inputs_of "$1")
    running=$(podman inspect --format '{{ index .Config.Labels "cutover.inputs" }}' "$2" 2>/dev/null)
    [ "$wished" != "$running" ] || return 0
  fi
  ! written_unit "$1" || systemctl restart "$1.service"
}

kept_list() {
  local folder
  for folder in "$kept"/*; do
    [ -f "$folder/about" ] && [ ! -e "$folder/pending" ] && case "$folder" in
      *.half) ;;
      *) printf 'kept\t%s\t%s\n' "${folder##*/}" "$(base64 <"$folder/about" | tr -d '\n')" ;;
    esac
  done
  return 0
}

kept_forget() { # number of the newest ones that stay
  local folder
  for folder in $(ls -1d "$kept"/*/ 2>/dev/null | sort -r | tail -n "+$(($1 + 1))"); do
    rm -rf "$folder"
  done
}

kept_drop() { # stamp...
  local stamp
  for stamp; do rm -rf "$kept/$stamp"; done
}
