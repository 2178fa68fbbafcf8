// Engine.IO and Socket.IO as bytes: what each request gets, and what is wrong ends in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

import { signUp } from './client.mjs';
import { Server } from './server.mjs';

const HEARTBEAT_MS = 400;
const TIMEOUT_MS = 300;

let server;
let scripts; // a server that takes JSONP
let ann;
before(async () => {
    [server, scripts] = await Promise.all([
        Server.start(),
        Server.start({
            settings: {
                'socketio.heartbeat_ms': HEARTBEAT_MS,
                'socketio.heartbeat_timeout_ms': TIMEOUT_MS, 'socketio.jsonp': 'on',
            },
        }),
    ]);
    ann = await signUp(server, 'ann');
});
after(() => Promise.all([server.close(), scripts.close()]));

const address = (query, at = server) =>
    `${at.url}/socket.io/?${new URLSearchParams({ transport: 'polling', ...query })}`;

async function ask(method, query, { body, headers, at } = {}) {
    const reply = await fetch(address(query, at), { method, body, headers });
    return { status: reply.status, type: reply.headers.get('content-type'), reply,
        text: await reply.text() };
}

const get = (query, options) => ask('GET', query, options);
const post = (query, body, options = {}) => ask('POST', query, { body, ...options });

/** A session that polls: {sid, EIO} for further queries, and the rest of its open packet. */
async function handshake(EIO = 4, query = {}, options = {}) {
    const { text } = await get({ EIO, ...query }, options);
    const open = JSON.parse(text.match(/\{.*?\}/)[0]);
    return { sid: open.sid, query: { EIO, sid: open.sid, ...query }, open, text };
}

async function assertFault(promise, code, message, status = 400) {
    const reply = await promise;
    assert.deepEqual([reply.status, JSON.parse(reply.text)], [status, { code, message }]);
}

const assertUnknown = (query, options) =>
    assertFault(get(query, options), 1, 'Session ID unknown');

/** A WebSocket to the engine: frames in, in order, and how it ended. */
class Wire {
    constructor(query, at = server) {
        const url = address({ transport: 'websocket', ...query }, at).replace('http', 'ws');
        this.socket = new WebSocket(url);
        this.frames = [];
        this.opened = new Promise((resolve, reject) => {
            this.socket.once('open', resolve);
            this.socket.once('error', reject);
        });
        this.opened.catch(() => {});
        this.closed = new Promise((resolve) => this.socket.once('close', resolve));
        this.socket.on('message', (data, isBinary) => {
            this.frames.push(isBinary ? data : String(data));
            this.wake?.();
        });
    }

    async next() {
        for (let i = 0; this.frames.length === 0; i++) {
            assert.ok(i < 100, 'a frame');
            await Promise.race([new Promise((resolve) => { this.wake = resolve; }), sleep(100)]);
        }
        return this.frames.shift();
    }

    send(data) {
        this.socket.send(data);
    }
}

async function wire(query, at) {
    const it = new Wire(query, at);
    await it.opened;
    return it;
}

/** How an upgrade was refused: {statusCode, text}. */
function refusal({ socket }) {
    return new Promise((resolve) => {
        socket.once('unexpected-response', (request, response) => {
            let text = '';
            response.on('data', (chunk) => { text += chunk; });
            response.on('end', () => resolve({ statusCode: response.statusCode, text }));
        });
    });
}

// ---- handshakes ----

test('version 4 begins with an open packet and waits for CONNECT', async () => {
    const { open, text, query } = await handshake();
    assert.match(open.sid, /^[A-Za-z0-9_-]{20}$/);
    assert.deepEqual({ ...open, sid: '' }, {
        sid: '', upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000,
    });
    assert.equal(text, `0${JSON.stringify(open)}`);
    const done = await post(query, '40');
    assert.deepEqual([done.status, done.text, done.type], [200, 'ok', 'text/plain; charset=UTF-8']);
    assert.match((await get(query)).text, /^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
});

test('version 3 is in / at once, and gets the cookie', async () => {
    const { text, type, reply } = await get({ EIO: 3 });
    const [, length, packet] = text.match(/^(\d+):(0\{.*?\})2:40$/);
    assert.equal(packet.length, Number(length));
    assert.equal(type, 'text/plain; charset=UTF-8');
    const { sid } = JSON.parse(packet.slice(1));
    assert.equal(reply.headers.get('set-cookie'), `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
    const { reply: later } = await get({ EIO: 4 });
    assert.equal(later.headers.get('set-cookie'), null);
});

test('a WebSocket begins without upgrades', async () => {
    for (const EIO of [3, 4]) {
        const socket = await wire({ EIO });
        const open = JSON.parse((await socket.next()).slice(1));
        assert.deepEqual(open.upgrades, []);
        socket.send('40');
        assert.match(await socket.next(), EIO === 3 ? /^40$/ : /^40\{"sid"/);
        socket.socket.close();
    }
});

test('every reply may be read by the pages that are allowed, and by no cache', async () => {
    const headers = { origin: 'http://localhost:3000' };
    const { query } = await handshake(4);
    const replies = [get({ EIO: 4 }, { headers }), get({ EIO: 9 }, { headers }),
        post(query, '40', { headers }), get(query, { headers }),
        get({ EIO: 4, sid: 'x' }, { headers })];
    for (const { reply } of await Promise.all(replies)) {
        assert.equal(reply.headers.get('access-control-allow-origin'), headers.origin);
        assert.equal(reply.headers.get('access-control-allow-credentials'), 'true');
        assert.equal(reply.headers.get('vary'), 'Origin');
        assert.equal(reply.headers.get('cache-control'), 'no-store');
    }
    const { reply } = await get({ EIO: 4 }, { headers: { origin: 'https://evil.example' } });
    assert.equal(reply.headers.get('access-control-allow-origin'), null);
});

test('what is wrong with a request has a number', async () => {
    const { query } = await handshake();
    const { sid } = query;
    await assertFault(get({ EIO: 4, transport: 'carrier pigeon' }), 0, 'Transport unknown');
    await assertFault(get({ EIO: 4, transport: '' }), 0, 'Transport unknown');
    await assertUnknown({ EIO: 4, sid: 'x' });
    await assertUnknown({ EIO: 4, sid: `${sid.slice(0, -1)}${sid.at(-1) === 'A' ? 'B' : 'A'}` });
    await assertFault(post({ EIO: 4 }, '40'), 2, 'Bad handshake method');
    await assertFault(get({ EIO: 4, transport: 'websocket' }), 3, 'Bad request');
    await assertFault(get({ ...query, transport: 'websocket' }), 3, 'Bad request');
    await assertFault(ask('PUT', query, { body: '40' }), 3, 'Bad request');
    await assertFault(get({ EIO: 4, j: '0' }), 3, 'Bad request'); // switched off
    await assertFault(get({ EIO: 2 }), 5, 'Unsupported protocol version');
    await assertFault(get({}), 5, 'Unsupported protocol version');
});

test('a refused upgrade is an answer too', async () => {
    const refusals = [[{ EIO: 5 }, 5], [{ EIO: 4, sid: 'x' }, 1], [{ EIO: 4, transport: 'x' }, 0],
        [{ EIO: 4, transport: 'polling' }, 3]];
    for (const [query, code] of refusals) {
        const reply = await refusal(new Wire(query));
        assert.deepEqual([reply.statusCode, JSON.parse(reply.text).code], [400, code]);
    }
});

test('a session that somebody has is nobody else\'s', async () => {
    const bob = await signUp(server, 'bob');
    const { query } = await handshake(4, { token: ann.token });
    await assertFault(get({ ...query, token: bob.token }), 4, 'Forbidden', 403);
    assert.equal((await post(query, '40')).text, 'ok');
});

// ---- polling ----

test('two polls at once end the session', async () => {
    for (const EIO of [3, 4]) {
        const { query } = await handshake(EIO);
        const first = get(query);
        await sleep(50);
        await assertFault(get(query), 3, 'Bad request');
        assert.equal((await first).text, EIO === 3 ? '1:1' : '1');
        await assertUnknown(query);
    }
});

test('a payload of a million bytes is taken, and none that is larger', async () => {
    const { query } = await handshake();
    await post(query, '40');
    await get(query);
    const call = (size) => `420["room.post",${JSON.stringify({ text: 'x'.repeat(size) })}]`;
    assert.equal((await post(query, call(1_000_000 - call(0).length))).text, 'ok');
    assert.match((await get(query)).text, /^430\[\{"error"/);
    assert.equal((await post(query, 'x'.repeat(1_000_001))).status, 413);
    assert.equal((await post(query, '420["room.list"]')).text, 'ok', 'and nothing is disturbed');
    const elsewhere = await fetch(`${server.url}/v1/sessions`, { method: 'POST', body: 'x'.repeat(300_000) });
    assert.equal(elsewhere.status, 413, 'nor raised elsewhere');
});

test('payloads that cannot be read end the session', async () => {
    const wrong = {
        3: ['9:40', '1:40', '3:4€', 'x', '', ':', '1:', '2:4', '4:😀', '1:9', '4:bAAA', '99999999:4', '01'],
        4: ['', '9', '4\u001e', '\u001e4', 'b!', '4\u001e\u001e4', 'x'],
    };
    for (const [EIO, payloads] of Object.entries(wrong))
        for (const payload of payloads) {
            const { query } = await handshake(EIO);
            await assertFault(post(query, payload), 3, 'Bad request');
            assert.match((await get(query)).text, EIO === '3' ? /1:1$/ : /1$/, payload);
            await assertUnknown(query);
        }
});

test('version 3 takes bytes as bytes, and lengths that do not lie', async () => {
    const octets = (...packets) => Buffer.concat(packets.map(([binary, content]) => Buffer.concat([
        Buffer.from([binary ? 1 : 0, ...String(content.length).split('').map(Number), 255]),
        Buffer.from(content),
    ])));
    const headers = { 'content-type': 'application/octet-stream' };
    const { query } = await handshake(3);
    const event = '451-7["room.post",{"_placeholder":true,"num":0}]';
    const good = octets([false, event], [true, Buffer.from([4, 1, 2, 3])]);
    assert.equal((await post(query, good, { headers })).text, 'ok');
    assert.match((await get(query)).text, /:437\[\{"error":.*no call takes attachments/);
    const cut = good.subarray(0, good.length - 1);
    await assertFault(post(query, cut, { headers }), 3, 'Bad request');
});

test('what is no packet of Socket.IO ends the session', async () => {
    const wrong = ['4', '49', '42', '42{}', '42[]', '42["connect"]', '420[1', '44"x"', '43[]',
        '451-["x"]', '451-["x",{"_placeholder":true,"num":1}]\u001e4x', 'bAAEC', '4599-["x"]',
        '40', '42/nowhere,["x"]', '2', '0', '5', `40/${'x'.repeat(300)},`];
    for (const packet of wrong) {
        const { query } = await handshake();
        await post(query, '40');
        await get(query);
        const more = packet === '451-["x"]' ? '\u001e42["x"]' : '';
        await post(query, packet + more);
        assert.match((await get(query)).text, /1$/, packet);
        await assertUnknown(query);
    }
});

test('a client may leave a namespace, and come again', async () => {
    const socket = await wire({ EIO: 4 });
    await socket.next();
    socket.send('40');
    assert.match(await socket.next(), /^40/);
    socket.send('41');
    socket.send('40');
    assert.match(await socket.next(), /^40/);
    socket.send('40/api/socket');
    assert.match(await socket.next(), /^40\/api\/socket,\{"sid"/);
    socket.send('40/nowhere,');
    assert.equal(await socket.next(), '44/nowhere,{"message":"Invalid namespace"}');
    socket.send('41');
    socket.send('42["room.list"]');
    await socket.closed;
});

test('version 3 passes over what is for a namespace that was not joined', async () => {
    const socket = await wire({ EIO: 3 });
    assert.match(await socket.next(), /^0/);
    assert.equal(await socket.next(), '40');
    socket.send('42/api/socket,["join",1]');
    socket.send('40/api/socket');
    assert.equal(await socket.next(), '40/api/socket,');
    socket.send('40/api/socket,');
    assert.equal(await socket.next(), '40/api/socket,');
    socket.send('40/nowhere?q=1,');
    assert.equal(await socket.next(), '44/nowhere,"Invalid namespace"');
    socket.send('2');
    assert.equal(await socket.next(), '3');
    socket.socket.close();
});

// ---- upgrades ----

test('a probe that is none closes, and the session polls on', async () => {
    for (const frame of ['5', '2', '4', '40', '2prob', 'x']) {
        const { query } = await handshake();
        const probe = await wire(query);
        probe.send(frame);
        assert.equal(await probe.closed, 1008, frame);
        assert.equal((await post(query, '40')).text, 'ok');
    }
});

test('a poll comes back once a probe came through', async () => {
    const { query } = await handshake();
    const poll = get(query);
    const probe = await wire(query);
    probe.send('2probe');
    assert.equal(await probe.next(), '3probe');
    assert.equal((await poll).text, '6');
    assert.equal((await get(query)).text, '6', 'and so does the next');
    assert.equal((await refusal(new Wire(query))).statusCode, 400, 'one at a time');
    await post(query, '40');
    probe.send('5');
    assert.match(await probe.next(), /^40/);
    await assertFault(get(query), 3, 'Bad request');
    await assertFault(post(query, '42["x"]'), 3, 'Bad request');
    probe.socket.close();
});

test('a WebSocket takes a message of a million bytes', async () => {
    const socket = await wire({ EIO: 4 });
    await socket.next();
    socket.send('40');
    await socket.next();
    const call = (size) => `420["room.post",${JSON.stringify({ text: 'x'.repeat(size) })}]`;
    socket.send(call(1_000_000 - call(0).length));
    assert.match(await socket.next(), /^430\[\{"error"/);
    socket.send('x'.repeat(1_000_001));
    assert.equal(await socket.closed, 1009);
});

// ---- heartbeats ----

test('version 4 is pinged, and closed if it does not answer', async () => {
    const at = scripts;
    const socket = await wire({ EIO: 4 }, at);
    await socket.next();
    for (let i = 0; i < 3; i++) {
        assert.equal(await socket.next(), '2');
        socket.send('3');
    }
    assert.equal(await socket.next(), '2');
    assert.equal(await socket.closed, 1008);

    const { query } = await handshake(4, {}, { at });
    assert.equal((await get(query, { at })).text, '2');
    assert.equal((await get(query, { at })).text, '1');
    await assertUnknown(query, { at });
});

test('version 3 is answered, and closed if it says nothing', async () => {
    const at = scripts;
    const { query } = await handshake(3, {}, { at });
    for (let i = 0; i < 3; i++) {
        await sleep(HEARTBEAT_MS / 2);
        assert.equal((await post(query, '1:2', { at })).text, 'ok');
        assert.equal((await get(query, { at })).text, '1:3');
    }
    assert.equal((await get(query, { at })).text, '1:6', 'a poll that waits long gets a noop');
    assert.equal((await get(query, { at })).text, '1:1');
    await assertUnknown(query, { at });
});

// ---- JSONP ----

test('scripts carry version 3, as nobody', async () => {
    const at = scripts;
    const { reply, text } = await get({ EIO: 3, j: '7' }, { at });
    assert.equal(reply.headers.get('content-type'), 'application/javascript; charset=UTF-8');
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(reply.headers.get('set-cookie'), null);
    const payload = JSON.parse(text.match(/^___eio\[7\]\((".*")\);$/)[1]);
    const query = { EIO: 3, j: '8', sid: payload.match(/"sid":"([^"]*)"/)[1] };
    const form = new URLSearchParams({ d: '18:420["no.such","€"]' });
    assert.equal((await post(query, form, { at })).text, 'ok');
    const { text: answer } = await get(query, { at });
    assert.match(answer, /^___eio\[8\]\("\d+:430\[\{\\"error\\":/);
    await assertFault(get({ EIO: 3, j: 'alert(1)' }, { at }), 3, 'Bad request');
    await assertFault(get({ EIO: 4, j: '1' }, { at }), 3, 'Bad request');
    const eve = await signUp(scripts, 'eve');
    const own = await get({ EIO: 3, j: '0', token: eve.token }, { at });
    assert.ok(own.text.endsWith('2:40");'), 'a token counts for nothing');
});

// ---- how many, and the end ----

test('the cookie comes with a WebSocket\'s handshake too', async () => {
    for (const [EIO, wanted] of [[3, 1], [4, 0]]) {
        const it = new Wire({ EIO });
        const { headers } = await new Promise((resolve) => it.socket.once('upgrade', resolve));
        const cookies = headers['set-cookie'] ?? [];
        assert.equal(cookies.length, wanted);
        const { sid } = JSON.parse((await it.next()).slice(1));
        if (EIO === 3)
            assert.equal(cookies[0], `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
        it.socket.close();
    }
});

test('an address may have so many sessions', async () => {
    const limited = await Server.start({
        settings: { connections_per_address: 2, trusted_proxies: '127.0.0.1' },
    });
    const from = (client) => ({ at: limited, headers: { 'x-forwarded-for': client } });
    const sessions = [];
    for (let i = 0; i < 2; i++)
        sessions.push(await handshake(4, {}, from('192.0.2.1')));
    const { status, reply } = await get({ EIO: 4 }, from('192.0.2.1'));
    assert.equal(status, 429);
    assert.match(reply.headers.get('retry-after'), /^\d+$/);
    assert.equal((await get({ EIO: 4 }, from('192.0.2.2'))).status, 200, 'others may');
    await post(sessions[0].query, '1', from('192.0.2.1'));
    assert.equal((await get({ EIO: 4 }, from('192.0.2.1'))).status, 200, 'one has gone');
    await limited.close();
});

test('the end of the server is told to all', async () => {
    const brief = await Server.start();
    const { query } = await handshake(4, {}, { at: brief });
    await post(query, '40', { at: brief });
    await get(query, { at: brief });
    const poll = get(query, { at: brief });
    const socket = await wire({ EIO: 4 }, brief);
    await socket.next();
    const began = Date.now();
    const stopped = brief.stop();
    assert.equal((await poll).text, '1');
    assert.equal(await socket.closed, 1012);
    await stopped;
    assert.ok(Date.now() - began < 4000, 'and nobody is waited for');
    await brief.close();
});
