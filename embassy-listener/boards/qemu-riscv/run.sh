#!/bin/sh
# run.sh FIRMWARE
#
# Boots the firmware in QEMU. Its port 80 is the port PORT (8080, unless set) of this machine's loopback.
port=${PORT:-8080}
echo "when it is ready: http://127.0.0.1:$port/"
exec qemu-system-riscv32 -M virt -m 8M -bios none -display none -monitor none -serial stdio \
    -global virtio-mmio.force-legacy=false -device virtio-net-device,netdev=network \
    -netdev "user,id=network,restrict=on,hostfwd=tcp:127.0.0.1:$port-:80" -kernel "$1"
