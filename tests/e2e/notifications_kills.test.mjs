// Each message of a direct room is told exactly once, whichever part is killed in between: the
// journal has one notification for each post, which names it as its cause.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, eventually, must, signUp } from './client.mjs';
import { journalOf } from './operator.mjs';
import { Server } from './server.mjs';

const ROUNDS = 4;
const FLOW = 25; // messages between two kills

let server;
let ann;
let bob;
let room;
let posted = 0;

before(async () => {
    server = await Server.start({ split: true });
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    ({ id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    }));
});
after(() => server.close());

/** Post until it is taken: with a client id, so that it is said once. */
async function say(number) {
    const body = { text: `message ${number}`, client_id: `m${number}` };
    const isTaken = ({ status }) => status === 201;
    const ask = () => call(server, 'POST', `/v1/rooms/${room}/messages`, { token: ann.token, body })
        .catch(() => ({ status: 0 }));
    await eventually(ask, isTaken, body.text, 30_000);
}

async function flow() {
    for (let i = 0; i < FLOW; i++)
        await say(++posted);
}

async function assertAllTold() {
    const list = () => must(server, 'GET', '/v1/notifications', bob).catch(() => null);
    await eventually(list, (inbox) => inbox?.notifications[0]?.count === posted,
        `${posted} messages in one entry`, 30_000);
}

for (const roles of [['notifier'], ['room'], ['broker'], ['notifier', 'room', 'broker']]) {
    test(`with ${roles.join(' and ')} killed`, async () => {
        for (let round = 0; round < ROUNDS; round++) {
            const flowing = flow();
            await Promise.all(roles.map((role) => server.daemons.get(role).kill()));
            for (const role of roles)
                server.spawnRole(role);
            await flowing;
        }
        await assertAllTold();
    });
}

test('the journal has each once, with its cause', async () => {
    await server.stop();
    const records = journalOf(server);
    const posts = records.filter(({ type }) => type === 'room.posted').map(({ seq }) => seq);
    const causes = records.filter(({ type }) => type === 'notified').map(({ cause }) => cause);
    assert.equal(posts.length, posted);
    assert.deepEqual([...causes].sort((a, b) => a - b), posts);
});
