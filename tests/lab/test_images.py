"""The stand-ins on a real host: each answers, and each refuses what its original refuses."""

from __future__ import annotations

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.images import trial
from tests.lab.images.trial import BUCKET, DATABASE, KEY, ROOT, ROOT_SECRET, SECRET, USER, Trial
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

ANSWER = 60.0
STORE = "http://localhost:9000"


@pytest.fixture
def host(hosts: MakeHosts) -> Host:
    """A host with certificates and the files that are mounted."""
    (host,) = hosts(1, names=["standins"])
    host.run(f"mkdir -p {trial.CERTIFICATES} /etc/asterisk/custom")
    pair = f"-keyout {trial.CERTIFICATES}/key.pem -out {trial.CERTIFICATES}/cert.pem"
    host.run(f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=trial {pair}")
    for path, content in trial.files(host.address).items():
        host.run(f"cat >{path}", stdin=content)
    return host


def start(host: Host, wanted: Trial) -> None:
    host.run(wanted.start, stdin=wanted.env_file)
    answers(host, wanted)


def answers(host: Host, wanted: Trial) -> None:
    """Wait for the expected answer; an error has the container's last lines."""

    def answered() -> bool:
        return wanted.expected in host.run(wanted.probe, check=False).stdout

    try:
        wait_for(f"{wanted.name}: {wanted.expected}", answered, ANSWER, 0.3)
    except LabError as error:
        log = host.run(f"podman logs --tail 15 {wanted.name} 2>&1", check=False).stdout
        raise LabError(f"{error}\n{log}") from None


def prepare(host: Host) -> None:
    """What an installer does once: the extension, the bucket and its user."""
    sql(host, "create extension if not exists plperl")
    mc(host, f"alias set own {STORE}", f"{ROOT}\n{ROOT_SECRET}\n")
    mc(host, f"mb --ignore-existing own/{BUCKET}")
    mc(host, "admin user add own", f"{KEY}\n{SECRET}\n")
    mc(host, f"admin policy attach own readwrite --user {KEY}")


def mc(host: Host, command: str, stdin: str = "") -> str:
    return host.run(f"podman exec -i minio mc {command}", stdin=stdin).stdout


def sql(host: Host, statement: str) -> str:
    return host.output(f'podman exec postgres psql -U {USER} -Atc "{statement}" {DATABASE}')


def data(host: Host) -> None:
    for each in trial.data():
        start(host, each)
    prepare(host)


def test_every_stand_in_of_every_layout_answers_on_one_host(host: Host) -> None:
    data(host)
    for each in list(trial.everything(host.address))[len(list(trial.data())) :]:
        start(host, each)
    assert "302 https://localhost/accounts/login/" in host.output(trial.status("https://localhost/"))
    assert "200" in host.output(trial.status("https://localhost/accounts/login/"))
    assert "200" in host.output(trial.status("http://localhost:7088/metrics"))
    assert "101" in host.output(
        "curl -sk -m 3 -o /dev/null -w '%{http_code}' --http1.1 -H 'Upgrade: websocket' -H 'Connection: Upgrade' "
        "-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'Sec-WebSocket-Version: 13' "
        "-H 'Sec-WebSocket-Protocol: sip' https://localhost/ws || true"
    )
    host.run("podman exec django ./manage.py standin_calls 3")
    assert sql(host, "select count(*) from reportes_app_llamadalog where archivo_grabacion like '%.wav'") == "3"
    recordings = mc(host, f"ls own/{BUCKET}/")
    assert recordings.startswith("20")
    host.run("podman exec -i django ./manage.py changepassword admin", stdin="Changed-1\nChanged-1\n")
    host.run("podman stop --all")
    codes = host.output("podman inspect --format '{{.Name}} {{.State.ExitCode}}' $(podman ps -aq)")
    assert not [line for line in codes.splitlines() if line.endswith(" 137")], "a stop had to kill"


def test_the_store_accepts_who_was_added_with_a_policy_also_after_a_restart(host: Host) -> None:
    *_, store = trial.data()
    start(host, store)
    mc(host, f"alias set own {STORE}", f"{ROOT}\n{ROOT_SECRET}\n")
    mc(host, "admin user add own", f"{KEY}\n{SECRET}\n")
    with pytest.raises(LabError):
        mc(host, f"alias set new {STORE}", f"{KEY}\n{SECRET}\n")
    mc(host, f"admin policy attach own readwrite --user {KEY}")
    host.run("podman restart minio")
    answers(host, store)
    mc(host, f"alias set new {STORE}", f"{KEY}\n{SECRET}\n")
    mc(host, f"mb new/{BUCKET}")
    assert mc(host, "ls own") == f"{BUCKET}/\n"
    for wrong in (f"{KEY}\nwrong\n", f"nobody\n{SECRET}\n"):
        with pytest.raises(LabError):
            mc(host, f"alias set wrong {STORE}", wrong)
    with pytest.raises(LabError, match="Access Denied"):
        mc(host, "admin user add new", "more\nsecret\n")


def test_kamailio_does_not_start_while_redis_or_rtpengine_is_away(host: Host) -> None:
    rtpengine, _, kamailio = trial.voice(host.address)
    *_, redis, _ = trial.data()
    once = kamailio.start.replace("--detach", "--rm")
    with pytest.raises(LabError, match="Redis does not answer"):
        host.run(once, stdin=kamailio.env_file)
    start(host, redis)
    with pytest.raises(LabError, match="RTPengine does not answer"):
        host.run(once, stdin=kamailio.env_file)
    start(host, rtpengine)
    start(host, kamailio)


def test_a_release_migrates_the_schema_and_the_broken_ones_end_with_an_error(host: Host) -> None:
    data(host)
    nginx = next(iter(trial.web(host.address)))
    start(host, nginx)
    assert "502" in host.output(trial.status("https://localhost/"))
    start(host, trial.django(host.address, "1.26.0"))
    host.run("podman rm -f django")
    for tag, why in (("1.26.0-broken", "broken on purpose"), ("1.27.0-badmigration", "no_such_column")):
        wanted = trial.django(host.address, tag)
        with pytest.raises(LabError, match=why):
            host.run(wanted.start.replace("--detach", "--rm"), stdin=wanted.env_file)
    half = "select count(*) from information_schema.columns where column_name = 'whatsapp_habilitado'"
    assert sql(host, half) == "1"
    assert sql(host, "select count(*) from django_migrations where name like '0002_campana%'") == "0"
    sql(host, "alter table ominicontacto_app_campana drop column whatsapp_habilitado")
    start(host, trial.django(host.address, "1.27.1"))
    assert '"release": "1.27.1"' in host.output("curl -sk https://localhost/health")
    assert sql(host, "select count(*) from django_migrations where name like '0002_campana%'") == "1"


@pytest.mark.parametrize(("tag", "version"), [("230204.01", "Asterisk 16."), ("230508.01", "Asterisk 22.")])
def test_asterisk_is_real_and_takes_the_operators_files(host: Host, tag: str, version: str) -> None:
    asterisk = next(each for each in trial.voice(host.address) if each.name == "asterisk")
    wanted = Trial(
        asterisk.name,
        f"docker.io/omnileads/asterisk:{tag}",
        asterisk.probe,
        asterisk.expected,
        asterisk.environment,
        asterisk.volumes,
    )
    host.run("cat >/etc/asterisk/custom/oml_extensions_custom.conf", stdin="[trial-custom]\nexten => s,1,Hangup()\n")
    start(host, wanted)
    assert version in host.output("podman exec asterisk asterisk -rx 'core show version'")
    assert "trial-custom" in host.output("podman exec asterisk asterisk -rx 'dialplan show trial-custom'")
    assert "asterisk_core_uptime_seconds" in host.output("curl -s http://localhost:7088/metrics")
    assert host.output("podman exec asterisk cat /etc/oml-release") == tag
