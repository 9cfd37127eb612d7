#!/bin/bash
# A private Docker engine for the compose tests, on a machine that has none: Debian 12 or later, root, package mirror only.
#
#   engine.sh start   install it when it is not there yet (Debian 13's engine, compose and buildx), and start it
#   engine.sh env     print the variables that lead a docker command to it (for eval)
#   engine.sh stop    end it by its process id, and take back what it changed in the host's network
#
# Binaries, images, socket and log stay in ENGINE_DIR (outside the checkout, kept for the next time); nothing is written
# to the home folder or to /var/lib/docker. Only runc, iptables, iproute2, tini and mmdebstrap are
# installed as packages; none of them brings a system service.
set -euo pipefail
dir=${ENGINE_DIR:-/var/tmp/messaging-lab-engine}
binaries=$dir/root pid_file=$dir/run/dockerd.pid network_before=$dir/run/network_before
export PATH=$binaries/usr/bin:$binaries/usr/sbin:$PATH:/usr/sbin:/sbin DOCKER_HOST=unix://$dir/run/docker.sock DOCKER_CONFIG=$dir/config
unset DOCKER_CONTEXT

refuse() { echo "engine: $*" >&2; exit 69; }
answers() { timeout 10 docker version >/dev/null 2>&1; }
dockerd_lives() { # a zombie, left by a killed engine until process 1 reaps it, does not count
  [ -s "$pid_file" ] && grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$(cat "$pid_file" 2>/dev/null)/status"
}

install() {
  . /etc/os-release
  [ "$(id -u)" = 0 ] || refuse "only root can start an engine here; start Docker yourself, or run the tests as root"
  [ "${ID:-}" = debian ] || refuse "this is ${PRETTY_NAME:-not Debian}; only Debian's packages are known here. Install Docker yourself"
  mkdir -p "$dir"/{debs,root,run,data,config/cli-plugins,apt/{lists/partial,parts,cache/archives/partial}}
  [ -x "$binaries/usr/sbin/dockerd" ] && return
  export DEBIAN_FRONTEND=noninteractive
  local packages=(runc iptables iproute2 tini mmdebstrap ca-certificates)
  if ! dpkg-query -W -f '${db:Status-Status}\n' "${packages[@]}" 2>/dev/null | grep -c '^installed' | grep -qx ${#packages[@]}; then
    apt-get -qq -o DPkg::Lock::Timeout=300 update
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}" >/dev/null
  fi
  # Debian 12's engine is too old for `start_interval`. The machine's own mirror serves Debian 13 too; its packages are
  # unpacked beside the system. runc stays the host's: Debian 13's needs a newer libc than Debian 12 has.
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -1)
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" > "$dir/apt/parts/trixie.list"
  local apt=(-qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$dir/apt/parts" -o Dir::State::lists="$dir/apt/lists"
             -o Dir::Cache="$dir/apt/cache" -o APT::Sandbox::User=root -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  apt-get "${apt[@]}" update
  (cd "$dir/debs" && apt-get "${apt[@]}" download docker.io docker-cli containerd docker-compose docker-buildx)
  for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$binaries"; done
  ln -sf "$(command -v tini-static || command -v tini)" "$binaries/usr/bin/docker-init"
  ln -sf "$binaries"/usr/libexec/docker/cli-plugins/* "$dir/config/cli-plugins/"
  rm -rf "$dir/debs" "$dir/apt"
}

start() {
  install
  answers && { echo "engine: already runs"; return; }
  dockerd_lives && refuse "dockerd $(cat "$pid_file") runs but does not answer; see $dir/run/dockerd.log, or: $0 stop"
  rm -f "$pid_file" "$network_before"
  [ -d /sys/class/net/docker0 ] || # another engine's bridge and rules are left alone
    { iptables -S FORWARD | head -1; cat /proc/sys/net/ipv4/ip_forward; } > "$network_before"
  setsid nohup dockerd -H "$DOCKER_HOST" --data-root "$dir/data" --exec-root "$dir/run/exec" --pidfile "$pid_file" \
    > "$dir/run/dockerd.log" 2>&1 < /dev/null &
  for _ in $(seq 300); do
    answers && { docker version -f 'engine: {{.Server.Version}} answers' ; return; }
    sleep 0.1
  done
  refuse "dockerd did not answer within 30 s: $(tail -3 "$dir/run/dockerd.log")"
}

stop() {
  if dockerd_lives; then
    kill "$(cat "$pid_file")"
    for _ in $(seq 300); do dockerd_lives || break; sleep 0.1; done
    dockerd_lives && refuse "dockerd $(cat "$pid_file") still runs after 30 s"
    echo "engine: stopped"
  else
    echo "engine: was not running"
  fi
  umount "$dir/data" 2>/dev/null || true # a killed engine leaves this bind mount behind
  [ -f "$network_before" ] && restore_network
  rm -f "$pid_file"
}

restore_network() { # what is Docker's by name goes, everything else stays
  local policy forward table
  { read -r policy; read -r forward; } < "$network_before"
  for table in filter nat; do
    iptables -w -t $table -S | grep '^-A' | grep -E 'DOCKER|docker0|br-[0-9a-f]{12}' | grep -v '^-A DOCKER' | sed 's/^-A/-D/' |
      xargs -r -L1 iptables -w -t $table
    for chain in $(iptables -w -t $table -S | sed -n 's/^-N \(DOCKER[^ ]*\)$/\1/p'); do iptables -w -t $table -F "$chain"; done
    for chain in $(iptables -w -t $table -S | sed -n 's/^-N \(DOCKER[^ ]*\)$/\1/p'); do iptables -w -t $table -X "$chain"; done
  done
  iptables -w $policy
  echo "$forward" > /proc/sys/net/ipv4/ip_forward
  for bridge in /sys/class/net/docker0 /sys/class/net/br-????????????; do
    if [ -d "$bridge/bridge" ]; then ip link delete "$(basename "$bridge")"; fi
  done
  rm -f "$network_before"
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  env) echo "export PATH=$binaries/usr/bin:$binaries/usr/sbin:\$PATH DOCKER_HOST=$DOCKER_HOST DOCKER_CONFIG=$DOCKER_CONFIG; unset DOCKER_CONTEXT" ;;
  *) echo "usage: $0 start|stop|env" >&2; exit 64 ;;
esac
