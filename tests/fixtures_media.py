"""Cameras and streams that misbehave on purpose. The capture child opens `fake_camera` by name; its number is the script."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import socket
import threading
import time
import zlib

import numpy as np

from explorer.host.process import ChildSpec
from explorer.picture.opencv import cv2

GOOD, UNPLUGGED, RAISES, BLOCKS, ODD, FROZEN, FAST, ABSENT, SILENT, CRASHES, NO_RATE, RESIZED = range(12)
DARK, OBLIGING, ALONE, STALLS, DEAF, LECTURE, LOOSE, BREAKFAST = range(12, 20)
FAKE = ChildSpec("explorer.host.capture_child:main", {"opener": "fixtures_media:fake_camera", "frozen_s": 0.5})
DEVICE = "EXPLORER_TEST_DEVICE"  # the file that stands for a camera which only one process may hold
LECTURE_SIZE, LECTURE_FPS = (1280, 720), 30.0
LOOSE_S = 3.0  # how long a loose plug holds
opened = {}


def stamped(number, height=48, width=64):
    """A BGR picture that carries its number and a checksum over everything, so that a torn one is noticed."""
    picture = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
    flat = picture.reshape(-1)
    flat[:4] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
    flat[-4:] = np.frombuffer(zlib.crc32(flat[:-4].tobytes()).to_bytes(4, "little"), np.uint8)
    return picture


def stamp_of(rgb):
    """The number of a stamped picture, or None if it is torn."""
    flat = np.ascontiguousarray(rgb[:, :, ::-1]).reshape(-1)
    if zlib.crc32(flat[:-4]) != int.from_bytes(flat[-4:].tobytes(), "little"):
        return None
    return int.from_bytes(flat[:4].tobytes(), "little")


class FakeCapture:
    """A scripted cv2.VideoCapture; asserts that one thread does everything."""

    def __init__(self, script):
        self.script = script
        self.thread = threading.get_ident()
        self.number = 0
        opened[script] = self.life = opened.get(script, 0) + 1
        self.asked = {}
        self.since = time.monotonic()
        self.device = held_alone(os.environ[DEVICE]) if script == ALONE else None
        if script == DEAF:
            time.sleep(600)

    def isOpened(self):  # cv2's own name
        return self.script != ABSENT and not (self.script == ALONE and self.device is None)

    def get(self, prop):
        if prop == cv2.CAP_PROP_FPS:
            if self.script in (LECTURE, LOOSE, BREAKFAST):
                return LECTURE_FPS
            return {NO_RATE: math.nan, FAST: 1e9}.get(self.script, 30.0)
        return -9.22e18

    def set(self, prop, value):
        assert threading.get_ident() == self.thread, "asked by another thread"
        self.asked[prop] = value
        return self.script == OBLIGING

    def release(self):
        assert threading.get_ident() == self.thread, "released by another thread"
        if self.device is not None:
            os.close(self.device)

    def read(self):
        assert threading.get_ident() == self.thread, "read by another thread"
        self.number += 1
        number, script = self.number, self.script
        if script in (LECTURE, LOOSE, BREAKFAST):
            if script == LOOSE and time.monotonic() - self.since > LOOSE_S:
                return False, None
            time.sleep(max(0.0, self.since + number / LECTURE_FPS - time.monotonic()))
            return True, breakfast(number) if script == BREAKFAST else lecture(number)
        time.sleep(1 / 240 if script == FAST else 1 / 60)
        if script in (UNPLUGGED, RAISES) and self.life == 1 and number > 37:
            if script == RAISES:
                raise cv2.error("planted")
            return False, None
        if script == BLOCKS and number > 5:
            time.sleep(600)
        if script == SILENT:
            return False, None
        if script == DARK:
            return True, np.random.default_rng(number).integers(0, 5, (48, 64, 3), dtype=np.uint8)
        if script == OBLIGING:
            size = (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
            return True, stamped(number, *(int(self.asked.get(prop, 8)) for prop in size))
        if script == STALLS and number > 10 and self.life == 1:  # hangs, then gives up; absent for a while; then well again
            time.sleep(2.5)
            return False, None
        if script == STALLS and self.life == 2:
            raise cv2.error("planted")
        if script == CRASHES and number > 10:
            ctypes.string_at(0)
        if script == FROZEN:
            return True, stamped(7)
        if script == FAST:
            return True, stamped(number, 360, 480)
        if script == RESIZED:
            return True, stamped(number) if number < 10 else stamped(number, 96, 128)
        if script == ODD:
            return True, odd(number)
        return True, stamped(number)


def odd(number):
    grey = np.full((48, 64), 90 + number % 2, np.uint8)
    return [
        None,
        np.zeros((0, 0, 3), np.uint8),
        grey,
        np.dstack([grey, grey, grey, np.full_like(grey, 255)]),
        grey.astype(np.uint16) * 257,
        grey.astype(np.float32) / 255,
        np.dstack([grey] * 3)[::-1],
    ][number % 7]


def lecture(number, base=[]):  # noqa: B006 - made once in a process
    """A stamped 720p picture, quickly: the same noise every time but for its number and the checksum."""
    if not base:
        base.append(np.random.default_rng(0).integers(0, 256, (*LECTURE_SIZE[::-1], 3), dtype=np.uint8))
    return restamped(base[0], number)


def breakfast(number, base=[]):  # noqa: B006
    """A stamped 720p picture with objects that a detector knows: a view that wanders over the cup of coffee."""
    if not base:
        import skimage.data

        base.append(cv2.cvtColor(cv2.resize(skimage.data.coffee(), (1500, 1000)), cv2.COLOR_RGB2BGR))
    wide, high = LECTURE_SIZE
    left, top = number * 2 % (1500 - wide), number * 3 % (1000 - high)
    return restamped(np.ascontiguousarray(base[0][top : top + high, left : left + wide]), number)


def restamped(picture, number):
    flat = picture.reshape(-1)
    flat[:4] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
    flat[-4:] = np.frombuffer(zlib.crc32(flat[:-4]).to_bytes(4, "little"), np.uint8)
    return picture


def held_alone(path):
    """A file descriptor that locks the file at `path`, None if somebody else does. The system lets go with the process."""
    import fcntl

    device = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(device)
        return None
    return device


def fake_camera(index):
    return FakeCapture(index)


class MjpegServer:
    """A loopback server of motion JPEG. `mode`: good, stalls, closes, half (of a frame, then closes), mute (never answers),
    guarded (wants a name and a password, then closes)."""

    def __init__(self, mode, frames=20):
        self.mode = mode
        self.frames = frames
        self.stop = threading.Event()
        self.connections = 0
        self.heard = b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/video.mjpg"
        self.threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def _accept(self):
        while not self.stop.is_set():
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            self._speak(connection)

    def _speak(self, connection):
        request = connection.recv(4096)
        self.heard += request
        if self.mode == "guarded" and b"Authorization:" not in request:
            connection.sendall(b'HTTP/1.0 401 No\r\nWWW-Authenticate: Basic realm="cam"\r\nContent-Length: 0\r\n\r\n')
            return
        if self.mode == "mute":
            self.stop.wait()
            return
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
        for number in range(10**9):
            if self.stop.is_set():
                return
            if number == self.frames and self.mode == "stalls":
                self.stop.wait()
                return
            jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), number * 7 % 256, np.uint8))[1].tobytes()
            if number == self.frames and self.mode in ("closes", "guarded"):
                return
            if number == self.frames and self.mode == "half":
                jpeg = jpeg[: len(jpeg) // 2]
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            connection.sendall(head.encode() + jpeg + b"\r\n")
            if number == self.frames and self.mode == "half":
                return
            self.stop.wait(0.02)


def crashing_capture(link):
    """The capture child with a video decoder that dies at frame 10."""
    from explorer.host import capture_child
    from explorer.picture.film import Film

    decode = Film.next

    def crash(film):
        if film.index == 9:
            ctypes.string_at(0)
        return decode(film)

    Film.next = crash
    capture_child.main(link)
