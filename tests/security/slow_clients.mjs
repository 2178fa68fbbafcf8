// slow_clients.mjs - a process of clients that never finish what they say: a byte every other
// second.  The parent tells where and how many; it is told how each kind has ended, when all have.
//
// Kinds: `head` of a request; `body` of one; `frame`, a WebSocket's message behind its handshake.

import { connect } from 'node:net';

const BYTE_EVERY_MS = 2000;
const OPEN_AT_ONCE = 200;

const upgrade = (token) => [`GET /v1/ws?token=${token} HTTP/1.1`, 'Host: x', 'Upgrade: websocket',
    'Connection: Upgrade', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${'A'.repeat(22)}==`, '', ''];

/** What each says at once, and what it goes on with. */
const kinds = {
    head: () => ({ first: 'GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ', byte: 'x' }),
    body: () => ({
        first: 'POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 250000\r\n\r\n{', byte: ' ',
    }),
    frame: (token) => ({ // 60,000 bytes are announced, behind a mask of zeros
        first: Buffer.concat([Buffer.from(upgrade(token).join('\r\n')),
            Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]), Buffer.from('{')]),
        byte: ' ',
    }),
};

/** One of them: {ms, said} when the server has ended it. */
function dawdle(port, { first, byte }, opened) {
    return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        const begun = Date.now();
        let text = '';
        let timer;
        socket.on('connect', () => {
            opened();
            socket.write(first);
            timer = setInterval(() => socket.write(byte), BYTE_EVERY_MS);
        });
        socket.on('data', (bytes) => { text += bytes.toString('latin1'); });
        socket.on('error', () => {});
        socket.on('close', () => {
            clearInterval(timer);
            resolve({ ms: Date.now() - begun, text });
        });
    });
}

/** So many of a kind, some at once. */
async function dawdleAll(port, kind, count, token) {
    const ends = [];
    while (ends.length < count) {
        const batch = Math.min(OPEN_AT_ONCE, count - ends.length);
        await Promise.all(Array.from({ length: batch }, () => new Promise((opened) => {
            ends.push(dawdle(port, kinds[kind](token), opened));
        })));
    }
    process.send({ open: count });
    return Promise.all(ends);
}

function summary(ends) {
    const times = ends.map(({ ms }) => ms).sort((a, b) => a - b);
    const told = ends.filter(({ text }) => /^HTTP\/1\.1 (408|503)|took too long/.test(text));
    return { count: ends.length, first: times[0], last: times.at(-1), told: told.length };
}

process.on('message', async ({ port, kind, count, token }) => {
    process.send({ done: summary(await dawdleAll(port, kind, count, token)) });
    process.disconnect();
});
