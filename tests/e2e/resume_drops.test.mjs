// A resume after each kind of drop: what was missed comes, once and in order, and what was not
// for one's ears does not.  The drops are those that happen to people: a network that resets,
// goes silent or crawls, a server that dies or restarts, a token that changes, a room that one
// is put out of or that is gone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    Native, makeRoom, must, nativeUrl, post, refused, refusedSocket, sayUntilCutOff, signIn, signUp,
} from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const RESTARTS = 1012;
const TOO_SLOW = 1013;
const SESSION_ENDED = 4401;
const SILENT = 1008;
const SILENT_MS = 60_000;
const LARGE = 'x'.repeat(16_000);

let server, ann, bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
});
after(() => server.close());

const names = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => `m${from + n}`);

async function roomForTwo(kind = 'private') {
    const { id } = await makeRoom(server, ann.token, kind);
    await add(id);
    return id;
}

const add = (room) => must(server, 'POST', `/v1/rooms/${room}/members`,
    { token: ann.token, body: { account: bob.id } });

const kick = (room) => must(server, 'DELETE', `/v1/rooms/${room}/members/${bob.id}`, ann);

async function say(room, texts) {
    for (const text of texts)
        await post(server, ann.token, room, text);
}

const resume = (client, token = bob.token) => Native.open(server, token, { since: client.lastSeq });

/** Both connections together heard just these, each once; the second was resumed. */
async function assertHeard(room, [first, second], texts) {
    assert.equal(second.welcome.body.resumed, true);
    await second.heardText(texts.at(-1));
    assert.deepEqual([...first.texts(room), ...second.texts(room)], texts);
    await second.close();
}

/** Each breaks the connection, and gives what follows until the client may come back. */
const drops = {
    'a reset by the network': async (client) => {
        client.socket.on('error', () => {});
        client.socket._socket.resetAndDestroy();
        await client.closed;
    },
    'a clean close': (client) => client.close(),
    'a connection that just ends': (client) => client.terminate(),
    'a server that is killed': async (client) => {
        await server.kill();
        await client.closed;
        await server.launch();
    },
    'a server that restarts': async (client) => {
        const restarted = server.restart();
        assert.equal((await client.closed).code, RESTARTS);
        await restarted;
    },
};

for (const [what, drop] of Object.entries(drops)) {
    test(`${what}: what was missed comes, once`, async () => {
        const room = await roomForTwo();
        const first = await Native.open(server, bob.token);
        await say(room, names(1, 3));
        await first.heardText('m3');
        await drop(first);
        await say(room, names(4, 6));
        const second = await resume(first);
        await say(room, names(7, 8));
        await assertHeard(room, [first, second], names(1, 8));
    });
}

test('who reads too slowly is cut off with 1013, and catches up', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    const writer = await Native.open(server, ann.token);
    await say(room, ['m1']);
    await first.heardText('m1');
    first.socket.pause();
    const last = 1 + await sayUntilCutOff(server, (n) => writer.post(room, `m${n + 1} ${n % 2 ? LARGE : ''}`));
    first.socket.resume();
    assert.equal((await first.closed).code, TOO_SLOW);
    const heard = first.texts(room).length;
    assert.ok(heard < last, 'it missed something');
    const second = await resume(first);
    assert.equal(second.welcome.body.resumed, true);
    await second.heard(({ body }) => body.message?.text.startsWith(`m${last} `), 'the last one');
    const texts = [...first.texts(room), ...second.texts(room)].map((text) => text.split(' ')[0]);
    assert.deepEqual(texts, names(1, last));
    await Promise.all([second.close(), writer.close()]);
});

test('who falls silent behind a NAT is closed within a minute or so, and catches up', {
    skip: process.env.KITH_LONG ? false : 'takes a minute: KITH_LONG=1',
}, async () => {
    const room = await roomForTwo();
    const since = Date.now();
    const first = await Native.open(server, bob.token, { autoPong: false });
    const { code, at } = await first.closed;
    assert.equal(code, SILENT);
    assert.ok(at - since > SILENT_MS - 1000 && at - since < SILENT_MS * 1.5, `${at - since} ms`);
    await say(room, names(1, 3));
    await assertHeard(room, [first, await resume(first)], names(1, 3));
});

test('a token that was renewed in between resumes as well', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await say(room, ['m1']);
    await first.heardText('m1');
    await first.terminate();
    const { token } = await must(server, 'POST', '/v1/session/renewal', bob);
    await say(room, ['m2']);
    await assertHeard(room, [first, await resume(first, keepSecret(token))], names(1, 2));
});

test('another device may resume where the first one stood', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await first.close();
    await say(room, names(1, 2));
    const { token } = await signIn(server, 'bob', bob.password);
    await assertHeard(room, [first, await resume(first, token)], names(1, 2));
});

test('what is said while one is out of a private room does not come', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await say(room, ['m1']);
    await first.heardText('m1');
    await first.terminate();
    await say(room, ['m2']);
    await kick(room);
    await say(room, ['between us']);
    await add(room);
    await say(room, ['m3']);
    const second = await resume(first);
    await second.heardText('m3');
    const texts = [...first.texts(room), ...second.texts(room)];
    assert.ok(!texts.includes('between us'), texts.join());
    assert.deepEqual(texts, names(1, 3));
    await second.close();
});

test('a room that was deleted in between says nothing more, and others go on', async () => {
    const [gone, stays] = [await roomForTwo(), await roomForTwo()];
    const first = await Native.open(server, bob.token);
    await first.close();
    await say(gone, ['of the room that goes']);
    await must(server, 'DELETE', `/v1/rooms/${gone}`, ann);
    await say(stays, ['m1']);
    const second = await resume(first);
    await second.heardText('m1');
    assert.deepEqual(second.texts(gone), []);
    await refused(server, 'not_found', 'GET', `/v1/rooms/${gone}`, bob);
    await second.close();
});

test('a session that was ended does not resume', async () => {
    const lost = await signIn(server, 'bob', bob.password);
    const first = await Native.open(server, lost.token);
    await must(server, 'DELETE', `/v1/sessions/${lost.session}`, bob);
    assert.equal((await first.closed).code, SESSION_ENDED);
    const outcome = await refusedSocket(nativeUrl(server, lost.token, first.lastSeq));
    assert.equal(outcome.status, 401);
    assert.equal(JSON.parse(outcome.body).error.name, 'session_ended');
});

test('from the very beginning all comes; from a point ahead nothing is made up', async () => {
    const room = await roomForTwo();
    await say(room, names(1, 3));
    for (const since of [0, 1]) {
        const client = await Native.open(server, bob.token, { since });
        assert.equal(client.welcome.body.resumed, true);
        await client.heard(({ body }) => body.message?.room === room && body.message.text === 'm3');
        assert.deepEqual(client.texts(room), names(1, 3));
        const seqs = client.events.map(({ seq }) => seq).filter((seq) => seq !== undefined);
        assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b));
        await client.close();
    }
    const { as_of: head } = await must(server, 'GET', `/v1/rooms/${room}/messages`, bob);
    const ahead = await Native.open(server, bob.token, { since: head + 1000 });
    assert.equal(ahead.welcome.body.resumed, false);
    await say(room, ['m4']);
    await ahead.heardText('m4');
    assert.deepEqual(ahead.texts(room), ['m4']);
    await ahead.close();
});
