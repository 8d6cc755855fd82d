"""
Delays what a machine sends, where the kernel cannot: takes the frames that are diverted to a device which it makes, and sends
each, so much later, by the interface that it was meant for.

    python3 delayFrames.py DEVICE INTERFACE DELAY_MS FRAMES_MAX

The device ends with the program. Frames that come in when FRAMES_MAX are waiting are dropped, as a full queue does.
"""
import collections
import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
SOL_PACKET = 263
PACKET_QDISC_BYPASS = 20
FRAME_BYTES_MAX = 65536

device, interface, delay_ms, frames_max = sys.argv[1:5]
delay = float(delay_ms) / 1000

tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22s", device.encode(), IFF_TAP | IFF_NO_PI, b""))

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
# Else the frames would be diverted once more.
out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
out.bind((interface, 0))

subprocess.check_call(["ip", "link", "set", device, "up"])

waiting = collections.deque()
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        try:
            out.send(waiting.popleft()[1])
        except OSError as error:
            # The interface is down or its queue is full: the frame is lost, as on any wire.
            if error.errno not in (errno.ENOBUFS, errno.ENETDOWN, errno.EMSGSIZE):
                raise
    ready, _, _ = select.select([tap], [], [], max(0, waiting[0][0] - now) if waiting else None)
    if ready:
        try:
            while True:
                frame = os.read(tap, FRAME_BYTES_MAX)
                if len(waiting) < int(frames_max):
                    waiting.append((time.monotonic() + delay, frame))
        except BlockingIOError:
            pass
