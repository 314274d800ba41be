# What a job says of its pipeline. Given the stages' names, `--` and "${PIPESTATUS[@]}", it writes down how each ended;
# its own status says whether all went well.
stages() { # name... -- status...
  local -a names=()
  while [ "$1" != -- ]; do
    names+=("$1")
    shift
  done
  shift
  local name failed=0
  for name in "${names[@]}"; do
    printf 'stage\t%s\t%s\n' "$name" "$1"
    [ "$1" = 0 ] || failed=1
    shift
  done >stages
  return "$failed"
}
