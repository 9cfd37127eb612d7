#!/bin/bash
# Build stand-ins for the upstream images, under their own names, from Debian and Maven packages only: for machines
# that reach package mirrors but no image registry. Needs a running engine (engine.sh) and, for Kafka's jars, mvn.
#
# One folder a stand-in, under stand_ins/: `tags` (the names that it answers to), `Dockerfile`, and, where the image needs
# something from outside, `prepare CONTEXT CACHE`. Safe to run twice: layers, jars and the base image are kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${ENGINE_DIR:-/var/tmp/messaging-lab-engine}/cache
mkdir -p "$cache"
work=$(mktemp -d "$cache/context.XXXXXX")
trap 'rm -rf "$work"' EXIT
began=$SECONDS
tell() { echo "stand-ins: $* ($((SECONDS - began)) s)"; }

base_image() { # apt's lists stay in it, so that no stand-in needs `apt-get update`
  docker image inspect stand-in/base:trixie >/dev/null 2>&1 && return
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -1)
  mmdebstrap -q --variant=minbase --include=ca-certificates --skip=cleanup/apt/lists \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --customize-hook="python3 '$here/host_ca.py' \"\$1\"" --customize-hook='chroot "$1" update-ca-certificates >/dev/null 2>&1' \
    --customize-hook='rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/*' \
    --customize-hook='printf "path-exclude=/usr/share/%s/*\n" doc man locale > "$1"/etc/dpkg/dpkg.cfg.d/small' \
    --customize-hook='printf "#!/bin/sh\nexit 101\n" > "$1"/usr/sbin/policy-rc.d; chmod 755 "$1"/usr/sbin/policy-rc.d' \
    trixie - "$mirror" | docker import - stand-in/base:trixie >/dev/null
}

build() { # one stand-in, by the name of its folder
  local context=$work/$1 tags=() tag
  while read -r tag; do tags+=(-t "$tag"); done < "$here/stand_ins/$1/tags"
  if ! docker build --progress=plain --label stand-in="$1" "${tags[@]}" "$context" > "$work/$1.log" 2>&1; then
    cat "$work/$1.log" >&2
    exit 1
  fi
  tell "$1 built: ${tags[*]}"
}

cp -r "$here/stand_ins/." "$work/"
preparing=()
for prepare in "$here"/stand_ins/*/prepare; do # beside the base image: Maven takes as long as Debian does
  "$prepare" "$work/$(basename "$(dirname "$prepare")")" "$cache" & preparing+=($!)
done
base_image
tell "base image ready"
for pid in "${preparing[@]}"; do wait "$pid"; done
tell "contexts ready"
for folder in "$here"/stand_ins/*/; do build "$(basename "$folder")"; done
docker image prune --force >/dev/null # what was built before under the same names
