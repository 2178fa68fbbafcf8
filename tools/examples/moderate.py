#!/usr/bin/env python3
"""moderate.py DOOR KEY BROKER WORD... - let no message pass that has one of the words, and star out what is shouted."""
import sys
import msgpack, zmq

door, key, broker, *words = sys.argv[1:]
bot = zmq.Context.instance().socket(zmq.DEALER)
bot.curve_publickey, bot.curve_secretkey, bot.curve_serverkey = (
    open(name, "rb").read().strip() for name in (key + ".public", key + ".secret", broker))
bot.connect(door)
HELLO, OTHER, JUDGE = 1, 2, 3

def call(type, body, number=OTHER):
    bot.send(msgpack.packb(["call", number, type, body]))

def verdict(text):
    if any(word in text.lower() for word in words):
        return {"verdict": "veto", "reason": "this is not said here"}
    calm = " ".join("*" * len(word) if word.endswith("!!!") else word for word in text.split(" "))
    return {"verdict": "transform", "text": calm} if calm != text else {"verdict": "allow"}

call("bot.hello", {}, HELLO)
while True:
    if not bot.poll(20_000):  # is anybody there?
        call("bus.ping", {})
        continue
    heard = msgpack.Unpacker()
    heard.feed(bot.recv())
    for kind, *rest in heard:
        if kind == "answer" and rest[1] == "unauthenticated":  # a new broker, or one that forgot us
            call("bot.hello", {}, HELLO)
        elif kind == "answer" and rest[0] == 0:  # a knock: yes, here
            call("bus.ping", {})
        elif kind == "answer" and rest[:2] in ([HELLO, "ok"], [JUDGE, "unavailable"]):
            call("bot.judge", {}, JUDGE)
        elif kind == "judge":
            ticket, _, _, _, _, body = rest
            call("bot.verdict", {"ticket": ticket, **verdict(body["text"])}, 0)
