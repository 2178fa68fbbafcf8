// Rates: each guarded route runs dry with 429 and Retry-After, for whoever used it up and for
// nobody else; posting never does.  Who was refused is read less often, and loses nothing.  Signing in and up have their own files (sign_in_limits,
// proxies).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, Refusal, assertError, call, makeRoom, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

const TRIES = 2;
const POSTS = 5_000;

let server, ann, bob, eve, room;

before(async () => {
    server = await Server.start({
        settings: Object.fromEntries(
            ['room', 'invite', 'search', 'upload', 'upload_kib', 'mail', 'mail_to', 'key', 'import',
                'profile', 'visit', 'like', 'contact', 'report', 'recommend', 'ticket']
                .map((name) => [`rate.${name}`, `${TRIES}/3600`])),
    });
    ann = await signUp(server, 'ann', { email: 'ann@example.org' });
    bob = await signUp(server, 'bob');
    eve = await signUp(server, 'eve');
    room = await makeRoom(server, bob.token);
});

after(() => server.close());

function assertTooMany({ status, headers, body }) {
    assert.equal(status, 429);
    assertError(body, 429);
    assert.equal(body.error.name, 'too_many');
    assert.match(headers.get('retry-after'), /^[1-9]\d*$/);
}

/** What a row asks for; `person` signs it, none for a stranger. */
const rows = {
    'rooms made': (person, n) => ['POST', '/v1/rooms', { body: { kind: 'open', name: `${n}` } }],
    searches: () => ['GET', '/v1/search?text=hello'],
    'mails to verify an e-mail': () => ['POST', '/v1/me/email/link'],
    'API keys made': (person, n) => [
        'POST', '/v1/admin/keys', { body: { name: `${n}`, scopes: 'accounts' } },
    ],
    'changes of a profile': (person, n) => ['PATCH', '/v1/me/profile', { body: { age: 30 + n } }],
    visits: () => ['POST', `/v1/people/${eve.id}/visits`],
    likes: () => ['PUT', `/v1/people/${eve.id}/like`],
    'chats opened': () => ['PUT', `/v1/people/${eve.id}/chat`],
    reports: () => ['POST', `/v1/people/${eve.id}/reports`, { body: { reason: 'other' } }],
    recommendations: () => ['GET', '/v1/people'],
    tickets: (person, n) => ['POST', '/v1/me/ticket', { body: { queue: 'duel', client_id: `${n}` } }],
    imports: () => ['POST', '/v1/admin/imports', { body: { accounts: [] } }],
    invitations: () => [
        'POST', `/v1/rooms/${room.id}/invitations`, { body: { account: bob.id } },
    ],
};

for (const [name, row] of Object.entries(rows)) {
    test(`${name}: so many, then 429, and others go on`, async () => {
        const ask = (person, n) => {
            const [method, path, options] = row(person, n);
            return call(server, method, path, { token: person.token, ...options });
        };
        for (let n = 0; n < TRIES; n++)
            assert.notEqual((await ask(ann, n)).status, 429);
        assertTooMany(await ask(ann, TRIES));
        assert.notEqual((await ask(bob, 0)).status, 429);
    });
}

test('mails to reset a password are counted by login, then by address', async () => {
    const ask = (login) => call(server, 'POST', '/v1/password-resets', { body: { login } });
    for (let n = 0; n < TRIES; n++)
        assert.notEqual((await ask('nobody')).status, 429);
    assertTooMany(await ask('NOBODY'));
    assertTooMany(await ask('somebody else'));
});

test('uploads are counted by files', async () => {
    const upload = (n) => fetch(`${server.url}/v1/rooms/${room.id}/files?name=${n}.txt`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'text/plain' },
        body: `file ${n}`,
    });
    for (let n = 0; n < TRIES; n++)
        assert.notEqual((await upload(n)).status, 429);
    const reply = await upload(TRIES);
    assertTooMany({ status: reply.status, headers: reply.headers, body: await reply.json() });
});

test('the WebSocket says too_many', async () => {
    const carol = await signUp(server, 'carol');
    const socket = await Native.open(server, carol.token);
    for (let n = 0; n < TRIES; n++)
        await socket.request('room.create', { kind: 'open' });
    await assert.rejects(socket.request('room.create', { kind: 'open' }),
        (fault) => fault instanceof Refusal && fault.name === 'too_many');
    await socket.close();
});

test('who is refused on a socket is read on, and hears and is answered everything in order', async () => {
    const fay = await signUp(server, 'fay');
    const own = await makeRoom(server, fay.token);
    const socket = await Native.open(server, fay.token);
    const settled = [];
    const ask = (name, answer) => answer.then(() => settled.push(name), ({ name: why }) => settled.push(`${name} ${why}`));
    const asked = [];
    for (let n = 0; n < TRIES; n++)
        await socket.request('search.messages', { text: 'hello' });
    for (let n = 0; n < 3; n++) {
        asked.push(ask(`search ${n}`, socket.request('search.messages', { text: 'hello' })));
        asked.push(ask(`post ${n}`, socket.post(own.id, `said ${n}`)));
    }
    const pong = new Promise((resolve) => socket.socket.once('pong', resolve));
    socket.socket.ping();
    await must(server, 'POST', `/v1/rooms/${own.id}/messages`, { token: fay.token, body: { text: 'meanwhile' } });
    await socket.heardText('meanwhile');
    await Promise.all(asked);
    await pong;
    for (const [what, why] of [['search', ' too_many'], ['post', '']])
        assert.deepEqual(settled.filter((name) => name.startsWith(what)), [0, 1, 2].map((n) => `${what} ${n}${why}`));
    assert.deepEqual(socket.texts(own.id).filter((text) => text !== 'meanwhile'), ['said 0', 'said 1', 'said 2']);
    await socket.close();
});

test('posting is not limited, and is fast', async () => {
    const dora = await signUp(server, 'dora');
    const own = await must(server, 'POST', '/v1/rooms', { token: dora.token, body: { kind: 'open' } });
    const socket = await Native.open(server, dora.token);
    let left = POSTS;
    const post = async () => {
        while (left-- > 0)
            await socket.request('room.post', { room: own.id, text: 'hello' });
    };
    await Promise.all(Array.from({ length: 200 }, post));
    assert.equal((await must(server, 'GET', `/v1/rooms/${own.id}`, { token: dora.token })).seq, POSTS);
    await socket.close();
});

test('limits=off knows no rates', async () => {
    const free = await Server.start({ settings: { limits: 'off', 'rate.room': '1/3600' } });
    const { token } = await signUp(free, 'ann');
    for (let n = 0; n < 10; n++)
        await makeRoom(free, token);
    await free.close();
});

test('what is no rate is refused at the start', async () => {
    const wrong = await Server.plan({ settings: { 'rate.room': 'many' } });
    await assert.rejects(wrong.launch(), /kithd ended at start/);
    assert.match(wrong.log(), /rate\.room.*NUMBER\/SECONDS/);
});
