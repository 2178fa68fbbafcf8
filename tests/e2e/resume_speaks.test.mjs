// Who has missed much is somebody at once: what they ask is done while the past still comes, though they
// read none of it yet, and then all of it comes, once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, eventually, makeRoom, must, post, signUp } from './client.mjs';
import { Packed } from './packed.mjs';
import { Server } from './server.mjs';

const MISSED = 400;             // messages, more than all buffers on the way to a client hold
const TEXT = 'x'.repeat(16_000);

let server;
let ann;
let bob;
let room;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
});
after(() => server.close());

for (const Client of [Native, Packed])
    test(`a call of ${Client.name} is done before the past was read`, async () => {
        const away = await Client.open(server, bob.token);
        const since = away.lastSeq;
        await away.close();
        for (let n = 0; n < MISSED; n++)
            await post(server, ann.token, room.id, TEXT);

        const friend = await Native.open(server, ann.token);
        const back = await Client.open(server, bob.token, { since });
        assert.ok(back.welcome.body.resumed);
        back.socket.pause();
        const said = back.post(room.id, `hello from ${Client.name}`);
        await friend.heardText(`hello from ${Client.name}`);
        back.socket.resume();
        await said;
        await back.heardText(`hello from ${Client.name}`);
        await eventually(() => back.messages(room.id).length, (count) => count === MISSED + 1, 'all messages');
        const seqs = back.messages(room.id).map(({ seq }) => seq);
        assert.deepEqual(seqs, seqs.map((_, n) => seqs[0] + n));
        await Promise.all([friend.close(), back.close()]);
    });
