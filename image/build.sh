#!/usr/bin/env bash
# Builds the container image of Lighter, without Docker and without a base image: its files are Debian's C library and
# Java runtime, libdeflate, and the program. Needs what e2e/tools.sh installs, root (or user namespaces), and the Debian
# mirror that this machine itself uses. Called by the launcher, which has the program built:
#
#   ./lighter image [--platform linux/amd64,linux/arm64] [--output FILE]
#
# The result is one archive that `docker load`, `podman load`, `ctr images import` and `skopeo copy oci-archive:` read.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=$(dirname "$here")
built=$home/registry-server/target/lighter
target=$home/image/target
suite=trixie

fail() {
  echo "image: $*" >&2
  exit 1
}

own=linux/$(dpkg --print-architecture)
platforms=linux/amd64,linux/arm64
output=
while [[ $# -gt 0 ]]; do
  case $1 in
    --platform) platforms=${2:?--platform wants linux/amd64, linux/arm64 or both} ;;
    --output) output=${2:?--output wants a file} ;;
    *) fail "unknown option $1; allowed: --platform linux/amd64,linux/arm64, --output FILE" ;;
  esac
  shift 2
done
[[ $platforms =~ ^linux/(amd64|arm64)(,linux/(amd64|arm64))?$ ]] || fail "--platform $platforms: allowed are linux/amd64 and linux/arm64"
version=$(sed -n '0,/<version>/s/.*<version>\(.*\)<\/version>.*/\1/p' "$home/pom.xml")
created=$(sed -n 's/.*<project.build.outputTimestamp>\(.*\)<.*/\1/p' "$home/pom.xml")
output=${output:-$target/lighter-$version.tar}
for program in apt-get dpkg-deb python3 readelf unshare curl; do
  command -v "$program" >/dev/null || fail "$program is missing; e2e/tools.sh installs what is needed"
done
as_root=()
[[ $EUID -eq 0 ]] || as_root=(unshare --user --map-root-user)

mkdir -p "$target/packages"
work=$(mktemp -d "$target/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# --- packages ----------------------------------------------------------------------------------------------------

java_packages=(openjdk-25-jdk-headless openjdk-25-jre-headless)
base_packages=(libc6 libc-bin libgcc-s1 libstdc++6 zlib1g libdeflate0)
# For `lighter node`, which restarts what runs on the host.
base_packages+=(util-linux libselinux1 libpcre2-8-0)

# apt with a state of its own: nothing of this machine is changed, and its release does not matter. Signatures are
# checked with the keys of this machine's Debian.
configure_apt() {
  local apt=$target/apt source
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
  for source in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    [[ ! -s $source ]] || break
  done
  [[ -s $source ]] || fail "no Debian mirror is configured on this machine"
  # What names this machine's release names the image's.
  sed -E "s/\b(bookworm|trixie|forky|sid)(-security|-updates)?\b/$suite\2/g" "$source" >"$apt/sources/image.${source##*.}"
  [[ -f $apt/status ]] || : >"$apt/status"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
APT::Architecture "${own#*/}";
APT::Architectures { "amd64"; "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
  export APT_CONFIG=$apt/apt.conf
  apt-get update -qq
}

# What is there already in the version that Debian has now is not fetched again.
fetch() { # PLATFORM PACKAGE...
  local architecture=${1#*/} package
  shift
  (cd "$target/packages" && apt-get download -qq "${@/%/:$architecture}")
  for package; do
    package_file "$architecture" "$package" >/dev/null
  done
}

package_file() { # ARCHITECTURE PACKAGE   the file of the newest version
  local version
  version=$(apt-cache show --no-all-versions "$2:$1" | sed -n 's/^Version: //p' | head -n 1)
  local file=$target/packages/$2_${version/:/%3a}_$1.deb
  [[ -f $file ]] || fail "$file was not downloaded"
  echo "$file"
}

unpack() { # PLATFORM FOLDER PACKAGE...
  local architecture=${1#*/} folder=$2 package
  shift 2
  mkdir -p "$folder"
  for package; do
    dpkg-deb -x "$(package_file "$architecture" "$package")" "$folder"
  done
}

# --- root file systems -------------------------------------------------------------------------------------------

links_of_debian() { # FOLDER   the names by which programs ask for the dynamic linker
  mkdir -p "$1/usr/lib" "$1/usr/lib64"
  ln -sfn usr/lib "$1/lib"
  ln -sfn usr/lib64 "$1/lib64"
}

in_root() { # FOLDER COMMAND...   with a /proc, without which Java does not find itself
  local folder=$1
  shift
  mkdir -p "$folder/proc"
  # shellcheck disable=SC2016 # for the inner shell
  "${as_root[@]}" unshare --mount --propagation private sh -ec '
    mount --rbind /proc "$0/proc"
    exec chroot "$0" "$@"' "$folder" "$@"
}

modules=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.jcmd,jdk.jfr,jdk.management,jdk.unsupported

# jlink of this machine's platform puts together runtimes for both.
link_runtimes() {
  local tools=$work/tools platform
  unpack "$own" "$tools" "${java_packages[@]}" "${base_packages[@]}"
  links_of_debian "$tools"
  mkdir -p "$tools/tmp"
  for platform in ${platforms//,/ }; do
    local modules_of=$tools/modules-${platform#*/}
    if [[ $platform == "$own" ]]; then
      modules_of=$(echo "$tools"/usr/lib/jvm/java-25-openjdk-*)
    else
      unpack "$platform" "$work/other" openjdk-25-jdk-headless
      mkdir "$modules_of"
      mv "$work"/other/usr/lib/jvm/java-25-openjdk-*/jmods "$modules_of/"
    fi
    in_root "$tools" "/usr/lib/jvm/java-25-openjdk-${own#*/}/bin/jlink" --module-path "${modules_of#"$tools"}/jmods" \
      --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-0 \
      --output "/runtime-${platform#*/}"
    mkdir -p "$work/${platform#*/}/lighter"
    mv "$tools/runtime-${platform#*/}" "$work/${platform#*/}/lighter/runtime"
    rm "$work/${platform#*/}/lighter/runtime/bin/"{jfr,jps,jstat,keytool}
  done
}

needed() { # FILE...   the libraries that they name
  readelf -d "$@" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | sort -u
}

# Of Debian's packages only the libraries that something here asks for.
add_libraries() { # ROOT PACKAGES_FOLDER
  local root=$1 from=$2 triplet name file waiting found
  triplet=$(basename "$(dirname "$(find "$from/usr/lib" -name libc.so.6)")")
  mkdir -p "$root/usr/lib/$triplet"
  waiting=$(needed "$root/lighter/runtime/bin/java" "$root"/lighter/runtime/lib/*.so "$root"/lighter/runtime/lib/server/*.so \
    "$root"/lighter/lib/*.so "$root/usr/bin/nsenter")
  waiting+=$'\nlibdeflate.so.0'
  while [[ -n $waiting ]]; do
    found=()
    for name in $waiting; do
      if [[ -e $root/usr/lib/$triplet/$name ]] || [[ -n $(find "$root/lighter/runtime/lib" -name "$name") ]]; then
        continue
      fi
      file=$(readlink -e "$from/usr/lib/$triplet/$name" || readlink -e "$from/usr/lib/$name" || readlink -e "$from/usr/lib64/$name" || true)
      [[ -n $file ]] || fail "no package here has $name"
      cp "$file" "$root/usr/lib/$triplet/$name"
      found+=("$root/usr/lib/$triplet/$name")
    done
    waiting=
    [[ ${#found[@]} -eq 0 ]] || waiting=$(needed "${found[@]}")
  done
  case $triplet in
    x86_64-*) ln -s ../lib/"$triplet"/ld-linux-x86-64.so.2 "$root/usr/lib64/ld-linux-x86-64.so.2" ;;
    aarch64-*) ln -s "$triplet"/ld-linux-aarch64.so.1 "$root/usr/lib/ld-linux-aarch64.so.1" ;;
  esac
  chmod +x "$root/usr/lib/$triplet"/ld-linux-*
}

# What scanners read to know which versions are inside, and the licences.
add_papers() { # PLATFORM ROOT PACKAGES_FOLDER
  local architecture=${1#*/} root=$2 package file
  mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc"
  for package in "${base_packages[@]}" openjdk-25-jre-headless; do
    file=$(package_file "$architecture" "$package")
    dpkg-deb -f "$file" >"$root/var/lib/dpkg/status.d/$package"
    mkdir -p "$root/usr/share/doc/$package"
    dpkg-deb --fsys-tarfile "$file" | tar -xO --wildcards './usr/share/doc/*/copyright' >"$root/usr/share/doc/$package/copyright" 2>/dev/null ||
      rm -r "$root/usr/share/doc/$package"
  done
  cp "$home/LICENSE" "$root/lighter/LICENSE"
}

make_root() { # PLATFORM
  local root=$work/${1#*/} packages=$work/packages-${1#*/}
  unpack "$1" "$packages" "${base_packages[@]}"
  python3 "$here/program.py" "$1" "$built" "$root/lighter"
  cp "$here/java.options" "$root/lighter/"
  links_of_debian "$root"
  mkdir -p "$root/usr/bin"
  cp "$packages/usr/bin/nsenter" "$root/usr/bin/"
  add_libraries "$root" "$packages"
  add_papers "$1" "$root" "$packages"
  cp -r "$here/etc" "$root/etc"
  mkdir -p "$root/usr/lib/locale" "$root/tmp" "$root/var/lib/lighter" "$root/proc" "$root/dev" "$root/sys"
  cp -r "$packages/usr/lib/locale/C.utf8" "$root/usr/lib/locale/"
  # The JVM takes an AOT cache only if the jars have the time that they had in training.
  find "$root" -exec touch -h -d "$created" {} +
}

configure_apt
for platform in ${platforms//,/ }; do
  fetch "$platform" "${base_packages[@]}" "${java_packages[@]}"
done
[[ ,$platforms, == *,$own,* ]] || fetch "$own" "${base_packages[@]}" "${java_packages[@]}"
link_runtimes
roots=()
for platform in ${platforms//,/ }; do
  make_root "$platform"
  roots+=("$platform=$work/${platform#*/}")
done
# shellcheck source=image/train.sh
. "$here/train.sh"
for platform in ${platforms//,/ }; do
  train "$platform" "$work/${platform#*/}"
done
mkdir -p "$(dirname "$output")"
python3 "$here/pack.py" --name "lighter:$version" --created "$created" --output "$output" "${roots[@]}"
