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
