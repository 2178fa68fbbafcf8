// echo.cjs DOOR KEY BROKER - say again what follows /echo, in all rooms that the bot is in.
const { readFileSync } = require('node:fs');
const { Dealer } = require('zeromq');
const { decodeMulti, encode } = require('@msgpack/msgpack');

const [door, key, broker] = process.argv.slice(2);
const read = (name) => readFileSync(name, 'utf8').trim();
const bot = new Dealer({ curvePublicKey: read(`${key}.public`), curveSecretKey: read(`${key}.secret`),
    curveServerKey: read(broker) });
bot.connect(door);
const HELLO = 1, OTHER = 2;
let last = null, sent = Promise.resolve();
const call = (type, body, number = OTHER) =>
    (sent = sent.then(() => bot.send(encode(['call', number, type, body]))));

async function hear([kind, ...rest]) {
    if (kind === 'answer' && rest[1] === 'unauthenticated') { // a new broker, or one that forgot us
        await call('bot.hello', {}, HELLO);
    } else if (kind === 'answer' && rest[0] === HELLO && rest[1] === 'ok') {
        last ??= rest[3].head;
        await call('bot.follow', { after: last, types: 'bot.called' });
    } else if (kind === 'event') {
        last = rest[1];
        const { command, words, message: { room } } = rest[5];
        if (command === 'echo' && words)
            await call('room.post', { room, text: words, client_id: `echo-${last}` });
        await call('bot.ack', { seq: last });
    }
}

async function run() {
    setInterval(() => void call('bus.ping', {}), 20_000);
    await call('bot.hello', {}, HELLO);
    for await (const [message] of bot)
        for (const heard of decodeMulti(message))
            await hear(heard);
}
run();
