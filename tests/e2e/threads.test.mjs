// Replies and threads: messages that belong to others, in the room's one order.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, history, makeRoom, must, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
});
after(() => server.close());

const say = (who, room, text, more = {}) => must(server, 'POST', `/v1/rooms/${room}/messages`, {
    token: who.token, body: { text, ...more },
});
const thread = (who, room, seq, query = '') =>
    must(server, 'GET', `/v1/rooms/${room}/messages/${seq}/thread${query}`, who);

test('a thread grows from a message, and has a place in the room too', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    const question = await say(ann, room, 'who is in?');
    await say(bob, room, 'something else');
    const answer = await say(bob, room, 'me', { thread: question.seq });
    assert.equal(answer.thread, question.seq);
    assert.equal(answer.seq, 3);
    assert.equal((await client.heardText('me')).body.message.thread, question.seq);
    const { body: deeper } = await client.request('room.post', {
        room, text: 'good', thread: answer.seq, reply_to: answer.seq,
    });
    assert.equal(deeper.thread, question.seq); // there are no threads in threads
    assert.equal(deeper.reply_to, answer.seq);

    const all = await history(server, bob.token, room);
    assert.deepEqual(all.map(({ seq }) => seq), [1, 2, 3, 4]);
    assert.deepEqual(all.map(({ replies }) => replies), [2, undefined, undefined, undefined]);
    for (const seq of [question.seq, answer.seq]) {
        const { messages, as_of: asOf } = await thread(bob, room, seq);
        assert.deepEqual(messages, all.slice(2));
        assert.ok(Number.isInteger(asOf));
    }
    assert.deepEqual((await thread(bob, room, 1, '?after=3&limit=1')).messages, all.slice(3));
    assert.deepEqual((await thread(bob, room, 2)).messages, []);
    const { body } = await client.request('room.thread', { room, seq: 1, limit: 1 });
    assert.deepEqual(body.messages.map(({ seq }) => seq), [3]);
    await client.close();
});

test('what is answered, or whose thread it is, must be there', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room}/messages`;
    await say(ann, room, 'hello');
    for (const more of [{ reply_to: 2 }, { thread: 2 }, { thread: -1 }, { reply_to: 'x' }])
        await refused(server, 'invalid', 'POST', path, {
            token: bob.token, body: { text: 'and', ...more },
        });
    await refused(server, 'not_found', 'GET', `${path}/2/thread`, bob);
    const hidden = await makeRoom(server, ann.token, 'private');
    await say(ann, hidden.id, 'secret');
    await refused(server, 'not_found', 'GET', `/v1/rooms/${hidden.id}/messages/1/thread`, bob);
    assert.equal((await history(server, ann.token, room)).length, 1);
});
