// An event is made into a frame once for all Socket.IO clients that are shown the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';
import { clients, connect } from './socketio.mjs';

const EACH = 4;
const MESSAGES = 10;

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

/** The counter of each dialect. */
async function counts(name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const rows = text.matchAll(new RegExp(`^${name}\\{dialect="([^"]*)"\\} (\\d+)$`, 'gm'));
    return new Map([...rows].map(([, dialect, value]) => [dialect, Number(value)]));
}

test('a frame a message and dialect, whatever their number and transport', async () => {
    const [ann, bob] = [await signUp(server, 'ann'), await signUp(server, 'bob')];
    const { id: room } = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: bob.token, body: {} });
    await must(server, 'PUT', '/v1/notifications/preferences/message', // would be events, too
        { token: bob.token, body: { wish: 'off' } });
    const first = await Native.open(server, bob.token); // whose coming is told before anything is counted
    after(() => first.close());
    await first.heard(({ type }) => type === 'presence.changed', 'that bob is here');
    const sockets = await Promise.all(clients.flatMap((client) =>
        Array.from({ length: EACH }, () => connect(client, server.url, { token: bob.token }))));
    after(() => sockets.forEach((socket) => socket.close()));
    const all = Promise.all(sockets.map((socket) => new Promise((resolve) => {
        socket.on('room.posted', ({ message }) => {
            if (message.text === `message ${MESSAGES - 1}`)
                resolve();
        });
    })));
    const before = await Promise.all(['kith_renderings_total', 'kith_deliveries_total'].map(counts));
    for (let i = 0; i < MESSAGES; i++)
        await post(server, ann.token, room, `message ${i}`);
    await all;
    const [renderings, deliveries] =
        await Promise.all(['kith_renderings_total', 'kith_deliveries_total'].map(counts));
    const grew = (now, then, dialect) => now.get(dialect) - (then.get(dialect) ?? 0);
    for (const [dialect, versions] of [['native.socketio', 2], ['native.socketio.offsets', 1]]) {
        assert.equal(grew(deliveries, before[1], dialect), MESSAGES * versions * 3 * EACH);
        assert.equal(grew(renderings, before[0], dialect), MESSAGES);
    }
});
