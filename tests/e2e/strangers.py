#!/usr/bin/env python3
"""strangers.py HOST PORT BROKER_KEY COUNT - knock at a door for bots with keys of nobody's.

Speaks CURVE (ZeroMQ RFC 26) by itself, on sockets of its own, so that a hundred thousand are soon
done, and so that some can do what no library would: every eighth stranger breaks off or says
something else, in one of several ways.  Prints a JSON object: how many there were of each kind.
Exits with 1 if one that should be refused with 400 was not.
"""
import collections, ctypes, itertools, json, os, socket, sys, threading, time

AT_ONCE = 8
ODD_EVERY = 8
PATIENCE_S = 60
LATE = 5  # tries of one that the server had no time for

sodium = ctypes.CDLL("libsodium.so.23")
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + bytes(32)
METADATA = b"\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0"
COOKIE, KEY, MAC = 96, 32, 16


def decode(text):
    """Z85 (ZeroMQ RFC 32)."""
    numbers = (sum(Z85.index(c) * 85 ** (4 - i) for i, c in enumerate(text[at:at + 5]))
               for at in range(0, len(text), 5))
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def pair():
    public, secret = ctypes.create_string_buffer(KEY), ctypes.create_string_buffer(KEY)
    sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


class Box:
    """What is between two keys."""

    def __init__(self, theirs, mine):
        self.key = ctypes.create_string_buffer(KEY)
        sodium.crypto_box_beforenm(self.key, theirs, mine)

    def shut(self, nonce, text):
        out = ctypes.create_string_buffer(len(text) + MAC)
        sodium.crypto_box_easy_afternm(out, text, ctypes.c_ulonglong(len(text)), nonce, self.key)
        return out.raw

    def open(self, nonce, text):
        out = ctypes.create_string_buffer(len(text) - MAC)
        if sodium.crypto_box_open_easy_afternm(out, text, ctypes.c_ulonglong(len(text)), nonce, self.key):
            raise ValueError("a box that does not open")
        return out.raw


class Stranger:
    def __init__(self, place, broker):
        self.broker = broker
        self.socket = socket.create_connection(place, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, command):
        long = len(command) > 255
        size = len(command).to_bytes(8 if long else 1, "big")
        self.socket.sendall((b"\x06" if long else b"\x04") + size + command)

    def take(self, count):
        out = b""
        while len(out) < count:
            more = self.socket.recv(count - len(out))
            if not more:
                raise ConnectionError("closed")
            out += more
        return out

    def hear(self):
        long = self.take(1) == b"\x06"
        return self.take(int.from_bytes(self.take(8 if long else 1), "big"))

    def greet(self):
        self.socket.sendall(GREETING)
        self.take(len(GREETING))

    def hello(self, key=None):
        self.public, self.secret = pair()
        box = Box(self.broker, self.secret).shut(b"CurveZMQHELLO---" + bytes(7) + b"\1", bytes(64))
        self.say(b"\x05HELLO\1\0" + bytes(72) + (key or self.public) + bytes(7) + b"\1" + box)

    def welcome(self):
        words = self.hear()
        assert words[:8] == b"\x07WELCOME", words
        text = Box(self.broker, self.secret).open(b"WELCOME-" + words[8:24], words[24:])
        return text[:KEY], text[KEY:]

    def initiate(self, server, cookie, own):
        public, secret = own
        nonce = os.urandom(16)
        vouch = Box(server, secret).shut(b"VOUCH---" + nonce, self.public + self.broker)
        text = public + nonce + vouch + METADATA
        box = Box(server, self.secret).shut(b"CurveZMQINITIATE" + bytes(7) + b"\2", text)
        self.say(b"\x08INITIATE" + cookie + bytes(7) + b"\2" + box)


def come_to_initiate(stranger):
    stranger.greet()
    stranger.hello()
    return stranger.welcome()


def refused(stranger, own):
    """The whole handshake: its end is an ERROR that says 400."""
    server, cookie = come_to_initiate(stranger)
    stranger.initiate(server, cookie, own)
    words = stranger.hear()
    if words != b"\x05ERROR\x03400":
        raise AssertionError(f"not refused: {words}")


# ---- those that do something else; what the server makes of it is its own affair ----

def zero_key(stranger, own):
    stranger.greet()
    stranger.hello(bytes(KEY))


def old_cookie(stranger, own):
    server, cookie = come_to_initiate(stranger)
    stranger.initiate(server, bytes(COOKIE), own)


def garbled(stranger, own):
    come_to_initiate(stranger)
    stranger.say(b"\x08INITIATE" + os.urandom(400))


def no_greeting(stranger, own):
    stranger.socket.sendall(b"GET / HTTP/1.1\r\nHost: bots\r\n\r\n")


def no_words(stranger, own):
    stranger.greet()


def leaves(stranger, own):
    stranger.greet()
    stranger.hello()


def endless(stranger, own):
    stranger.greet()
    stranger.socket.sendall(b"\x06" + b"\xff" * 8)


ODD = (zero_key, old_cookie, garbled, no_greeting, no_words, leaves, endless)


def knock(place, broker, number, own):
    """One stranger; the name of its kind."""
    odd = ODD[number // ODD_EVERY % len(ODD)] if number % ODD_EVERY == 0 else None
    for attempt in range(LATE):
        stranger = Stranger(place, broker)
        try:
            (odd or refused)(stranger, own)
            return (odd or refused).__name__
        except (ConnectionError, socket.timeout):
            if odd is not None:
                return odd.__name__
            time.sleep(attempt)
        finally:
            stranger.socket.close()
    raise AssertionError("no answer")


def main():
    place, broker = (sys.argv[1], int(sys.argv[2])), decode(open(sys.argv[3]).read().strip())
    numbers = itertools.count(1)
    count, met, faults = int(sys.argv[4]), [], []

    def work():
        own = pair()
        try:
            while (number := next(numbers)) <= count and not faults:
                met.append(knock(place, broker, number, own))
        except Exception as fault:
            faults.append(repr(fault))

    workers = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"kinds": collections.Counter(met), "faults": faults}))
    return 1 if faults else 0


sys.exit(main())
