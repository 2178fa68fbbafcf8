// The same scenario through each dialect leaves the same journal, but for ids and times: two
// people sign up and talk in their direct room.
//
// What a document adds to a message for its own clients (the client's time and id, further keys)
// is not the scenario's; nor is how it signs in and out, and the e-mail and the names that some ask
// for.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { journalOf } from './operator.mjs';
import { clients } from './people/all.mjs';
import { meetDirectly, settings } from './people/rooms.mjs';
import { Server } from './server.mjs';

const SIGNING = /^(session|link|mail|profile)\./;
const VOLATILE = ['seq', 'cause', 'time', 'client_id', 'email', 'uuid', 'gid', 'created', 'joined'];
const ADDED = ['client_time', 'extra', 'random_id'];

const without = (names, value) => {
    if (Array.isArray(value))
        return value.map((item) => without(names, item));
    if (value === null || typeof value !== 'object')
        return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))
        .map(([name, item]) => [name, without(names, item)]));
};

/** Records of a stopped server, as far as they are the scenario's: each actor's in its order,
 *  for one does not wait for another. */
function journal(server) {
    return journalOf(server).filter(({ type }) => !SIGNING.test(type))
        .sort((a, b) => a.actor.localeCompare(b.actor) || a.seq - b.seq)
        .map((record) => without([...VOLATILE, ...ADDED], record));
}

async function scenario(Client) {
    const server = await Server.start({ settings });
    const [ann, bob] = ['Ann', 'Bob'].map((login) => new Client(server, login));
    for (const person of [ann, bob]) {
        await person.signUp();
        await person.signIn();
        await person.connect();
    }
    const room = await meetDirectly(server, [ann, bob]);
    for (const person of [ann, bob])
        await person.enter(room);
    for (const [n, person] of [ann, bob, ann].entries()) {
        await person.say(`line ${n}`);
        await Promise.all([ann, bob].map((each) => each.sees(`line ${n}`)));
    }
    for (const person of [ann, bob]) {
        await person.signOut();
        await person.close();
    }
    await server.stop();
    const records = journal(server);
    await server.close();
    return records;
}

const { 'the native WebSocket': Native, ...others } = clients;
const wanted = await scenario(Native);

test('the scenario is in the native journal', () => {
    assert.deepEqual(wanted.map(({ type }) => type), [
        'notified', 'notified', 'notified',
        'room.created', 'room.joined', 'room.joined', 'room.posted', 'room.posted', 'room.posted',
        'account.registered', 'account.registered',
    ]);
});

for (const [name, Client] of Object.entries(others))
    test(name, async () => assert.deepEqual(await scenario(Client), wanted));
