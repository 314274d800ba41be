# The dead man's switch of a run that changes a tenant, a restore or an upgrade. While its change is not confirmed, every
# host holds in a folder of its own what leads back to the old state: the file `plan` names
#   what       the run is, in a word
#   stamp      of the run
#   journal    the file that says, on one of the hosts, whether the change was confirmed
#   folders    that it exchanges: the former one stands beside as <folder>.old-<stamp>, the fresh as <folder>.new-<stamp>
#   files      1 when the host's former files are kept (`kept.sh`)
#   units      that stand still meanwhile, in the order in which they start
#   changed    units that may run with something new, in that order, and after each its container or -
#   others     units that somebody else starts, and may have started with something new; likewise
#   database   the command that runs SQL on the server, empty where it is another host's matter
#   back       the statement that swaps the databases back
#   sealed     the query by which the database says whether the change was confirmed, empty where the journal alone does
#   grace      seconds that this host waits longer than others
# A timer looks every few seconds whether the run still lives, by its lease; a unit does after a loss of power, before
# the writers start. What is put back once is not there to be put back again, so all of it may be repeated.

deadman=/var/lib/cutover/deadman
boot_unit=/etc/systemd/system/cutover-put-back.service

# While the token is there no other run gets the tenant's lease; so it comes when the switch works, and goes with the plan.
deadman_arm() { # every(seconds)   (plan, program and unit are there; the token is on stdin, base64)
  # a look that failed leaves its name taken
  systemctl stop cutover-deadman.timer 2>/dev/null
  systemctl reset-failed cutover-deadman.service cutover-deadman.timer 2>/dev/null
  systemctl --quiet enable cutover-put-back.service &&
    deadman_look_every "$1" &&
    put "$deadman/token" 0600 root root && sync --file-system "$deadman" &&
    . "$deadman/plan" && kept_begun "$stamp"
}

# The timer may look just when the switch goes: what it would run is gone then, which is no failure.
deadman_look_every() { # seconds
  systemd-run --quiet --unit=cutover-deadman --description="Cutover's dead man's switch" \
    --on-active="$1" --on-unit-inactive="$1" --timer-property=AccuracySec=1s \
    bash -c "bash $deadman/run watch || [ ! -e $deadman/run ]"
}

# On the disk before anything else is said of the change: a host that forgot it in a loss of power would go back alone.
deadman_disarm() {
  rm -f "$deadman/plan" "$deadman/token"
  [ ! -d "$deadman" ] || sync --file-system "$deadman"
  if [ -e "$boot_unit" ]; then
    systemctl --quiet disable cutover-put-back.service 2>/dev/null
    rm -f "$boot_unit" && systemctl daemon-reload
  fi
  rm -rf "$deadman" && sync "${deadman%/*}" 2>/dev/null
  systemctl stop cutover-deadman.timer 2>/dev/null
  return 0
}

# Two at the same time would undo each other's work: the timer, the unit at boot and a run's own way back take turns.
deadman_turn() {
  exec 8>>"$deadman/lock" && flock -w 300 8 && [ -f "$deadman/plan" ] && . "$deadman/plan"
}

# The lease of a run that does not live is taken away first, so that a run which only slept changes nothing any more.
deadman_takes_over() { # token
  lease_lock || return 1
  local token=- life=0 expiry=0 holder='' dead=1
  [ -s "$lease_file" ] && read -r token life expiry holder <"$lease_file"
  if [ "$token" != "$1" ]; then
    dead=0
  elif [ $((expiry + grace)) -le "$(date +%s)" ]; then
    rm -f "$lease_file" && dead=0
  fi
  exec 9>&-
  [ "$token" = "$1" ] || sleep "$grace"
  return $dead
}

deadman_watch() { # token
  deadman_turn || { [ -f "$deadman/plan" ] || deadman_disarm; return 0; }
  deadman_takes_over "$1" || return 0
  deadman_confirmed
  case $? in
    0) deadman_disarm; return 0 ;;
    2) return 0 ;;
  esac
  echo "the $what $stamp does not live any more: putting the old state back"
  # some may have been started already, on what is about to go
  [ "${#units[@]}" -eq 0 ] || systemctl stop "${units[@]}"
  deadman_put_back || { echo "not everything could be put back; it is tried again"; return 0; }
  [ "${#units[@]}" -eq 0 ] || systemctl start "${units[@]}"
  deadman_settle "${changed[@]}"
  deadman_settle_running "${others[@]}"
  deadman_disarm
  deadman_forget
  echo "the old state is back"
}

deadman_boot() { # every(seconds)
  deadman_turn || return 0
  deadman_confirmed
  case $? in
    0) deadman_disarm; return 0 ;;
    1)
      if deadman_put_back; then
        deadman_settle_running "${changed[@]}" "${others[@]}"
        deadman_disarm
        deadman_forget
        return 0
      fi ;;
  esac
  # the other units must not wait for ever
  deadman_look_every "$1"
}

# The journal of the host that the database work is done from decides whether there is a way back. Where several hosts do
# that work the database does, which is swapped back by the same word unless it was confirmed; while it does not answer
# nothing else is put back either. 0: confirmed, 1: not, 2: not to be learnt now.
deadman_confirmed() {
  local said
  grep --quiet "\"stamp\": \"$stamp\"" "$journal" 2>/dev/null && grep --quiet '"phase": "done"' "$journal" && return 0
  [ -n "$sealed" ] || return 1
  said=$(database_says "$back $sealed") || return 2
  [ "$said" = t ]
}

# Nobody goes back to what is back already.
deadman_forget() {
  [ "$files" != 1 ] || kept_drop "$stamp"
}

deadman_settle() { # unit container ...
  while [ "$#" -gt 0 ]; do
    kept_settle "$1" "$2"
    shift 2
  done
}

# At boot the rest waits for this to end, and then starts on what was put back.
deadman_settle_running() { # unit container ...
  while [ "$#" -gt 0 ]; do
    ! systemctl --quiet is-active "$1.service" || kept_settle "$1" "$2"
    shift 2
  done
}

deadman_put_back() {
  local folder failed=0
  for folder in "${folders[@]}"; do
    folder_back "$folder" "$stamp" || failed=1
  done
  [ "$files" != 1 ] || kept_put_back "$stamp" || failed=1
  [ "${#database[@]}" -eq 0 ] || database_back || failed=1
  return $failed
}

database_back() {
  database_says "$back" >/dev/null
}

database_says() { # statements
  local said end=$((SECONDS + 100))
  until said=$("${database[@]}" <<<"$1" 2>"$deadman/said"); do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "the databases could not be swapped back: $(tail -n 3 "$deadman/said")" >&2
      return 1
    fi
    sleep 2
  done
  printf '%s\n' "$said"
}

# A folder is exchanged by two renames; a death between them leaves its name free, which either function mends.
folder_swap() { # folder stamp
  if [ -e "$1.new-$2" ]; then
    if [ -e "$1" ] && [ ! -e "$1.old-$2" ]; then mv -T "$1" "$1.old-$2" || return 1; fi
    mv -T "$1.new-$2" "$1" && sync --file-system "$1"
  fi
}

folder_back() { # folder stamp
  [ -e "$1.old-$2" ] || return 0
  if [ -e "$1" ]; then
    rm -rf "$1.new-$2" && mv -T "$1" "$1.new-$2" || return 1
  fi
  mv -T "$1.old-$2" "$1" && sync --file-system "$1"
}
