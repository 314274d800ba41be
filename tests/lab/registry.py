"""The image registry of the lab: Debian's docker-registry on the machine's address in the lab."""

from __future__ import annotations

import httpx

from tests.lab import chroot
from tests.lab.daemon import Daemon
from tests.lab.settings import Settings

CONFIGURATION = """version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {data}}}, delete: {{enabled: true}}}}
http: {{addr: "{address}"}}
"""


MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


class Registry:
    """Start, stop and ask the registry. Its images stay in the cache and are there at the next start."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://{settings.registry}/v2/"
        self.daemon = Daemon(settings, "registry")

    @property
    def running(self) -> bool:
        """True while the registry's process is there."""
        return self.daemon.pid is not None

    def start(self) -> None:
        """Start it and wait until it answers; does nothing when it runs."""
        data = self.settings.cache / "registry"
        data.mkdir(parents=True, exist_ok=True)
        configuration = self.daemon.log.with_suffix(".yml")
        configuration.parent.mkdir(parents=True, exist_ok=True)
        configuration.write_text(CONFIGURATION.format(data=data, address=self.settings.registry))
        program = chroot.ensure(self.settings, "registry")[-1] / "usr/bin/docker-registry"
        self.daemon.start([str(program), "serve", str(configuration)], self.answers)

    def stop(self) -> None:
        """End it, as if it had failed."""
        self.daemon.stop()

    def answers(self) -> bool:
        """True if the registry answers now."""
        try:
            return httpx.get(self.url, timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def digest(self, name: str, tag: str) -> str | None:
        """The digest of a repository's tag ("omnileads/nginx", "230204.01"); None if there is none."""
        url = f"{self.url}{name}/manifests/{tag}"
        answer = httpx.head(url, headers={"Accept": ", ".join(MANIFESTS)}, timeout=10, trust_env=False)
        return answer.headers.get("Docker-Content-Digest") if answer.status_code == httpx.codes.OK else None
