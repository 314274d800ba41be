# One host of a pair hands over to the other. What decides who serves is asked, and told, on the hosts themselves.

within() { # seconds command...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.3
  done
}

holds_address() { # address
  ip -4 -oneline address show | grep --quiet --fixed-strings " inet $1/"
}

waits_for_turn() {
  [ "$(cat /run/cutover-keepalived 2>/dev/null)" = BACKUP ]
}

redis_says() { # container address
  timeout 5 podman exec "$1" redis-cli -h "$2" info replication </dev/null 2>/dev/null | tr -d '\r'
}

redis_is_master() { # container address
  redis_says "$@" | grep --quiet --line-regexp role:master
}

redis_follows() { # container address
  redis_says "$@" | grep --quiet --line-regexp master_link_status:up
}

# Refused while another failover is under way, and as long as this Sentinel has not seen the replica again.
redis_fails_over() { # container address
  timeout 5 podman exec "$1" redis-cli -h "$2" -p 26379 sentinel failover master </dev/null 2>/dev/null | grep --quiet OK
}

# The page is one that only the node itself can have made: HAProxy names another node's in a cookie of its own.
balancer_leads_to() { # url cookie name
  local answer
  answer=$(curl --silent --insecure --max-time 5 --noproxy '*' --output /dev/null --dump-header - \
    --cookie "$2=$3" "$1" </dev/null) || return 1
  [[ $answer =~ ^HTTP/[0-9.]+\ [23] ]] && ! grep --quiet --ignore-case "^set-cookie: $2=" <<<"$answer"
}

# Who is new is refused at once, so that a balancer asks the other node, and what it has begun here can end meanwhile.
# The host itself still answers itself. The kernel opens the door again, should nobody come to do it.
door_closes() { # port seconds
  command -v nft >/dev/null || return 0
  nft -f - <<EOF
table inet cutover_door
delete table inet cutover_door
table inet cutover_door {
  set closed {
    type inet_service
    flags timeout
    elements = { $1 timeout ${2}s }
  }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname != "lo" ct state new tcp dport @closed reject with tcp reset
  }
}
EOF
}

door_opens() {
  ! nft list table inet cutover_door >/dev/null 2>&1 || nft delete table inet cutover_door
}
