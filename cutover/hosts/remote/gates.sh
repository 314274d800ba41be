# Functional probes. Each answers with its exit status and says on stdout what it saw.

tcp() { # address port
  timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1
}

tls() { # address port
  timeout 5 openssl s_client -connect "$1:$2" </dev/null 2>&1 | grep -q -- '-----BEGIN CERTIFICATE-----' ||
    { echo "no TLS handshake on $1:$2"; return 1; }
}

http() { # method url status...
  local method=$1 url=$2 status
  shift 2
  local -a head=()
  [ "$method" = HEAD ] && head=(--head)
  status=$(curl --silent --insecure --max-time 10 --noproxy '*' "${head[@]}" --output /dev/null --write-out '%{http_code}' "$url")
  case " $* " in *" $status "*) return 0 ;; esac
  echo "$method $url answered $status, expected $*"
  return 1
}

# dd gathers the payload into one write: a shell's own printf would send every line as a datagram of its own.
udp() { # address port payload(base64) expected(text)
  local answer
  answer=$(exec 3<>"/dev/udp/$1/$2" && base64 -d <<<"$3" | dd obs=64k status=none >&3 &&
    timeout 2 dd bs=64k count=1 status=none <&3 2>/dev/null | tr -d '\0')
  case "$answer" in *"$4"*) return 0 ;; esac
  echo "udp $1:$2 answered '${answer:0:80}', expected '$4'"
  return 1
}

here() { # expected command...
  local expected=$1 out
  shift
  out=$(timeout 20 "$@" 2>&1 </dev/null) || { tail -n 3 <<<"${out:-$1 failed}"; return 1; }
  case "$out" in *"$expected"*) return 0 ;; esac
  echo "expected '$expected', got: ${out:0:300}"
  return 1
}

inside() { # expected container command...
  local expected=$1
  shift
  here "$expected" podman exec "$@"
}

# With unit and seconds, a unit that was started less than so long ago is asked again: after a loss of power it is active
# long before it answers, and one that needs another unit ends and begins until that one is there.
verdict() { # component check-function [unit seconds]
  local seen end=$((SECONDS + ${4:-0}))
  until seen=$("$2"); do
    if [ "$SECONDS" -ge "$end" ] || ! young "$3" "$4"; then
      printf 'sick\t%s\t%s\n' "$1" "$(tr '\n\t' '  ' <<<"$seen")"
      return
    fi
    sleep 0.5
  done
  printf 'healthy\t%s\n' "$1"
}

young() { # unit seconds
  local now
  now=$(awk '{ printf "%d", $1 * 1000000 }' /proc/uptime)
  case "$(systemctl is-active "$1")" in
    activating | deactivating) ;;
    active) [ $((now - $(systemctl show -p ActiveEnterTimestampMonotonic --value "$1"))) -lt $(($2 * 1000000)) ] ;;
    *) false ;;
  esac
}

# Ask until all probes of a gate answer, the unit gives up or ends again and again, or the deadline (seconds) passes.
# What takes long is asked less often: on a small host the asking would take from what is starting.
gate() { # unit deadline check-function
  local began=$SECONDS seen state restarts before
  # a unit that was ending again and again before this start keeps its count
  unit_now "$1"
  before=${restarts:-0}
  while :; do
    seen=$("$3") && return 0
    unit_now "$1"
    if [ "$state" = failed ]; then
      printf '%s\n' "unit $1 failed; last probe: $seen"
      return 1
    fi
    restarts=$((${restarts:-0} - before))
    if [ "$restarts" -ge 3 ]; then
      printf '%s\n' "unit $1 ended $restarts times by itself; last probe: $seen"
      return 1
    fi
    if [ "$((SECONDS - began))" -ge "$2" ]; then
      printf '%s\n' "not healthy after $2 s: $seen"
      return 1
    fi
    if [ "$((SECONDS - began))" -lt 5 ]; then sleep 0.2; else sleep 1; fi
  done
}

unit_now() { # unit; sets state and restarts
  local key value
  while IFS== read -r key value; do
    case "$key" in
      ActiveState) state=$value ;;
      NRestarts) restarts=$value ;;
    esac
  done < <(systemctl show -p ActiveState -p NRestarts "$1")
}
