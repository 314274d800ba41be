# What a program in an image says, asked in a container that is gone afterwards. It is named, so that one that a loss of
# power kept from beginning is replaced by the next. Podman loses what a container prints before it has attached to it,
# so the answer comes through a descriptor.
image_says() { # name image program argument...
  podman run --rm --replace --name="$1" --pull=never --network=none --preserve-fds=1 --security-opt=label=disable \
    --entrypoint=/bin/sh "$2" -c 'exec "$@" >&3' sh "${@:3}" 3>&1 >&2 </dev/null
}
