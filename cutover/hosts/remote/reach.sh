# Try a TCP connection. Refused counts as reached: somebody answered for that address.

reach() { # address port
  local said
  said=$(LC_ALL=C timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
  case "$?:$said" in
    0:*) ;;
    124:*) printf 'blocked\t%s\t%s\tno answer within 4 s\n' "$1" "$2" ;;
    *"Connection refused"*) ;;
    *) printf 'blocked\t%s\t%s\t%s\n' "$1" "$2" "$(tail -n 1 <<<"${said##*: }")" ;;
  esac
}

# Does somebody answer for an address in the host's own network? Asked by ARP, which no firewall keeps quiet.
claimed() { # address
  local mac
  ip -4 route get "$1" 2>/dev/null | grep -q ' via ' && return
  ip -4 neighbour flush to "$1" 2>/dev/null
  for _ in 1 2 3; do
    (printf . >"/dev/udp/$1/9") 2>/dev/null
    sleep 0.4
  done
  mac=$(ip -4 neighbour show to "$1" | sed -n 's/.* lladdr \([^ ]*\).*/\1/p')
  [ -z "$mac" ] || printf 'claimed\t%s\t%s\n' "$1" "$mac"
}
