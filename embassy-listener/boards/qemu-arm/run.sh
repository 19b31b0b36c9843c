#!/bin/sh
# run.sh FIRMWARE
#
# Boots the firmware in QEMU. Its port 80 is the port PORT (8080, unless set) of this machine's loopback.
port=${PORT:-8080}
echo "when it is ready: http://127.0.0.1:$port/"
exec qemu-system-arm -M mps2-an385 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native \
    -nic "user,model=lan9118,restrict=on,hostfwd=tcp:127.0.0.1:$port-:80" -kernel "$1"
