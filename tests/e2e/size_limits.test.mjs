// Every limit of schema/limits.def at its edge and one beyond: a limit that nothing tries fails.
//
// Bounds of fields are tried in C, each of every shape (codec_test), and here once more over the
// WebSocket where a person can reach them.  What else a stranger can make large has a try of its
// own below, or names the test that has it, and words that stand there.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { Native, Refusal, makeRoom, must, post, signUp } from './client.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

const root = new URL('../../', import.meta.url);
const text = (path) => readFileSync(new URL(path, root), 'utf8');
const limits = Object.fromEntries([...text('schema/limits.def').matchAll(/^LIMIT\((\w+), (\d+),/gm)]
    .map(([, name, value]) => [name, Number(value)]));

let server;
let ann;
let room;
let socket;
before(async () => {
    server = await Server.start({ settings: { limits: 'off' } });
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
    socket = await Native.open(server, ann.token);
});
after(async () => {
    await socket.close();
    await server.close();
});

/** The status of a POST with these bytes, of which all may be announced and none sent. */
async function postStatus(path, { size, body }) {
    const head = [`Authorization: Bearer ${ann.token}`, 'Content-Type: image/png',
        `Content-Length: ${size ?? body.length}`, ...(body ? [] : ['Expect: 100-continue'])];
    return (await rawRequest(server, Buffer.concat([Buffer.from(requestText('POST', path, head)), Buffer.from(body ?? '')]),
        { half: body === undefined })).status;
}

const nested = (levels) => `{"kind":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
const padded = (size) => `{"kind":"open"}${' '.repeat(size - 15)}`;

/** Do something so often that it is at the limit; once more is refused by this name. */
async function most(limit, act, name) {
    for (let n = 0; n < limit; n++)
        await act(n);
    await assert.rejects(act(limit), (fault) => fault instanceof Refusal && fault.name === name);
}

// ---- a peer of the bus, by hand: ZMTP 3.0 (rfc.zeromq.org/spec/23) ----

/** A message of the bus is a turn's worth of envelopes. */
const MESSAGE_ENVELOPES = 16;

const GREETING = Buffer.concat([Buffer.from('ff00000000000000017f0300', 'hex'), Buffer.from('NULL'.padEnd(52, '\0'))]);
const READY = Buffer.from('\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER', 'latin1');

function frameHead(size) {
    const head = Buffer.alloc(9);
    head[0] = 2; // long, the last of its message
    head.writeBigUInt64BE(BigInt(size), 1);
    return head;
}

/** A peer that announces a message of so many bytes, and sends the first of them. */
function announce(size) {
    const peer = connect(server.bus.slice('ipc://'.length));
    const closed = once(peer, 'close');
    peer.on('error', () => {}); // it is cut off
    peer.resume();
    peer.write(Buffer.concat([GREETING, READY, frameHead(size), Buffer.from('x')]));
    return { peer, closed };
}

/** Of limits that are no bound of a field. */
const tries = {
    async JSON_DEPTH(limit) {
        const at = await rawRequest(server, withBody(nested(limit)));
        const beyond = await rawRequest(server, withBody(nested(limit + 1)));
        assert.deepEqual([at, beyond].map(({ body }) => JSON.parse(body).error.name), ['invalid', 'malformed']);
    },
    async REQUEST_BODY(limit) {
        assert.equal(await postStatus('/v1/rooms', { body: padded(limit) }), 201);
        assert.equal(await postStatus('/v1/rooms', { body: padded(limit + 1) }), 413);
    },
    async UPLOAD(limit) {
        const path = `/v1/rooms/${room.id}/files?name=x.png`;
        assert.equal(await postStatus(path, { size: limit }), 100, 'it may be sent');
        assert.equal(await postStatus(path, { size: limit + 1 }), 413);
    },
    async PHOTO(limit) {
        assert.equal(await postStatus('/v1/me/photos', { size: limit }), 100);
        assert.equal(await postStatus('/v1/me/photos', { size: limit + 1 }), 413);
    },
    async FRAME(limit) {
        const frame = JSON.stringify({ id: 1, type: 'account.get', body: {} });
        for (const [size, code] of [[limit, undefined], [limit + 1, 1009]]) {
            const client = await Native.open(server, ann.token);
            const answer = new Promise((resolve, reject) => client.pending.set(1, { resolve, reject }));
            client.socket.send(frame.padEnd(size));
            assert.equal(await answer.then(() => undefined, (fault) => fault.code), code);
            await client.close();
        }
    },
    async ENVELOPE(limit) {
        const at = announce(MESSAGE_ENVELOPES * limit), beyond = announce(MESSAGE_ENVELOPES * limit + 1);
        await beyond.closed;
        assert.equal(at.peer.readyState, 'open'); // it came before the other
        at.peer.destroy();
        await at.closed;
    },
    async REACTIONS(limit) {
        const { seq } = await post(server, ann.token, room.id, 'a message');
        await most(limit, (n) => socket.request('message.react', { room: room.id, seq, emoji: `${n}` }), 'too_many');
    },
    async PINS(limit) {
        const seqs = [];
        for (let n = 0; n <= limit; n++)
            seqs.push((await socket.post(room.id, `message ${n}`)).seq);
        await most(limit, (n) => socket.request('message.pin', { room: room.id, seq: seqs[n] }), 'too_many');
    },
    async MENTIONS(limit) {
        const names = Array.from({ length: limit + 1 }, (_, n) => `friend${n}`);
        for (const login of names) {
            const { token } = await signUp(server, login);
            await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token, body: {} });
        }
        const { mentions } = await post(server, ann.token, room.id, names.map((name) => `@${name}`).join(' '));
        assert.equal(mentions.length, limit);
    },
};

const withBody = (body) => requestText('POST', '/v1/rooms',
    [`Authorization: Bearer ${ann.token}`, `Content-Length: ${body.length}`], body);

/** Where else a limit is tried, and words of that test. */
const elsewhere = {
    EXTRAS: ['tests/unit/ws-edge/extra_test.c', 'LIMIT_EXTRAS'],
    BOT_WINDOW: ['tests/unit/broker/router_bots_test.c', 'LIMIT_BOT_WINDOW'],
    BOT_CALLS: ['tests/unit/broker/router_bots_test.c', 'LIMIT_BOT_CALLS'],
    BOT_PEERS: ['tests/e2e/bots.test.mjs', 'one bot has so many connections and no more'],
    JUDGED: ['tests/unit/broker/verdicts_test.c', 'LIMIT_JUDGED'],
    JUDGED_BYTES: ['tests/unit/broker/verdicts_test.c', 'LIMIT_JUDGED_BYTES'],
    JUDGED_SENDER: ['tests/unit/broker/verdicts_test.c', 'LIMIT_JUDGED_SENDER'],
    VERDICTS_MISSED: ['tests/unit/broker/judges_test.c', 'LIMIT_VERDICTS_MISSED'],
    TYPING_MEMBERS: ['tests/unit/actors/room_member_test.c', 'LIMIT_TYPING_MEMBERS'],
    READ_MEMBERS: ['tests/unit/actors/room_read_test.c', 's_test_reading_is_told_to_small_rooms'],
    INBOX: ['tests/unit/actors/notifier/inbox_test.c', 'LIMIT_INBOX'],
    DIGEST_LINES: ['tests/unit/actors/notifier/digest_test.c', 'LIMIT_DIGEST_LINES'],
    NOTICE_MEMBERS: ['tests/unit/actors/notifier/post_test.c', 'LIMIT_NOTICE_MEMBERS'],
    RECORD: ['tests/unit/broker/journal_test.c', 'LIMIT_RECORD'],
    BOT_WINDOW_BYTES: ['tests/unit/broker/stream_test.c', 'LIMIT_BOT_WINDOW_BYTES'],
    NOTICE_ENDS: ['tests/unit/actors/notifier/vanish_test.c', 'LIMIT_NOTICE_ENDS'],
    DEAD_HOOKS: ['tests/unit/actors/notifier/hook_test.c', 'LIMIT_DEAD_HOOKS'],
    PAGE_BYTES: ['tests/unit/actors/row_test.c', 'LIMIT_PAGE_BYTES'],
    TICKETS: ['tests/unit/actors/matching/ticket_test.c', 'LIMIT_TICKETS'],
    RECORDING: ['tests/unit/actors/tape_test.c', 'LIMIT_RECORDING'],
};

const tables = ['commands', 'entities', 'events', 'answers'].map((name) => text(`schema/${name}.def`)).join('');
const isBound = (name) => new RegExp(`LIMIT_${name}\\b`).test(tables);

for (const [name, limit] of Object.entries(limits)) {
    if (tries[name])
        test(`${name}: at ${limit}, and beyond`, () => tries[name](limit));
    else if (elsewhere[name])
        test(`${name} is tried by ${elsewhere[name][0]}`, () => {
            const [path, words] = elsewhere[name];
            assert.ok(text(path).includes(words), `${path} does not say: ${words}`);
        });
    else
        test(`${name} is the bound of a field`, () => assert.ok(isBound(name), `nothing tries ${name}`));
}

test('no try is of a limit that is none', () => {
    for (const name of [...Object.keys(tries), ...Object.keys(elsewhere)])
        assert.ok(name in limits, name);
});

// ---- fields over the WebSocket ----

const calls = Object.values(JSON.parse(text('docs/asyncapi.json')).channels.socket.messages)
    .filter(({ payload }) => payload?.properties?.id && payload.properties.body);

/** The least that a field may be. */
function least(field) {
    if (field.enum || field.const !== undefined)
        return field.const ?? field.enum[0];
    if (field.type === 'string')
        return 'a'.repeat(Math.max(field.minLength ?? 1, 1));
    if (field.type === 'array')
        return [];
    return { integer: field.minimum ?? 1, number: field.minimum ?? 1, boolean: true }[field.type] ?? {};
}

/** What is wrong with one field of a call, or undefined. */
async function fault(type, body, name) {
    const error = await socket.request(type, body).then(() => null, (refusal) => refusal);
    return error?.name === 'invalid' && error.detail?.includes(`\`${name}\``) ? error.detail : undefined;
}

test('a text of a call may be as long as its bound, and no longer', async () => {
    let tried = 0;
    for (const { name: type, payload } of calls) {
        const { properties, required = [] } = payload.properties.body;
        const ends = /^(session|account|password|email)\./.test(type); // it would end what asks
        for (const [name, field] of Object.entries(properties ?? {})) {
            if (ends || field.type !== 'string' || field.maxLength === undefined || field.enum)
                continue;
            const rest = Object.fromEntries(required.map((other) => [other, least(properties[other])]));
            const at = (length) => fault(type, { ...rest, [name]: 'a'.repeat(length) }, name);
            assert.match(await at(field.maxLength + 1) ?? '', /is too long|must/, `${type} ${name}`);
            assert.doesNotMatch(await at(field.maxLength) ?? '', /is too long/, `${type} ${name}`);
            tried++;
        }
    }
    assert.ok(tried > 30, String(tried));
});
