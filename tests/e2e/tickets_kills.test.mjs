// A match of the matchmaker is made once and opens one room, whatever is killed (-9) while people
// wait for it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, eventually, signUp } from './client.mjs';
import { Server } from './server.mjs';

const PEOPLE = 8; // a kill
const KILLS = 2; // of each part
const PATIENCE_MS = 60_000;

const ROLES = ['matching', 'room', 'session', 'broker'];

let server;
const crowds = new Map(); // people by role and kill, who have all signed up before anything dies
before(async () => {
    server = await Server.start({ split: true });
    for (const role of ROLES) {
        for (let again = 0; again < KILLS; again++) {
            crowds.set(`${role}${again}`, await Promise.all(Array.from({ length: PEOPLE },
                (_, i) => signUp(server, `${role}${again}-${i}`))));
        }
    }
});
after(() => server.close());

/** Until it is done, whoever is away: the client id makes that safe. */
async function patiently(method, path, options) {
    const { body } = await eventually(
        () => call(server, method, path, options).catch(() => ({ status: 0 })),
        ({ status }) => status === 200 || status === 201, `${method} ${path}`, PATIENCE_MS);
    return body;
}

const open = (who, queue) => patiently('POST', '/v1/me/ticket',
    { token: who.token, body: { queue, stay: true, client_id: queue } });

const own = (who) => patiently('GET', '/v1/me/ticket', who);
const rooms = async (who) => (await patiently('GET', '/v1/rooms', who)).rooms;

async function waitWhile(kill, everybody, queue) {
    const opening = everybody.map((who, i) => new Promise((done, failed) => {
        setTimeout(() => open(who, queue).then(done, failed), 4 * i);
    }));
    await kill();
    await Promise.all(opening);
}

/** All are matched, in pairs, each in one room with the other. */
async function assertPaired(everybody) {
    const tickets = [];
    for (const who of everybody) {
        const ticket = await eventually(() => own(who), ({ room }) => room !== undefined, 'the room',
            PATIENCE_MS);
        assert.equal(ticket.accounts.length, 2);
        assert.ok(ticket.accounts.includes(who.id));
        assert.deepEqual((await rooms(who)).map(({ id }) => id), [ticket.room]);
        tickets.push(ticket);
    }
    const matches = new Set(tickets.map(({ match }) => match));
    assert.equal(matches.size, everybody.length / 2, 'everybody is in one match');
    for (const match of matches) {
        const both = tickets.filter((ticket) => ticket.match === match);
        assert.deepEqual(both[0].accounts, both[1].accounts);
        assert.equal(both[0].room, both[1].room);
    }
}

for (const role of ROLES) {
    test(`a killed ${role} matches nobody twice, and forgets nobody`, async () => {
        for (let again = 0; again < KILLS; again++) {
            await waitWhile(async () => {
                await server.daemons.get(role).kill();
                server.spawnRole(role);
            }, crowds.get(`${role}${again}`), `${role}${again}`);
        }
        for (let again = 0; again < KILLS; again++)
            await assertPaired(crowds.get(`${role}${again}`));
    });
}
