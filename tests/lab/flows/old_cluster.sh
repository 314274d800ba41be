# Makes a database host of a pair one as the old tool leaves it on CentOS 7, with PostgreSQL 15 in place of 11: where
# things lie, what watches, and what that system's commands refuse. Functions, called one after the other on both hosts.

data=/var/lib/pgsql/15/data
repmgr_conf=/var/lib/pgsql/repmgr.conf

# PostgreSQL and all that Cutover has brought are gone; the data are where the old tool has them.
old_files() {
  systemctl disable --now cutover-repmgrd cutover-pair
  systemctl stop postgresql@15-main
  mkdir -p /usr/pgsql-15 /var/lib/pgsql/15
  ln -s /usr/lib/postgresql/15/bin /usr/pgsql-15/bin
  mv /var/lib/postgresql/15/main "$data"
  rm -rf /etc/postgresql /etc/repmgr.conf /etc/cutover /usr/local/sbin/cutover-pair "$data/cutover-pair" \
    /etc/systemd/system/cutover-{pair,repmgrd}.service /etc/systemd/system/postgresql@.service.d
  install -d -o postgres -g postgres /var/lib/pgsql/archivelog
  # neither checksums nor hints: blocks cannot be compared
  runuser -u postgres -- /usr/pgsql-15/bin/pg_checksums --disable --pgdata="$data"
}

old_settings() { # network
  cat >"$data/postgresql.conf" <<END
listen_addresses = '*'
max_connections = 300
hot_standby = on
archive_mode = on
archive_command = 'cp %p /var/lib/pgsql/archivelog/%f'
shared_preload_libraries = 'repmgr'
END
  cat >"$data/pg_hba.conf" <<END
local all all peer
host all all 127.0.0.1/32 trust
host repmgr repmgr $1 trust
host replication repmgr $1 trust
host all all $1 md5
END
  cat >/etc/systemd/system/postgresql-15.service <<END
[Service]
Type=notify
User=postgres
ExecStart=/usr/pgsql-15/bin/postgres -D $data
KillMode=mixed
KillSignal=SIGINT
TimeoutSec=0
[Install]
WantedBy=multi-user.target
END
}

old_repmgr() { # number address peer
  cat >"$repmgr_conf" <<END
node_id=$1
node_name='postgres0$1'
conninfo='host=$2 port=5432 user=repmgr dbname=repmgr connect_timeout=2'
data_directory='$data'
pg_bindir='/usr/pgsql-15/bin'
failover=automatic
reconnect_attempts=3
reconnect_interval=1
primary_follow_timeout=5
standby_follow_timeout=10
promote_command='/usr/pgsql-15/bin/repmgr standby promote -f $repmgr_conf'
follow_command='/usr/pgsql-15/bin/repmgr standby follow -f $repmgr_conf --upstream-node-id=$3'
END
  sed -i "s/application_name=[^ ']*/application_name=postgres0$1/" "$data/postgresql.auto.conf"
  chown -R postgres: /var/lib/pgsql
  cat >/etc/systemd/system/repmgr11.service <<END
[Service]
User=postgres
ExecStart=/usr/pgsql-15/bin/repmgrd -f $repmgr_conf --daemonize=false --no-pid-file
[Install]
WantedBy=multi-user.target
END
}

# Every 5 seconds the addresses are held or dropped by what repmgr's table on this host says.
old_loop() { # number peer write read
  cat >/var/lib/pgsql/ha_virtual_ip.sh <<END
own=$1 peer=$2 write=$3 read=$4
END
  cat >>/var/lib/pgsql/ha_virtual_ip.sh <<'END'
row() { runuser -u postgres -- psql -XAtq -F ' ' -d repmgr -c "select active, type from repmgr.nodes where node_id = $1"; }
drop() { ip address delete "$1/24" dev eth0 2>/dev/null; }
hold() {
  ip -4 address show dev eth0 | grep --quiet "inet $1/" && return
  ip address add "$1/24" dev eth0
  python3 -c '
import socket, sys
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
    raw.bind(("eth0", 0x806))
    mac, address = raw.getsockname()[4], socket.inet_aton(sys.argv[1])
    head = bytes.fromhex("ff" * 6) + mac + bytes.fromhex("0806" "0001" "0800" "06" "04" "0001")
    raw.send(head + mac + address + bytes(6) + address)' "$1"
}
cd /
while :; do
  case "$(row "$own") $(row "$peer")" in
    "t primary t "*) hold "$write"; drop "$read" ;;
    "t primary "*) hold "$write"; hold "$read" ;;
    "t standby "*) drop "$write"; hold "$read" ;;
    *) drop "$write"; drop "$read" ;;
  esac
  sleep 5
done
END
  cat >/etc/systemd/system/omlpgsql-ha.service <<END
[Service]
ExecStart=/bin/bash /var/lib/pgsql/ha_virtual_ip.sh
Restart=always
RestartSec=15
[Install]
WantedBy=multi-user.target
END
}

# What commands of CentOS 7 (systemd 219, coreutils 8.22) do not know they refuse, and do not name.
old_system() {
  rm /etc/os-release
  printf 'ID="centos"\nVERSION_ID="7"\nID_LIKE="rhel fedora"\n' >/etc/os-release
  old_command systemd-run '--collect|*CPUWeight=*|*IOWeight=*|*TimeoutStopSec=*|*ExecStopPost=*'
  old_command sync '--file-system|-f'
  mkdir /etc/systemd/system/cutover-job-.service.d
  printf '[Service]\nUnsetEnvironment=SERVICE_RESULT EXIT_CODE EXIT_STATUS\n' \
    >/etc/systemd/system/cutover-job-.service.d/old.conf
}

old_command() { # name refused
  cat >"/usr/local/bin/$1" <<END
#!/bin/sh
for word; do
  case \$word in
    --help) exec echo "$1 of CentOS 7" ;;
    $2) echo "$1: unrecognized option '\$word'" >&2; exit 1 ;;
  esac
done
exec /usr/bin/$1 "\$@"
END
  chmod 0755 "/usr/local/bin/$1"
}

# PostgreSQL is not started at boot; what watches is.
old_start() {
  systemctl daemon-reload
  systemctl start postgresql-15
}

old_register() { # role
  runuser -u postgres -- /usr/pgsql-15/bin/repmgr -f "$repmgr_conf" "$1" register --force
}

old_watch() {
  systemctl enable --now repmgr11 omlpgsql-ha
}
