// Mentions: found by the server in the text, told with the message, counted until read.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let ming;
let room;
before(async () => {
    server = await Server.start();
    [ann, bob, ming] = await Promise.all(['ann', 'Bob', '小明'].map((login) =>
        signUp(server, login)));
    await signUp(server, 'eve');
    room = (await makeRoom(server, ann.token, 'private')).id;
    for (const { id } of [bob, ming])
        await must(server, 'POST', `/v1/rooms/${room}/members`, {
            token: ann.token, body: { account: id },
        });
});
after(() => server.close());

test('people in the room are mentioned by their logins', async () => {
    const client = await Native.open(server, bob.token);
    const message = await post(server, ann.token, room, 'you, @bob! and @小明你好; mail x@ann.org');
    assert.deepEqual(message.mentions, [bob.id, ming.id]);
    const event = await client.heardText(message.text);
    assert.deepEqual(event.body.message.mentions, [bob.id, ming.id]);
    for (const text of ['@eve is not here', '@nobody', 'bob', '@ bob', '@bobby'])
        assert.equal((await post(server, ann.token, room, text)).mentions, undefined, text);
    const { body } = await client.request('message.edit', {
        room, seq: (await client.post(room, 'hello @ann')).seq, text: 'hello @小明',
    });
    assert.deepEqual(body.mentions, [ming.id]);
    const edited = await client.heard(({ type }) => type === 'message.edited');
    assert.deepEqual(edited.body.mentions, [ming.id]);
    await client.close();
});

test('only those who look after the room call everyone', async () => {
    for (const text of ['@everyone come', 'look, @room!']) {
        assert.equal((await post(server, ann.token, room, text)).everyone, true, text);
        assert.equal((await post(server, bob.token, room, text)).everyone, undefined, text);
    }
});
