# Read a host: one line a fact, fields separated by tabs. Expects the arrays files, units, packages and the name user.

say() { local IFS=$'\t'; printf '%s\n' "$*"; }
packed() { base64 | tr -d '\n'; }

facts() {
  say clock "$(date +%s.%N)"
  ( . /etc/os-release; say os "${ID:-}" "${VERSION_ID:-}" "${ID_LIKE:-}" )
  say controller "${SSH_CONNECTION%% *}"
  say memory "$(awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo)"
  local store=/var/lib
  [ -d /var/lib/containers ] && store=/var/lib/containers
  say disk "$(df -P -B1 "$store" | awk 'NR == 2 { print $4 }')"
  say timezone "$(readlink -f /etc/localtime)"
  id -u "$user" >/dev/null 2>&1 && say user "$user"
  ip -o addr show 2>/dev/null | awk '{ split($4, a, "/"); print "address\t" a[1] }'
  awk 'FNR > 1 && $4 == "0A" { n = split($2, a, ":"); print "listen\ttcp\t" a[n] }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
  awk 'FNR > 1 && $4 == "07" { n = split($2, a, ":"); print "listen\tudp\t" a[n] }' /proc/net/udp /proc/net/udp6 2>/dev/null
  if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${db:Status-Status}\t${Package}\n' "${packages[@]}" 2>/dev/null |
      awk -F'\t' '$1 == "installed" { print "package\t" $2 }'
  elif command -v rpm >/dev/null; then
    rpm -q --qf 'package\t%{NAME}\n' "${packages[@]}" 2>/dev/null | grep $'^package\t'
  fi
  stat -c $'path\t%n\t%a\t%U\t%G\t%F' -- "${files[@]}" 2>/dev/null
  sha256sum -- "${files[@]}" 2>/dev/null | sed -n $'s/^\\([0-9a-f]*\\)  \\(.*\\)$/digest\t\\2\t\\1/p'
  systemctl show -p Id,ActiveState,SubState,UnitFileState,ActiveEnterTimestampMonotonic -- "${units[@]}" 2>/dev/null |
    awk -F= '$1 == "Id" { id = $2 } NF > 1 { print "unit\t" id "\t" $1 "\t" $2 }' id=
  if command -v podman >/dev/null; then
    say containers "$(podman ps --all --format json 2>/dev/null | packed)"
    say images "$(podman images --digests --format json 2>/dev/null | packed)"
    sed $'s/^/hollow\t/' /var/lib/cutover/fetching 2>/dev/null
    podman volume ls -q 2>/dev/null | awk '{ print "volume\t" $1 }'
  fi
  local started
  for started in /var/lib/cutover/started/*; do
    [ -f "$started" ] && say started "${started##*/}" "$(cat "$started")"
  done
  [ -f /var/lib/cutover/record.json ] && say record "$(packed </var/lib/cutover/record.json)"
  return 0
}
