# What stands in files: one line a file.

contents() { # path...
  local path
  for path; do
    [ ! -f "$path" ] || printf 'content\t%s\t%s\n' "$path" "$(base64 <"$path" | tr -d '\n')"
  done
}
