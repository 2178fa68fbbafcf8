// A match is made once, opens one room and is told once to each, whatever is killed (-9) between
// the likes and what comes of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, eventually, signUp } from './client.mjs';
import { Server } from './server.mjs';

const PAIRS = 6; // a kill
const KILLS = 2; // of each part
const PATIENCE_MS = 60_000;

let server;
before(async () => {
    server = await Server.start({ split: true });
});
after(() => server.close());

/** Until it is done, whoever is away: a like twice is one, so nothing is lost by asking again. */
async function patiently(method, path, who) {
    const { body } = await eventually(
        () => call(server, method, path, who).catch(() => ({ status: 0 })),
        ({ status }) => status === 200, `${method} ${path}`, PATIENCE_MS);
    return body;
}

const like = (who, whom) => patiently('PUT', `/v1/people/${whom.id}/like`, who);

async function signUpPairs(name) {
    const pairs = [];
    for (let i = 0; i < PAIRS; i++)
        pairs.push(await Promise.all(['a', 'b'].map((side) => signUp(server, `${name}${i}${side}`))));
    return pairs;
}

async function matchWhile(kill, pairs) {
    await Promise.all(pairs.map(([one, other]) => like(one, other)));
    const matching = pairs.map(([one, other], i) => new Promise((done, failed) => {
        setTimeout(() => like(other, one).then(done, failed), 4 * i);
    }));
    await kill();
    await Promise.all(matching);
}

const rooms = async (who) => (await patiently('GET', '/v1/rooms', who)).rooms;
const matchesTold = async (who) => (await patiently('GET', '/v1/notifications', who))
    .notifications.filter(({ kind }) => kind === 'match').length;

async function assertOnce([one, other]) {
    for (const who of [one, other]) {
        const { people } = await patiently('GET', '/v1/me/matches', who);
        assert.equal(people.length, 1);
        const found = await eventually(() => rooms(who), (list) => list.length > 0, 'the room',
            PATIENCE_MS);
        assert.equal(found.length, 1);
        await eventually(() => matchesTold(who), (count) => count > 0, 'the notification',
            PATIENCE_MS);
        assert.equal(await matchesTold(who), 1);
    }
    assert.equal((await rooms(one))[0].id, (await rooms(other))[0].id);
}

for (const role of ['matching', 'room', 'notifier', 'broker']) {
    test(`a killed ${role} makes no match twice, and loses none`, async () => {
        const all = [];
        for (let again = 0; again < KILLS; again++) {
            const pairs = await signUpPairs(`${role}${again}-`);
            all.push(...pairs);
            await matchWhile(async () => {
                await server.daemons.get(role).kill();
                server.spawnRole(role);
            }, pairs);
        }
        for (const pair of all)
            await assertOnce(pair);
    });
}

test('a start tells nobody again', async () => {
    const pairs = await signUpPairs('anew');
    await matchWhile(async () => {}, pairs);
    for (const pair of pairs)
        await assertOnce(pair);
    await server.restart();
    await server.restart();
    for (const pair of pairs)
        await assertOnce(pair);
});
