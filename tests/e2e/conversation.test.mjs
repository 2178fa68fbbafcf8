// The conversation across all documents: people on each one's own client in one room.  Each
// message arrives once at each of them, in one order, in the shape that its document says.
//
// Matcha (000), ChatAPI (001) and ChatBackend (002) have rooms for many; the Pusher chat (003) and
// matcha42 (004) know two people only, so all of them meet in a direct room, where each of the
// two sits at a client of every document at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { history } from './client.mjs';
import { clients } from './people/all.mjs';
import { knock, makeGroup, meetDirectly, settings, wordsOf } from './people/rooms.mjs';
import { Server } from './server.mjs';

const LINES = 10; // of each
const inGroups = Object.entries(clients).filter(([, { kinds }]) => kinds.includes('private'));

let server;
before(async () => { server = await Server.start({ settings }); });
after(() => server.close());

async function arrive(Client, login, other) {
    const person = new Client(server, login);
    if (other === undefined)
        await person.signUp();
    else
        Object.assign(person, { password: other.password, email: other.email });
    await person.signIn();
    await person.connect();
    return person;
}

/** Everybody says so many lines, all at once. */
async function speak(people) {
    await Promise.all(people.map(async (person, n) => {
        for (let line = 1; line <= LINES; line++)
            await person.say(`${n}: line ${line}`);
    }));
    await Promise.all(people.map((person) =>
        person.until(() => wordsOf(person.heard).length >= people.length * LINES, 'all lines')));
}

/** Each heard all of it once, in the order of the room. */
async function assertHeard(people, room) {
    const texts = wordsOf(await history(server, room.token, room.id, '?limit=1000'));
    assert.equal(texts.length, people.length * LINES);
    assert.equal(new Set(texts).size, texts.length);
    for (const person of people) {
        const what = `${person.constructor.document} ${person.login}`;
        assert.deepEqual(wordsOf(person.heard), texts, what);
        await person.reenter();
        assert.deepEqual(wordsOf(person.shown), texts, `${what}, read again`);
    }
}

const bye = (people) => Promise.all(people.map((person) => person.close()));

test('people of every document that has rooms for many, in one room', async () => {
    const people = await Promise.all(inGroups.map(([, Client], n) => arrive(Client, `group${n}`)));
    const room = await makeGroup(server, people);
    for (const person of people)
        await person.enter(room);
    await knock(server, room, people);
    await speak(people);
    await assertHeard(people, room);
    await bye(people);
});

test('two people, each at a client of every document at once', async () => {
    const Clients = Object.values(clients);
    const [ann, bob] = [await arrive(Clients[0], 'ann'), await arrive(Clients[1], 'bob')];
    const devices = await Promise.all(Clients.flatMap((Client) =>
        [ann, bob].map((person) => arrive(Client, person.login, person))));
    const room = await meetDirectly(server, [ann, bob]);
    for (const device of devices)
        await device.enter(room);
    await knock(server, room, devices);
    await speak(devices);
    await assertHeard(devices, room);
    await bye([ann, bob, ...devices]);
});

test('every document talks with every other, and with its own', async () => {
    const named = Object.values(clients);
    const [here, there] = await Promise.all(['here', 'there'].map((side) =>
        Promise.all(named.map((Client, n) => arrive(Client, `${side}${n}`)))));
    for (const ann of here) {
        for (const bob of there) {
            const room = await meetDirectly(server, [ann, bob]);
            await ann.enter(room);
            await bob.enter(room);
            await knock(server, room, [ann, bob]);
            const [question, answer] = [`${ann.login}, ${bob.login}?`, `${bob.login}, ${ann.login}.`];
            await ann.say(question);
            await bob.sees(question);
            await bob.say(answer);
            await Promise.all([ann, bob].map((person) => person.sees(answer)));
            assert.deepEqual(wordsOf(ann.shown), [question, answer]);
            assert.deepEqual(wordsOf(bob.shown), [question, answer]);
        }
    }
    await bye([...here, ...there]);
});
