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
