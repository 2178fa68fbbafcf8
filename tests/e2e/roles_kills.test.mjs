// Each part as a process of its own, killed and started again while messages flow: what was
// acknowledged is there once, in order, and whoever reads resumes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makeRoom, must, signUp } from './client.mjs';
import { Server } from './server.mjs';
import { Traffic } from './traffic.mjs';

const SENDERS = 20;
const FLOW = 20; // messages of each sender between two kills

let server;
let people;

async function start(options) {
    server = await Server.start({ split: true, ...options });
    people = await Promise.all(Array.from({ length: SENDERS }, (_, i) => (
        signUp(server, `sender${i}`))));
}

async function startTraffic(servers) {
    const room = await makeRoom(server, people[0].token);
    for (const { token } of people.slice(1))
        await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token, body: {} });
    return Traffic.start(servers, room.id, people);
}

for (const [bus, options] of [['ipc', {}], ['tcp with keys', { tcp: true }]]) {
    describe(`over ${bus}`, () => {
        before(() => start(options));
        after(() => server.close());

        for (const role of ['edge', 'room', 'session', 'broker']) {
            test(`a killed ${role} loses nothing`, async () => {
                const traffic = await startTraffic([server]);
                await traffic.flow(FLOW);
                for (let again = 0; again < 2; again++) {
                    await server.daemons.get(role).kill();
                    server.spawnRole(role);
                    await traffic.flow(FLOW);
                }
                await traffic.end();
                await traffic.assertWhole(server, people[0].token);
                const drops = traffic.readers.reduce((sum, reader) => sum + reader.drops, 0);
                if (role === 'edge' || role === 'broker')
                    assert.ok(drops >= traffic.readers.length, 'the readers were dropped');
            });
        }

        test('an edge and the actors may go while the broker is away', async () => {
            const traffic = await startTraffic([server]);
            await traffic.flow(FLOW);
            await Promise.all(['edge', 'room', 'session', 'broker'].map((role) => (
                server.daemons.get(role).kill())));
            for (const role of ['edge', 'room', 'session', 'broker']) /* the broker last */
                server.spawnRole(role);
            await traffic.flow(FLOW);
            await traffic.end();
            await traffic.assertWhole(server, people[0].token);
        });

        test('one of two edges is killed, the other serves on', async () => {
            const other = await server.spawnEdge();
            const traffic = await startTraffic([server, other]);
            await traffic.flow(FLOW);
            await server.daemons.get('edge').kill();
            server.spawnRole('edge');
            await traffic.flow(FLOW);
            await traffic.end();
            await traffic.assertWhole(other, people[0].token);
            await other.stop();
        });
    });
}
