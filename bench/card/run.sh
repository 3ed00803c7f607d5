#!/bin/sh
# Runs the parts on this machine's GPU, with what lies in this folder alone.
here=$(cd "$(dirname "$0")" && pwd) || exit 1

# Node lies here compressed; where the folder cannot be written to, it is unpacked elsewhere.
home=$here
[ -w "$here" ] || home=${TMPDIR:-/tmp}/lstm-webgpu-card-$(id -u)
node=$home/node
if [ ! -x "$node" ]; then
  mkdir -p "$home" && gzip -dc "$here/node.gz" > "$node.part" && chmod +x "$node.part" && mv "$node.part" "$node" || exit 1
fi

# The system's own Vulkan loader is preferred.
LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib
if PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'; then
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH%"$here/lib"}
fi
export LD_LIBRARY_PATH

exec "$node" "$here/main.js" "$@"
