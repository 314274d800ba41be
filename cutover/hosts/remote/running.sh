# What containers run: one line each, with the image's name and everything its registry calls it.

running() { # container...
  local name
  for name; do
    podman container exists "$name" || continue
    printf 'running\t%s\t%s\t%s\n' "$name" "$(podman inspect --format '{{.ImageName}}' "$name")" \
      "$(podman image inspect --format '{{range .RepoDigests}}{{.}} {{end}}' "$(podman inspect --format '{{.Image}}' "$name")")"
  done
}
