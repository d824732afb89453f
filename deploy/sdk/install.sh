#!/usr/bin/env bash
# Installs what plugin authors compile against: the headers, their module map and the pkg-config file.
#
#   deploy/sdk/install.sh [PREFIX]      default /usr/local; DESTDIR is put before it
set -euo pipefail
cd "$(dirname "$0")"

prefix="${1:-/usr/local}"
root="${DESTDIR:-}$prefix"
headers=../../Sources/PluginAPI/include

number() { sed -n "s/^#define VMCP_ABI_$1 \([0-9]*\).*/\1/p" "$headers/vmcp_plugin.h"; }
abi="$(number MAJOR).$(number MINOR)"

install -d "$root/include/vmcp" "$root/lib/pkgconfig"
install -m 0644 "$headers"/*.h module.modulemap "$root/include/vmcp/"
sed -e "s|@PREFIX@|$prefix|" -e "s|@ABI@|$abi|" vmcp-plugin.pc.in >"$root/lib/pkgconfig/vmcp-plugin.pc"
chmod 0644 "$root/lib/pkgconfig/vmcp-plugin.pc"
echo "Installed the headers of plugin ABI $abi in $root/include/vmcp"
