# Bring files, directories, packages and units to their wished state. Every function may be run again at any time.

# A file is made complete beside its place, for root alone, and only then renamed; few processes, as there are many files.
put() { # path mode owner group   (content on stdin, base64)
  (set -o pipefail; base64 -d | install -D -m "$2" -o "$3" -g "$4" /dev/stdin "$1.cutover-new") &&
    sync "$1.cutover-new" && mv -f "$1.cutover-new" "$1"
}

owned() { # path mode owner group
  chown "$3:$4" "$1" && chmod "$2" "$1"
}

directory() { # path mode owner group
  mkdir -p "$1" && owned "$@"
}

account() { # name
  id -u "$1" >/dev/null 2>&1 || useradd --system --create-home --home-dir "/opt/$1" --shell /bin/bash "$1"
}

timezone() { # zone
  [ -f "/usr/share/zoneinfo/$1" ] || { echo "time zone $1 is not known on this host (package tzdata)" >&2; return 1; }
  ln -sfn "/usr/share/zoneinfo/$1" /etc/localtime.cutover-new && mv -Tf /etc/localtime.cutover-new /etc/localtime
  [ ! -f /etc/timezone ] || printf '%s\n' "$1" >/etc/timezone
}

install_packages() { # name...
  if command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    dpkg --configure -a >&2 &&
      apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update >&2 &&
      apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold \
        install --no-install-recommends "$@" >&2
  else
    dnf -q -y --setopt=retries=3 install "$@" >&2
  fi
}

# podman does not sync what it fetches: after a loss of power an image may look complete and be hollow. What is being
# fetched stands in a list until it is on the disk, and what is left in the list is fetched anew.
fetching=/var/lib/cutover/fetching

fetch_begin() { # image...
  local image
  if [ -f "$fetching" ]; then
    while read -r image; do podman rmi --force "$image" >/dev/null 2>&1 </dev/null; done <"$fetching"
  fi
  printf '%s\n' "$@" | base64 | put "$fetching" 0600 root root
}

fetch_end() {
  sync --file-system /var/lib/containers && rm -f "$fetching"
}

pull() { # name digest
  podman image exists "$1@$2" || podman pull -q "$1@$2" >/dev/null
}

volume() { # name
  local said
  said=$(podman volume create "$1" 2>&1) || podman volume inspect "$1" >/dev/null 2>&1 || { echo "$said" >&2; return 1; }
}

feed() { # container command...   (what it reads on stdin, base64)
  base64 -d | podman exec --interactive "$@" >&2
}
