"""One host with every stand-in: what each is started with, by the facts sheet, and what it answers."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

USER, PASSWORD, DATABASE = "omnileads", "trial-database", "omnileads"
KEY, SECRET, BUCKET = "trial-key", "trial-secret", "omnileads"
ROOT, ROOT_SECRET = "trial-root", "trial-root-secret"
AMI_PASSWORD = "trial-ami"
CERTIFICATES = "/etc/omnileads/certs"

DATAGRAM = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); "
    "s.connect(({host!r}, {port})); s.send({sent!r}); print(s.recv(2000))"
)
OPTIONS = "\r\n".join(
    (
        "OPTIONS sip:{host} SIP/2.0",
        "Via: SIP/2.0/UDP {host}:5099;branch=z9hG4bKtrial;rport",
        "From: <sip:trial@{host}>;tag=trial",
        "To: <sip:{host}>",
        "Call-ID: trial",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 9",
        "Content-Length: 0",
        "",
        "",
    )
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A container by its short name, how it is started, and a shell command whose output must hold `expected`."""

    name: str
    image: str
    probe: str
    expected: str
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def start(self) -> str:
        """The shell command that starts the container; its env file comes on standard input."""
        volumes = [f"--volume={volume}" for volume in self.volumes]
        words = ["podman", "run", "--detach", "--network=host", f"--name={self.name}", "--env-file=/dev/stdin"]
        return shlex.join([*words, *volumes, self.image, *self.arguments])

    @property
    def env_file(self) -> str:
        return "".join(f"{name}={value}\n" for name, value in self.environment.items())


def datagram(host: str, port: int, sent: bytes) -> str:
    return f"python3 -c {shlex.quote(DATAGRAM.format(host=host, port=port, sent=sent))}"


def status(url: str) -> str:
    return f"curl -sk -o /dev/null -w '%{{http_code}} %{{redirect_url}}' {url}"


def application(lan: str) -> dict[str, str]:
    """What the three parts of the application have in common."""
    return {
        "TZ": "America/Argentina/Cordoba",
        "PYTHONPATH": "/opt/omnileads/ominicontacto",
        "INSTALL_PREFIX": "/opt/omnileads/",
        "DJANGO_SETTINGS_MODULE": "ominicontacto.settings.production",
        "PGHOST": "localhost",
        "PGPORT": "5432",
        "PGDATABASE": DATABASE,
        "PGUSER": USER,
        "PGPASSWORD": PASSWORD,
        "REDIS_HOSTNAME": "localhost",
        "SESSION_COOKIE_AGE": "3600",
        "CALLREC_DEVICE": "s3-no-check-cert",
        "AWS_DEFAULT_REGION": "us-east-1",
        "S3_BUCKET_NAME": BUCKET,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "S3_ENDPOINT": f"https://{lan}",
    }


def data() -> Iterator[Trial]:
    """Database and Redis on localhost, the store on all addresses."""
    yield Trial(
        "postgres",
        "docker.io/omnileads/postgres:230204.01",
        "podman exec postgres pg_isready -h localhost",
        "accepting connections",
        {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": DATABASE},
        ("oml_postgres:/var/lib/postgresql/data",),
        ("-c", "listen_addresses=localhost"),
    )
    yield Trial(
        "redis",
        "docker.io/redislabs/redisgears:1.0.9",
        "podman exec redis redis-cli ping",
        "PONG",
        {"REDISGEARS_VERSION": "1.0.9", "BIND_IP": "localhost"},
        ("oml_redis:/data",),
    )
    yield Trial(
        "minio",
        "quay.io/minio/minio",
        status("http://localhost:9000/minio/health/live"),
        "200",
        {"MINIO_ROOT_USER": ROOT, "MINIO_ROOT_PASSWORD": ROOT_SECRET},
        ("oml_minio:/data",),
        ("server", "/data", "--console-address", ":9001"),
    )


def voice(lan: str) -> Iterator[Trial]:
    """Media and telephony."""
    yield Trial(
        "rtpengine",
        "docker.io/omnileads/rtpengine:230204.01",
        datagram(lan, 22222, b"trial d7:command4:pinge"),
        "pong",
        {"RTPENGINE_HOSTNAME": lan, "ENV": "systemd-lan"},
    )
    yield Trial(
        "asterisk",
        "docker.io/omnileads/asterisk:230204.01",
        "podman exec asterisk asterisk -rx 'pjsip show transports'",
        f"{lan}:5160",
        {
            **application(lan),
            "ENV": "systemd-lan",
            "ASTERISK_PUBLIC_IP": lan,
            "AMI_USER": "omnileads",
            "AMI_PASSWORD": AMI_PASSWORD,
            "HOMER_ENABLE": "True",
            "HOMERHOST": lan,
            "HOMERPORT": "9060",
            "HOSTNAME": lan,
        },
        ("/etc/asterisk/custom:/etc/asterisk/custom", "asterisk_logs:/var/log/asterisk"),
    )
    yield Trial(
        "kamailio",
        "docker.io/omnileads/kamailio:230204.01",
        datagram("127.0.0.1", 10060, OPTIONS.format(host="127.0.0.1").encode()),
        "SIP/2.0 200 OK",
        kamailio(lan),
        (f"{CERTIFICATES}:{CERTIFICATES}",),
    )


def kamailio(lan: str) -> dict[str, str]:
    return {
        "KAMAILIO_HOSTNAME": "localhost",
        "KAMAILIO_CERTS_LOCATION": CERTIFICATES,
        "REDIS_HOSTNAME": "localhost",
        "RTPENGINE_HOSTNAME": lan,
        "ASTERISK_HOSTNAME": lan,
        "SHM_SIZE": "64",
        "PKG_SIZE": "8",
    }


def web(lan: str) -> Iterator[Trial]:
    """The application and what is in front of it."""
    yield Trial(
        "nginx",
        "docker.io/omnileads/nginx:230215.01",
        status("http://localhost/"),
        "301 https://localhost/",
        {
            "DJANGO_HOSTNAME": "localhost",
            "DAPHNE_HOSTNAME": "localhost",
            "KAMAILIO_HOSTNAME": "localhost",
            "WEBSOCKETS_HOSTNAME": lan,
            "S3_ENDPOINT": f"http://{lan}:9000",
            "CALLREC_DEVICE": "s3-no-check-cert",
        },
        (f"{CERTIFICATES}:{CERTIFICATES}", "django_static:/opt/omnileads/static", "nginx_logs:/var/log/nginx"),
    )
    yield Trial(
        "websockets",
        "docker.io/omnileads/websockets:230204.01",
        status(f"http://{lan}:8000/health-checks"),
        "200",
        {"BIND_ADDRESS": f"{lan}:8000", "REDIS_HOST": "redis://localhost"},
    )
    yield django(lan, "1.26.0")
    yield Trial(
        "daphne",
        "docker.io/omnileads/omlapp:1.26.0",
        status("http://localhost:8098/"),
        "302 http://localhost:8098/accounts/login/",
        {**application(lan), "DAPHNE_ENABLE": "True", "DAPHNE_PORT": "8098"},
    )
    yield Trial(
        "cron",
        "docker.io/omnileads/omlapp:1.26.0",
        "podman exec cron ps -C crond -o comm= && bash -c '</dev/tcp/localhost/8097'",
        "crond",
        {**application(lan), "UWSGI_PORT": "8097"},
    )


def django(lan: str, tag: str) -> Trial:
    return Trial(
        "django",
        f"docker.io/omnileads/omlapp:{tag}",
        "curl -skf https://localhost/health",
        '"bucket": true',
        {**application(lan), "CRON_ENABLE": "false", "UWSGI_PORT": "8099"},
        ("django_static:/opt/omnileads/static", "django_logs:/opt/omnileads/log"),
    )


def exporters() -> Iterator[Trial]:
    """What gives metrics of others."""
    source = f"postgresql://{USER}:{PASSWORD}@localhost:5432/{DATABASE}?sslmode=disable"
    metrics = "curl -s http://localhost:{}/metrics"
    exporter = "docker.io/prometheuscommunity/postgres-exporter"
    yield Trial("pgexport", exporter, metrics.format(9187), "pg_up 1", {"DATA_SOURCE_NAME": source})
    exporter = "docker.io/oliver006/redis_exporter"
    yield Trial("redisexport", exporter, metrics.format(9121), "redis_up 1", {"REDIS_ADDR": "localhost:6379"})
    yield Trial("node", "docker.io/prom/node-exporter:latest", metrics.format(9100), "node_load1")


def watching(lan: str) -> Iterator[Trial]:
    """Metrics, logs and the collector of SIP."""
    yield Trial(
        "prometheus",
        "docker.io/prom/prometheus",
        "curl -s http://localhost:9090/-/ready",
        "Ready",
        volumes=("/etc/default/prometheus.yml:/etc/prometheus/prometheus.yml",),
    )
    loki = ("/etc/default/loki.yml:/mnt/config/loki-config.yaml",)
    argument = ("-config.file=/mnt/config/loki-config.yaml",)
    probe = "curl -s http://localhost:3100/ready"
    yield Trial("loki", "docker.io/grafana/loki", probe, "ready", volumes=loki, arguments=argument)
    yield Trial(
        "promtail",
        "docker.io/grafana/promtail",
        "curl -s http://localhost:9080/ready",
        "Ready",
        volumes=("/etc/default/promtail.yml:/etc/promtail/promtail.yml", "nginx_logs:/var/log/nginx:ro"),
        arguments=("-config.file=/etc/promtail/promtail.yml",),
    )
    yield Trial(
        "heplify",
        "docker.io/sipcapture/heplify-server:latest",
        f"curl -s http://{lan}:9096/metrics",
        "heplify_standin_packets",
        {
            "HEPLIFYSERVER_HEPADDR": f"{lan}:9060",
            "HEPLIFYSERVER_HEPTCPADDR": f"{lan}:9061",
            "HEPLIFYSERVER_PROMADDR": f"{lan}:9096",
            "HEPLIFYSERVER_DBADDR": "localhost:5432",
            "HEPLIFYSERVER_DBSHEMA": DATABASE,
            "HEPLIFYSERVER_DBUSER": USER,
            "HEPLIFYSERVER_DBPASS": PASSWORD,
        },
    )


def elsewhere(lan: str) -> Iterator[Trial]:
    """What only a cluster or the enterprise edition has."""
    yield Trial(
        "haproxy",
        "docker.io/haproxy:2.0-buster",
        f"podman exec redis redis-cli -h {lan} ping",
        "PONG",
        volumes=("/etc/omnileads/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro",),
    )
    yield Trial(
        "sentinel",
        "docker.io/omnileads/redis_sentinel:develop",
        f"podman exec redis redis-cli -h {lan} -p 26379 sentinel ckquorum master",
        "OK 1 usable",
        {"BIND_IP": lan, "MAIN": lan, "SENTINEL_QUORUM": "1"},
    )
    yield Trial(
        "survey",
        "docker.io/freetechsolutions/omlredis2pgsql:develop",
        "podman exec redis redis-cli lpush survey trial >/dev/null; sleep 0.3; "
        f"podman exec postgres psql -U {USER} -Atc 'table standin_survey' {DATABASE}",
        "trial",
        application(lan),
    )


def everything(lan: str) -> Iterator[Trial]:
    """In an order in which each finds what it needs."""
    yield from data()
    yield from voice(lan)
    yield from web(lan)
    yield from exporters()
    yield from watching(lan)
    yield from elsewhere(lan)


PROMETHEUS = """
scrape_configs: [{{job_name: asterisk, static_configs: [{{targets: ['{lan}:7088']}}]}}]
"""
LOKI = """
server: {{http_listen_port: 3100}}
"""
PROMTAIL = """
server: {{http_listen_port: 9080}}
clients: [{{url: 'http://{lan}:3100/loki/api/v1/push'}}]
scrape_configs: [{{job_name: nginx, static_configs: [{{labels: {{job: nginx, __path__: /var/log/nginx/*.log}}}}]}}]
"""
HAPROXY = """
defaults
  mode tcp
  timeout connect 1s
  timeout client 9s
  timeout server 9s
listen redis
  bind {lan}:6379
  server local 127.0.0.1:6379
"""


def files(lan: str) -> dict[str, str]:
    """Configuration that the stand-ins find mounted, by its path on the host."""
    texts = {
        "/etc/default/prometheus.yml": PROMETHEUS,
        "/etc/default/loki.yml": LOKI,
        "/etc/default/promtail.yml": PROMTAIL,
        "/etc/omnileads/haproxy.cfg": HAPROXY,
    }
    return {path: text.format(lan=lan) for path, text in texts.items()}
