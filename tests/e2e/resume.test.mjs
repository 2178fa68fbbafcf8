// Resume: with `since=` a client gets exactly what it missed, then the live stream.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, history, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const names = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => `m${from + n}`);

async function roomForTwo() {
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    return room.id;
}

async function say(room, texts) {
    for (const text of texts)
        await post(server, ann.token, room, text);
}

const resume = (client) => Native.open(server, bob.token, { since: client.lastSeq });

test('what was missed comes after the welcome, then the live stream', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await say(room, names(1, 3));
    await first.heardText('m3');
    await first.terminate();
    await say(room, names(4, 8));

    const second = await resume(first);
    assert.equal(second.welcome.body.resumed, true);
    await say(room, names(9, 10));
    await second.heardText('m10');
    assert.deepEqual(second.texts(room), names(4, 10));
    assert.ok(second.events.every(({ seq }) => seq === undefined || seq > first.lastSeq));
    await second.close();
});

test('the as_of of a welcome is a point to resume from as well', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await first.close();
    await say(room, names(1, 3));
    const second = await Native.open(server, bob.token, { since: first.welcome.as_of });
    await second.heardText('m3');
    assert.deepEqual(second.texts(room), names(1, 3));
    await second.close();
});

test('a resumed welcome stands where the client said it did, for what was missed is still to come', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await first.close();
    await say(room, names(1, 3));
    const second = await Native.open(server, bob.token, { since: first.welcome.as_of });
    assert.equal(second.welcome.as_of, first.welcome.as_of);
    await second.close();
});

test('read, then subscribe from the reply\'s as_of: no gap, nothing twice', async () => {
    const room = await roomForTwo();
    const writer = await Native.open(server, ann.token);
    const writing = Promise.all(names(1, 300).map((text) => writer.post(room, text)));
    const page = await must(server, 'GET', `/v1/rooms/${room}/messages?limit=1000`, bob);
    const reader = await Native.open(server, bob.token, { since: page.as_of });
    await writing;
    await say(room, ['end']);
    await reader.heardText('end');
    const texts = [...page.messages.map(({ text }) => text), ...reader.texts(room)];
    assert.deepEqual(texts, [...names(1, 300), 'end']);
    await Promise.all([reader.close(), writer.close()]);
});

test('nothing missed: nothing comes', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await say(room, ['m1']);
    await first.heardText('m1');
    await first.close();
    const second = await resume(first);
    assert.equal(second.welcome.body.resumed, true);
    await say(room, ['m2']);
    await second.heardText('m2');
    assert.deepEqual(second.texts(room), ['m2']);
    await second.close();
});

test('a client that drops again and again in a stream hears each message once', async () => {
    const room = await roomForTwo();
    const writer = await Native.open(server, ann.token);
    const writing = Promise.all(names(1, 500).map((text) => writer.post(room, text)));
    const texts = [];
    let client = await Native.open(server, bob.token, { since: 0 });
    for (let drop = 0; drop < 15; drop++) {
        await new Promise((resolve) => setTimeout(resolve, 2 * drop));
        await client.terminate();
        texts.push(...client.texts(room));
        client = await resume(client);
    }
    await writing;
    await say(room, ['end']);
    await client.heardText('end');
    texts.push(...client.texts(room));
    assert.deepEqual(texts, [...names(1, 500), 'end']);
    await Promise.all([client.close(), writer.close()]);
});

test('a resume goes over a restart and a kill of the server', async () => {
    const room = await roomForTwo();
    let client = await Native.open(server, bob.token);
    const texts = [];
    let n = 0;
    for (const again of [() => server.restart(), () => server.kill().then(() => server.launch())]) {
        await say(room, [`m${++n}`]);
        await client.heardText(`m${n}`);
        await client.terminate();
        texts.push(...client.texts(room));
        await say(room, [`m${++n}`]);
        await again();
        await say(room, [`m${++n}`]);
        client = await resume(client);
        assert.equal(client.welcome.body.resumed, true);
        await client.heardText(`m${n}`);
    }
    texts.push(...client.texts(room));
    assert.deepEqual(texts, names(1, n));
    await client.close();
});

test('a room joined while away is heard from the join on', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    const first = await Native.open(server, bob.token);
    await first.close();
    await say(room.id, names(1, 2));
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    await say(room.id, names(3, 4));
    const second = await resume(first);
    await second.heardText('m4');
    assert.deepEqual(second.texts(room.id), names(3, 4));
    await second.close();
});

test('a room left while away is not caught up on', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    const first = await Native.open(server, bob.token);
    await first.close();
    const other = await Native.open(server, bob.token);
    await other.request('room.leave', { room: room.id });
    await other.close();
    await say(room.id, names(1, 2));
    const fence = await roomForTwo();
    await say(fence, ['fence']);
    const second = await resume(first);
    await second.heardText('fence');
    assert.deepEqual(second.texts(room.id), []);
    await second.close();
});

test('a point that the journal has not reached is not resumed from', async () => {
    const client = await Native.open(server, bob.token, { since: 2 ** 52 });
    assert.equal(client.welcome.body.resumed, false);
    assert.ok(client.welcome.as_of < 2 ** 52);
    await client.close();
});

test('since= must be a number', async () => {
    for (const since of ['x', '-1', '1.5', String(2 ** 64)]) {
        const outcome = await Native.open(server, bob.token, { since }).then(
            () => 'opened', ({ status, code }) => status ?? code);
        assert.ok([400, 1008].includes(outcome), `since=${since}: ${outcome}`);
    }
});

test('after a resume the history agrees with what was heard', async () => {
    const room = await roomForTwo();
    const first = await Native.open(server, bob.token);
    await say(room, names(1, 5));
    await first.heardText('m5');
    await first.terminate();
    await say(room, names(6, 9));
    const second = await resume(first);
    await second.heardText('m9');
    assert.deepEqual([...first.messages(room), ...second.messages(room)],
        await history(server, bob.token, room));
    await second.close();
});
