"""
Every variable of an inventory: its type, allowed values, default, meaning, and when it has to be there.

These two models are the only description. They validate, and the JSON Schema for editors and the reference
page are made from them (`python -m cutover.inventory.reference`). Names are those of the old tool (omldeploytool
of the 1.26 era), whose files are read unmodified.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from cutover.inventory.kinds import (
    EVERYWHERE,
    About,
    Account,
    Address,
    Bucket,
    BucketUrl,
    Eleven,
    Email,
    FilePath,
    HostName,
    Keeping,
    Minutes,
    Namespace,
    Need,
    Network,
    Networks,
    Nic,
    Port,
    Positive,
    Prefix,
    Recipient,
    Tag,
    Text,
    Window,
    Zone,
)
from cutover.secret import Secret

_FROZEN = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class HostVariables(BaseModel):
    """What is said of one host: under its name, in its group, or for all."""

    model_config = _FROZEN

    ansible_host: Annotated[
        HostName,
        About("Connection", "Where SSH connects to: an IP address or a DNS name.", "203.0.113.10", Need.ALWAYS),
    ]
    ansible_port: Annotated[Port, About("Connection", "SSH port.", "22", aliases=("ansible_ssh_port",))] = 22
    ansible_user: Annotated[
        Account,
        About(
            "Connection",
            "SSH user: root, or one who may use sudo without a password.",
            "root",
            aliases=("ansible_ssh_user",),
        ),
    ] = "root"
    omni_ip_lan: Annotated[
        Address,
        About(
            "Addresses",
            "The host's private address: components bind to it and use it between hosts.",
            "10.0.0.10",
            need=Need.ALWAYS,
        ),
    ]
    omni_ip_wan: Annotated[
        Address | None,
        About(
            "Addresses",
            "The public address told to SIP partners and browsers. Nothing is asked on the Internet to find it.",
            "203.0.113.10",
            otherwise="`ansible_host` if that is an IP, else `omni_ip_lan`",
        ),
    ] = None
    omlaio: Annotated[bool, About("Role", "This host runs everything (AIO).", "true")] = False
    omldata: Annotated[bool, About("Role", "This host runs PostgreSQL, Redis and MinIO (AIT).", "true")] = False
    omlvoice: Annotated[bool, About("Role", "This host runs Asterisk and RTPengine (AIT, HA).", "true")] = False
    omlapp: Annotated[bool, About("Role", "This host runs the web application and Kamailio (AIT, HA).", "true")] = False
    omlhaproxy: Annotated[bool, About("Role", "This host balances the web application (HA).", "true")] = False
    postgres_host_ha: Annotated[bool, About("Role", "This host is one of the PostgreSQL pair (HA).", "true")] = False
    omlwitness: Annotated[
        bool,
        About("Role", "This host has the third vote on who may write to PostgreSQL (HA); it stores no data.", "true"),
    ] = False
    ha_rol: Annotated[
        Literal["main", "backup"] | None,
        About(
            "High availability",
            "Which of its pair the host is in the normal state: `main` on `*_1`, `backup` on `*_2`.",
            "main",
            need=Need.HA,
            aliases=("ha_role",),
        ),
    ] = None
    ha_vip_nic: Annotated[
        Nic | None,
        About(
            "High availability",
            "The network interface that carries the virtual IPs.",
            "ens18",
            otherwise="`eth0` on the sql hosts, `ens18` on the others",
        ),
    ] = None
    ha_vip_main: Annotated[
        Address | None,
        About(
            "High availability",
            "In the sql group: the virtual IP for writing.",
            "10.0.0.201",
            otherwise="`postgres_host`",
        ),
    ] = None
    ha_vip_ro: Annotated[
        Address | None,
        About(
            "High availability",
            "In the sql group: the virtual IP for reading.",
            "10.0.0.202",
            otherwise="`postgres_ro_host`",
        ),
    ] = None
    ha_vip: Annotated[
        Address | None,
        About(
            "High availability",
            "In the voice and haproxy groups: their virtual IP.",
            "10.0.0.203",
            otherwise="`voice_host` or `application_host`",
        ),
    ] = None
    ansible_connection: Annotated[
        Text | None, About("Connection", "Ansible's way to connect.", unused="Cutover always uses SSH")
    ] = None
    ansible_python_interpreter: Annotated[
        Text | None,
        About("Connection", "Ansible's Python on the host.", unused="Cutover needs no Python there"),
    ] = None
    ansible_become: Annotated[
        Text | None,
        About("Connection", "Ansible's sudo.", unused="sudo is used whenever the user is not root"),
    ] = None
    ansible_ssh_private_key_file: Annotated[
        Text | None,
        About(
            "Connection",
            "Ansible's key file.",
            unused="the key comes from the SSH agent or CUTOVER_SSH_KEY",
        ),
    ] = None
    ansible_ssh_common_args: Annotated[
        Text | None,
        About("Connection", "Ansible's options for ssh.", unused="the ssh program is not run"),
    ] = None


class Variables(BaseModel):
    """What is said of the tenant as a whole. One value for all its hosts."""

    model_config = _FROZEN

    # ---- releases
    release: Annotated[
        Tag | None,
        About(
            "Release",
            "A release of OMniLeads; it stands for the image tags below. A tag given beside it wins.",
            "1.26.0",
        ),
    ] = None
    omnileads_version: Annotated[
        Tag | None, About("Release", "Tag of the web application's image.", "1.26.0", need=Need.TAG)
    ] = None
    websockets_version: Annotated[
        Tag | None, About("Release", "Tag of the websockets image.", "230204.01", need=Need.TAG)
    ] = None
    nginx_version: Annotated[Tag | None, About("Release", "Tag of the nginx image.", "230215.01", need=Need.TAG)] = None
    kamailio_version: Annotated[
        Tag | None, About("Release", "Tag of the Kamailio image.", "230204.01", need=Need.TAG)
    ] = None
    asterisk_version: Annotated[
        Tag | None, About("Release", "Tag of the Asterisk image.", "230204.01", need=Need.TAG)
    ] = None
    rtpengine_version: Annotated[
        Tag | None, About("Release", "Tag of the RTPengine image.", "230204.01", need=Need.TAG)
    ] = None
    postgres_version: Annotated[
        Tag | None, About("Release", "Tag of the PostgreSQL image.", "230204.01", need=Need.TAG)
    ] = None
    centos_postgresql_version: Annotated[
        Eleven, About("Release", "Major version of the PostgreSQL pair in HA.", "11")
    ] = 11
    enterprise_edition: Annotated[
        bool, About("Release", "The enterprise edition: another application image, with add-ons.", "false")
    ] = False
    omlapp_repo: Annotated[Namespace, About("Release", "Registry namespace of the application image.", "omnileads")] = (
        "omnileads"
    )

    # ---- the place
    infra_env: Annotated[
        Literal["cloud", "lan"],
        About(
            "Place",
            "Whether SIP, RTP and links to recordings use the public (`cloud`) or the private (`lan`) address.",
            "lan",
            otherwise="`cloud`; in HA `lan`",
        ),
    ] = "cloud"
    fqdn: Annotated[HostName | None, About("Place", "The DNS name browsers use.", "contact.example.net")] = None
    TZ: Annotated[Zone, About("Place", "Time zone of hosts and components.", "Europe/Vienna")] = (
        "America/Argentina/Cordoba"
    )
    certs: Annotated[
        Literal["selfsigned", "custom"],
        About(
            "Place",
            "TLS certificate: a self-signed one made for this tenant, or the tenant's own `cert.pem` and "
            "`key.pem` beside the inventory.",
            "custom",
        ),
    ] = "selfsigned"

    # ---- firewall
    firewall: Annotated[
        Literal["managed", "off"],
        About(
            "Firewall",
            "`managed`: Cutover writes nftables rules on every host. `off`: it leaves them alone.",
            "managed",
        ),
    ] = "managed"
    controller_networks: Annotated[
        Networks,
        About("Firewall", "Networks that may reach SSH.", "[198.51.100.0/24]", otherwise="everywhere"),
    ] = EVERYWHERE
    monitoring_networks: Annotated[
        Networks,
        About("Firewall", "Networks that may read metrics and logs.", "[198.51.100.20/32]", otherwise="none"),
    ] = ()
    sip_provider_networks: Annotated[
        Networks,
        About(
            "Firewall",
            "Networks of the SIP providers: where trunk signalling and media may come from.",
            "[203.0.113.64/28]",
            otherwise="everywhere, with a warning",
        ),
    ] = EVERYWHERE

    # ---- PostgreSQL
    postgres_host: Annotated[
        HostName | None,
        About(
            "PostgreSQL",
            "An outside PostgreSQL; none is run then. In HA the virtual IP for reading and writing.",
            "10.0.0.201",
            need=Need.HA,
        ),
    ] = None
    postgres_ro_host: Annotated[
        HostName | None,
        About(
            "PostgreSQL",
            "The read replica. In HA the virtual IP for reading.",
            "10.0.0.202",
            need=Need.REPLICA,
        ),
    ] = None
    postgres_out: Annotated[
        bool,
        About(
            "PostgreSQL",
            "PostgreSQL is run by Cutover or elsewhere. Follows from `postgres_host`; a value that "
            "contradicts it is refused.",
            "true",
            otherwise="whether `postgres_host` is given; in HA `true`",
        ),
    ] = False
    postgres_port: Annotated[Port, About("PostgreSQL", "Port of PostgreSQL.", "5432")] = 5432
    postgres_user: Annotated[Account, About("PostgreSQL", "Role of the application.", "omnileads")] = "omnileads"
    postgres_password: Annotated[Secret, About("PostgreSQL", "Password of that role.", need=Need.ALWAYS)]
    postgres_database: Annotated[Account, About("PostgreSQL", "Database of the application.", "omnileads")] = (
        "omnileads"
    )
    postgres_maintenance_db: Annotated[
        Account,
        About(
            "PostgreSQL",
            "Database to connect to when creating databases; managed clouds often have `defaultdb`.",
            "postgres",
        ),
    ] = "postgres"
    postgres_ssl: Annotated[bool, About("PostgreSQL", "Asterisk reaches PostgreSQL over TLS.", "true")] = False
    postgres_ha: Annotated[
        bool,
        About("PostgreSQL", "Reports read from the replica.", "true", otherwise="`false`; in HA `true`"),
    ] = False

    # ---- bucket
    bucket_url: Annotated[
        BucketUrl | None,
        About(
            "Bucket",
            "An outside object storage: its URL, or `aws` for AWS S3. No MinIO is run then.",
            "https://s3.example.net",
            need=Need.HA,
        ),
    ] = None
    bucket_name: Annotated[Bucket, About("Bucket", "Name of the bucket.", "omnileads")] = "omnileads"
    bucket_access_key: Annotated[Secret, About("Bucket", "Access key.", need=Need.ALWAYS)]
    bucket_secret_key: Annotated[Secret, About("Bucket", "Secret key.", need=Need.ALWAYS)]
    bucket_region: Annotated[
        Text, About("Bucket", "Region; used with `bucket_url: aws` and for backups.", "us-east-1")
    ] = "us-east-1"
    callrec_device: Annotated[
        Literal["s3", "s3-no-check-cert", "s3-minio", "s3-aws", "nfs"],
        About(
            "Bucket",
            "How recordings are stored; `s3-no-check-cert` accepts an untrusted certificate.",
            "s3",
            otherwise="`s3-no-check-cert` with own MinIO behind a self-signed certificate, else `s3`",
        ),
    ] = "s3"
    s3_http_admin_user: Annotated[Account, About("Bucket", "Root user of the tenant's own MinIO.", "omnileads")] = (
        "omnileads"
    )
    s3_http_admin_pass: Annotated[
        Secret | None, About("Bucket", "Password of that user, at least 8 letters.", need=Need.MINIO)
    ] = None
    bucket_url_ssl_insecure: Annotated[
        Text | None, About("Bucket", "Once for untrusted certificates.", unused="`callrec_device` decides")
    ] = None

    # ---- telephony
    ami_user: Annotated[Account, About("Telephony", "Account of Asterisk's manager.", "omnileads")] = "omnileads"
    ami_password: Annotated[Secret, About("Telephony", "Password of that account.", need=Need.ALWAYS)]
    rtpengine_host: Annotated[
        HostName | None,
        About("Telephony", "An RTPengine elsewhere, for Kamailio.", "10.0.0.30", otherwise="`voice_host`"),
    ] = None
    shm_size: Annotated[Positive, About("Telephony", "Kamailio's shared memory, in MB.", "64")] = 64
    pkg_size: Annotated[Positive, About("Telephony", "Kamailio's private memory, in MB.", "8")] = 8
    voip_public_hostname: Annotated[
        Text | None,
        About(
            "Telephony",
            "Once meant to skip the search for the public address.",
            unused="`omni_ip_wan` is asked",
        ),
    ] = None

    # ---- dialer
    dialer_host: Annotated[
        HostName | None,
        About("Dialer", "The Wombat dialer, asked on port 8080.", "10.0.0.40", otherwise="`localhost`"),
    ] = None
    dialer_user: Annotated[Account, About("Dialer", "Account at the dialer.", "demoadmin")] = "demoadmin"
    dialer_password: Annotated[Secret, About("Dialer", "Password of that account.", need=Need.ALWAYS)]

    # ---- web application
    SCA: Annotated[Positive, About("Web application", "Life of a web session, in seconds.", "3600")] = 3600
    ECCTL: Annotated[Positive, About("Web application", "Life of an agent's SIP credentials, in seconds.", "28800")] = (
        28800
    )
    LOGIN_FAILURE_LIMIT: Annotated[
        Positive, About("Web application", "Failed logins before an account is locked.", "10")
    ] = 10
    google_maps_api_key: Annotated[Secret | None, About("Web application", "Key for maps.")] = None
    google_maps_center: Annotated[
        Text, About("Web application", "Centre of maps, as JSON.", '{"lat": -31.416668, "lng": -64.183334}')
    ] = '{"lat": -31.416668, "lng": -64.183334}'
    scalable_tunings: Annotated[bool, About("Web application", "Run uWSGI with 50 processes.", "true")] = False

    # ---- e-mail
    email_backend: Annotated[
        Text | None,
        About(
            "E-mail",
            "Django's e-mail backend; the settings below count with its SMTP backend only.",
            "django.core.mail.backends.smtp.EmailBackend",
            otherwise="no e-mail is sent",
        ),
    ] = None
    email_default_from: Annotated[Text | None, About("E-mail", "Sender.", "contact@example.net", need=Need.SMTP)] = None
    email_host: Annotated[HostName | None, About("E-mail", "SMTP server.", "smtp.example.net", need=Need.SMTP)] = None
    email_port: Annotated[Port | None, About("E-mail", "SMTP port.", "587", need=Need.SMTP)] = None
    email_user: Annotated[Text | None, About("E-mail", "SMTP account.", "contact", need=Need.SMTP)] = None
    email_password: Annotated[Secret | None, About("E-mail", "Its password.", need=Need.SMTP)] = None
    email_ssl_certfile: Annotated[Text | None, About("E-mail", "Client certificate.")] = None
    email_ssl_keyfile: Annotated[Text | None, About("E-mail", "Its key.")] = None
    email_use_ssl: Annotated[bool | None, About("E-mail", "TLS from the first byte.", "false")] = None
    email_use_tls: Annotated[bool | None, About("E-mail", "STARTTLS.", "true")] = None
    email_smtp_relay: Annotated[Text | None, About("E-mail", "Once announced.", unused="nothing reads it")] = None

    # ---- addresses of components
    data_host: Annotated[
        HostName | None,
        About(
            "Components",
            "Where the data host is.",
            "10.0.0.10",
            otherwise="LAN address of that host; none in HA",
        ),
    ] = None
    voice_host: Annotated[
        HostName | None,
        About(
            "Components",
            "Where the voice host is. In HA the virtual IP of the voice pair.",
            "10.0.0.203",
            need=Need.HA,
            otherwise="LAN address of that host",
        ),
    ] = None
    application_host: Annotated[
        HostName | None,
        About(
            "Components",
            "Where the web application is. In HA the virtual IP of the HAProxy pair.",
            "10.0.0.204",
            need=Need.HA,
            otherwise="LAN address of that host",
        ),
    ] = None
    redis_host: Annotated[
        HostName | None,
        About(
            "Components",
            "Where Redis is. In HA the virtual IP of the HAProxy pair.",
            "10.0.0.204",
            otherwise="`localhost` (AIO), `data_host` (AIT), `application_host` (HA)",
        ),
    ] = None
    redis_ip_main: Annotated[
        Address | None,
        About(
            "Components",
            "The Redis that is master at first. It is always the LAN address of `app_1`; another value "
            "is corrected with a warning.",
            "10.0.0.105",
            otherwise="LAN address of `app_1` (HA)",
        ),
    ] = None
    redis_port: Annotated[Port, About("Components", "Redis's port at HAProxy (HA).", "6379")] = 6379
    minio_host: Annotated[HostName | None, About("Components", "Where MinIO is.", otherwise="`data_host`")] = None
    websockets_host: Annotated[
        HostName | None, About("Components", "Where websockets are.", otherwise="LAN address of the app host")
    ] = None
    kamailio_host: Annotated[
        HostName | None,
        About("Components", "Where Kamailio is.", otherwise="`localhost` (AIO), LAN address of the app host"),
    ] = None
    asterisk_host: Annotated[HostName | None, About("Components", "Where Asterisk is.", otherwise="`voice_host`")] = (
        None
    )
    nginx_host: Annotated[HostName | None, About("Components", "Where nginx is.", otherwise="`application_host`")] = (
        None
    )
    loki_host: Annotated[
        HostName | None,
        About("Components", "Where logs are sent.", "198.51.100.20", otherwise="`data_host` (AIT), else none"),
    ] = None
    prometheus_host: Annotated[
        HostName | None,
        About("Components", "Where Prometheus is, for Homer.", otherwise="`application_host`; none in AIO"),
    ] = None

    # ---- high availability
    omnileads_ha: Annotated[
        bool,
        About("High availability", "The tenant is an HA one.", "true", otherwise="`true` with the HA hosts"),
    ] = False
    ha_notification_email: Annotated[
        Email | None,
        About("High availability", "Who is told of a failover.", "ops@example.net", need=Need.HA),
    ] = None
    netaddr: Annotated[
        Network | None,
        About(
            "High availability",
            "Network whose hosts may reach the PostgreSQL pair; holds the virtual IPs.",
            "10.0.0.0/24",
            need=Need.HA,
        ),
    ] = None
    netprefix: Annotated[Prefix, About("High availability", "Prefix length of PostgreSQL's virtual IPs.", "24")] = 24
    app_port: Annotated[Port, About("High availability", "HAProxy's TLS port.", "443")] = 443
    postgres_synchronous: Annotated[
        bool,
        About(
            "High availability",
            "A transaction counts as done when the standby has it too: a failover loses nothing, and while there is "
            "no standby nothing can be written.",
            "true",
        ),
    ] = False
    data_directory: Annotated[
        FilePath | None,
        About("High availability", "Another data directory of the PostgreSQL pair.", "/data/pgsql"),
    ] = None

    # ---- backup
    backup_bucket_url: Annotated[
        BucketUrl | None,
        About(
            "Backup",
            "Where backups go instead of the tenant's own bucket: the URL of an object storage, or `aws` for AWS S3. "
            "Their keys begin with the tenant's name.",
            "https://s3.backup.example.net",
            need=Need.BACKUP,
        ),
    ] = None
    backup_bucket_name: Annotated[
        Bucket | None, About("Backup", "Name of the bucket for backups.", "backups", need=Need.BACKUP)
    ] = None
    backup_bucket_access_key: Annotated[Secret | None, About("Backup", "Its access key.", need=Need.BACKUP)] = None
    backup_bucket_secret_key: Annotated[Secret | None, About("Backup", "Its secret key.", need=Need.BACKUP)] = None
    backup_bucket_region: Annotated[Text, About("Backup", "Its region.", "eu-central-1")] = "us-east-1"
    backup_bucket_ssl_insecure: Annotated[
        bool, About("Backup", "Accept an untrusted certificate of the object storage for backups.", "true")
    ] = False
    backup_recipient: Annotated[
        Recipient | None,
        About(
            "Backup",
            "Encrypt backups for this age public key. Whoever has only this key can make backups but read none.",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        ),
    ] = None
    backup_identity: Annotated[
        Secret | None,
        About("Backup", "The age identity that opens them. Only drills and restores need it."),
    ] = None
    backup_window: Annotated[
        Window,
        About("Backup", "When scheduled backups and drills start, in the tenant's time zone.", "22:00-04:00"),
    ] = "01:00-05:00"
    backup_deadline_hours: Annotated[
        Positive, About("Backup", "Hours after which the newest backup counts as late.", "26")
    ] = 26
    backup_keep_daily: Annotated[Keeping, About("Backup", "How many days keep their newest backup.", "14")] = 14
    backup_keep_weekly: Annotated[Keeping, About("Backup", "How many weeks keep their newest backup.", "8")] = 8
    backup_keep_monthly: Annotated[Keeping, About("Backup", "How many months keep their newest backup.", "12")] = 12
    backup_keep_yearly: Annotated[Keeping, About("Backup", "How many years keep their newest backup.", "5")] = 0
    drill_weekday: Annotated[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        About("Backup", "The day of the week on which the newest backup is proven by a drill.", "sunday"),
    ] = "sunday"

    # ---- upgrades
    upgrade_backup: Annotated[
        Literal["fresh", "proven", "none"],
        About(
            "Upgrades",
            "The backup before an upgrade: a `fresh` one, a `proven` one of the last day (a fresh one where there is "
            "none), or `none`.",
            "proven",
        ),
    ] = "fresh"
    upgrade_calls: Annotated[
        Literal["wait", "refuse", "cut"],
        About(
            "Upgrades",
            "Live calls when Asterisk, Kamailio or RTPengine must restart: `wait` for them to end, `refuse` outside "
            "`maintenance_window`, or `cut` them.",
            "refuse",
        ),
    ] = "wait"
    upgrade_calls_minutes: Annotated[
        Minutes, About("Upgrades", "With `wait`: minutes that it is waited for; then it is refused.", "60")
    ] = 30
    maintenance_window: Annotated[
        Window | None,
        About(
            "Upgrades",
            "With `refuse`: when live calls may be cut, in the tenant's time zone.",
            "02:00-04:00",
            otherwise="never",
        ),
    ] = None

    # ---- restore and migration
    restore_file_timestamp: Annotated[Tag | None, About("Restore", "The backup to restore.", "1681215859")] = None
    restore_keep_days: Annotated[
        Positive,
        About("Restore", "Days that the database from before a restore and the backup made of it are kept.", "14"),
    ] = 14
    upgrade_from_oml_1: Annotated[
        bool, About("Restore", "The tenant's data come from OMniLeads 1 on CentOS 7.", "true")
    ] = False
    backup_bucket: Annotated[Text | None, About("Restore", "Once announced.", unused="nothing reads it")] = None
    restore_bucket: Annotated[Text | None, About("Restore", "Once announced.", unused="nothing reads it")] = None
    homer_host: Annotated[
        Text | None, About("Components", "Once for Homer elsewhere.", unused="Homer runs on the voice host")
    ] = None
    video_host: Annotated[Text | None, About("Components", "Once announced.", unused="nothing reads it")] = None
