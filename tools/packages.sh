#!/bin/bash
# Sourced by ./run and ./test: makes sure that this is Debian and that the packages they need are installed.
# As a program (tools/packages.sh PACKAGE...) it does the same; Containerfile uses that.

packages_run="cmake ninja-build clang lld llvm python3 qemu-system-arm"
packages_ports="make tcl libc6-dev"
packages_test="$packages_run $packages_ports libclang-rt-dev python3-pexpect"
packages_model="spin gcc"
packages_gdb="gdb-multiarch"

# need_packages PACKAGE...: install those that are missing; says which.
need_packages() {
    local id='' version='' package missing=() as_root=()
    if [ -r /etc/os-release ]; then
        id=$(. /etc/os-release && echo "${ID-}")
        version=$(. /etc/os-release && echo "${VERSION_ID-}")
    fi
    if [ "$id" != debian ]; then
        echo "This host is not Debian: use the container, 'podman build -t shoal . && podman run --rm -it -v \"\$PWD\":/shoal" \
            "shoal ./run' (docker takes the same arguments)." >&2
        return 1
    fi
    [ "$version" = 12 ] || echo "This is Debian ${version:-without a number}; Shoal is built and tested on Debian 12." >&2
    for package; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing missing Debian packages: ${missing[*]}" >&2
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Neither root nor sudo: run as root 'apt-get install --no-install-recommends ${missing[*]}'." >&2
            return 1
        fi
        as_root=(sudo)
    fi
    local get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    local install=("${get[@]}" install --no-install-recommends "${missing[@]}")
    # Package lists may be absent, as in a container, or older than what the archive holds: then update once, and retry.
    if ! "${install[@]}" >/dev/null 2>&1; then
        "${get[@]}" update >&2 && "${install[@]}" >&2 || {
            echo "apt-get could not install: ${missing[*]}" >&2
            return 1
        }
    fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    need_packages "$@"
fi
