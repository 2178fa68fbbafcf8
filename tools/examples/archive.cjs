// archive.cjs DOOR KEY BROKER FILE - keep all that ever happened in a file, a JSON object a line.
//
// Started again it goes on behind the last whole line.
const { existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } = require('node:fs');
const { Dealer } = require('zeromq');
const { decodeMulti, encode } = require('@msgpack/msgpack');

const [door, key, broker, path] = process.argv.slice(2);
const read = (name) => readFileSync(name, 'utf8').trim();
const bot = new Dealer({ curvePublicKey: read(`${key}.public`), curveSecretKey: read(`${key}.secret`),
    curveServerKey: read(broker) });
bot.connect(door);
const HELLO = 1, OTHER = 2;
const FIELDS = ['type', 'seq', 'time', 'room', 'account', 'body'];
let last = goOn(), sent = Promise.resolve();
const archive = openSync(path, 'a');
const call = (type, body, number = OTHER) =>
    (sent = sent.then(() => bot.send(encode(['call', number, type, body]))));

/** The sequence of the last whole line; what follows that line is cut off. */
function goOn() {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text)
        truncateSync(path, Buffer.byteLength(whole));
    return whole === '' ? 0 : JSON.parse(whole.trimEnd().split('\n').at(-1)).seq;
}

async function hear([kind, ...rest], lines) {
    if (kind === 'answer' && rest[1] === 'unauthenticated') { // a new broker, or one that forgot us
        await call('bot.hello', {}, HELLO);
    } else if (kind === 'answer' && rest[0] === 0) {          // a knock: yes, here
        await call('bus.ping', {});
    } else if (kind === 'answer' && rest[0] === HELLO && rest[1] === 'ok') {
        await call('bot.follow', { after: last });
    } else if (kind === 'event' && rest[1] > last) {
        lines.push(`${JSON.stringify(Object.fromEntries(FIELDS.map((name, i) => [name, rest[i]])))}\n`);
        last = rest[1];
    }
}

async function run() {
    setInterval(() => void call('bus.ping', {}), 20_000);
    await call('bot.hello', {}, HELLO);
    for await (const [message] of bot) {
        const lines = [];
        for (const heard of decodeMulti(message))
            await hear(heard, lines);
        if (lines.length === 0)
            continue;
        writeSync(archive, lines.join(''));
        fsyncSync(archive);
        await call('bot.ack', { seq: last });
    }
}
run();
