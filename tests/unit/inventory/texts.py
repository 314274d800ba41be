"""Inventories as users of the old tool have them: its structure, its keys, its order; the values are our own."""

from __future__ import annotations

VERSIONS = """\
    omnileads_version: 1.26.0
    websockets_version: 230204.01
    nginx_version: 230215.01
    kamailio_version: 230204.01
    asterisk_version: 230204.01
    rtpengine_version: 230204.01
    postgres_version: 230204.01
"""

SETTINGS = """\
    # where the phones are
    infra_env: cloud
    #fqdn: contact.example.net
    #rtpengine_host=
    TZ: America/Argentina/Cordoba
    # selfsigned or custom
    certs: selfsigned
    callrec_device: s3-no-check-cert
    # --- database
    postgres_port: 5432
    postgres_user: omnileads
    postgres_password: pg-Zoh4ahb1Ai
    postgres_database: omnileads
    postgres_maintenance_db: postgres
    postgres_ssl: false
    postgres_ha: false
    # --- recordings
    s3_http_admin_user: omnileads
    s3_http_admin_pass: minio-quo3Chai7W
    bucket_access_key: ak-Eeph5aiPh1
    bucket_secret_key: sk-ooGh8ahb0x
    bucket_name: omnileads
    bucket_region: us-east-1
    # --- telephony
    ami_user: omnileads
    ami_password: ami-iK4gee9eeT
    dialer_user: demoadmin
    dialer_password: dialer-aeKai6aej
    shm_size: 64
    pkg_size: 8
    # --- web
    SCA: 3600
    ECCTL: 28800
    LOGIN_FAILURE_LIMIT: 10
    google_maps_api_key: NULL
    google_maps_center: '{ "lat": -31.416668, "lng": -64.183334 }'
    email_smtp_relay: false
    #email_backend:
    #email_host:
    omlapp_repo: omnileads
"""

ENDING = """\
    #restore_file_timestamp: 1681215859
    #scalable_tunings: true
    #prometheus_host:
    #homer_host:
    #video_host:
    #backup_bucket:
    #restore_bucket:
"""


def pointing(data: str, voice: str, app: str) -> str:
    """Return the three lines by which the old tool's hosts find each other."""
    hosts = {"data_host": data, "voice_host": voice, "application_host": app}
    return "".join(f"    {name}: \"{{{{ hostvars['{host}'].omni_ip_lan }}}}\"\n" for name, host in hosts.items())


AIO = f"""\
---
all:
  hosts:
    omnileads_aio:
      omlaio: true
      ansible_host: 203.0.113.10
      omni_ip_lan: 10.0.0.10
      ansible_ssh_port: 22
  vars:
    # how to connect
    ansible_user: root
    enterprise_edition: false
    # images
{VERSIONS}{SETTINGS}
{pointing("omnileads_aio", "omnileads_aio", "omnileads_aio")}
{ENDING}"""

AIT_HOSTS = """\
---
all:
  hosts:
    omnileads_data:
      omldata: true
      ansible_host: 10.0.0.11
      omni_ip_lan: 10.0.0.11
      ansible_ssh_port: 22
    omnileads_voice:
      omlvoice: true
      ansible_host: 10.0.0.12
      omni_ip_lan: 10.0.0.12
      ansible_ssh_port: 22
    omnileads_app:
      omlapp: true
      ansible_host: 10.0.0.13
      omni_ip_lan: 10.0.0.13
      ansible_ssh_port: 22
"""

AIT = f"""\
{AIT_HOSTS}  vars:
    ansible_user: root
    enterprise_edition: false
{VERSIONS}    dialer_host: 10.0.0.43
    #postgres_host:
    postgres_ro_host:
    #bucket_url: https://s3.example.net
    postgres_out: false
{SETTINGS}
{pointing("omnileads_data", "omnileads_voice", "omnileads_app")}
{ENDING}"""

CLOUD = f"""\
{AIT_HOSTS}  vars:
    ansible_user: root
    enterprise_edition: false
{VERSIONS}    postgres_host: db.provider.example.net
    bucket_url: https://s3.provider.example.net
    postgres_out: true
{SETTINGS.replace("5432", "16751").replace("maintenance_db: postgres", "maintenance_db: defaultdb")}
{pointing("omnileads_data", "omnileads_voice", "omnileads_app")}
{ENDING}"""

HA = f"""\
---
############################################
omnileads_data:
  hosts:
    sql_1:
      ansible_host: 10.0.0.101
      omni_ip_lan: 10.0.0.101
      ansible_ssh_port: 22
      ha_rol: main
    sql_2:
      ansible_host: 10.0.0.102
      omni_ip_lan: 10.0.0.102
      ansible_ssh_port: 22
      ha_rol: backup
  vars:
    postgres_host_ha: true
    ha_vip_nic: eth0
    netaddr: 10.0.0.0/24
    netprefix: 24
############################################
omnileads_voice:
  hosts:
    voice_1:
      ansible_host: 10.0.0.103
      omni_ip_lan: 10.0.0.103
      ansible_ssh_port: 22
      ha_rol: main
    voice_2:
      ansible_host: 10.0.0.104
      omni_ip_lan: 10.0.0.104
      ansible_ssh_port: 22
      ha_rol: backup
  vars:
    omlvoice: true
    ha_vip_nic: ens18
############################################
omnileads_haproxy:
  hosts:
    haproxy_1:
      ansible_host: 10.0.0.108
      omni_ip_lan: 10.0.0.108
      ansible_ssh_port: 22
      ha_rol: main
    haproxy_2:
      ansible_host: 10.0.0.109
      omni_ip_lan: 10.0.0.109
      ansible_ssh_port: 22
      ha_rol: backup
  vars:
    omlhaproxy: true
    ha_vip_nic: ens18
    app_port: 443
############################################
omnileads_app:
  hosts:
    app_1:
      ansible_host: 10.0.0.105
      ansible_ssh_port: 22
      omni_ip_lan: 10.0.0.105
      ha_rol: main
    app_2:
      ansible_host: 10.0.0.106
      ansible_ssh_port: 22
      omni_ip_lan: 10.0.0.106
      ha_rol: backup
  vars:
    omlapp: true
############################################

all:
  vars:
    ansible_user: root
    # the virtual addresses
    redis_host: 10.0.0.204
    redis_ip_main: 10.0.0.105
    postgres_host: 10.0.0.201
    postgres_ro_host: 10.0.0.202
    voice_host: 10.0.0.203
    application_host: 10.0.0.204
    omni_ip_wan: 203.0.113.8
{VERSIONS}    centos_postgresql_version: 11
    enterprise_edition: true
    omnileads_ha: true
    ha_notification_email: ops@example.net
    redis_port: 6379
    bucket_url: https://10.0.0.3:9000
    postgres_out: true
{SETTINGS.replace("postgres_ha: false", "postgres_ha: true").replace("infra_env: cloud", "infra_env: lan")}
{ENDING}"""

ALL = {"aio": AIO, "ait": AIT, "cloud": CLOUD, "ha": HA}

SECRETS = (
    "pg-Zoh4ahb1Ai",
    "minio-quo3Chai7W",
    "ak-Eeph5aiPh1",
    "sk-ooGh8ahb0x",
    "ami-iK4gee9eeT",
    "dialer-aeKai6aej",
)
