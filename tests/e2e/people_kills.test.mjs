// A match is made once, opens one room and is told once to each, whatever is killed (-9) in between.
//
//   like ─> people.matched ─┬─> room.created, room.joined ×2     (room)
//   (matching)              └─> notified ×2                      (notifier)
//
// Each event of this chain passes the points of actors/failpoints.def in the process that makes
// it, in the broker, and in each that hears it.  At each of them that process dies, a couple a
// death; then the journal must have each event exactly once for each couple, and a server that
// makes all its projections anew from it adds nothing.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { call, eventually, must, signUp } from './client.mjs';
import { journalOf } from './operator.mjs';
import { Server } from './server.mjs';

const PATIENCE_MS = 60_000;

/** What each process makes of the chain, and what it hears of it. */
const chain = {
    matching: { makes: ['people.matched'], hears: ['people.matched'] },
    room: { makes: ['room.created'], hears: ['people.matched', 'room.created'] },
    notifier: { makes: ['notified'], hears: ['people.matched', 'notified'] },
    session: { makes: [], hears: ['room.created'] },
};
const passing = ['people.matched', 'room.created', 'notified']; // through the broker

/** Which events come to a point of a process, by the point's name. */
const comesTo = {
    'actor.emitted': ({ makes }) => makes,
    'actor.sent': ({ makes }) => makes,
    'actor.heard': ({ hears }) => hears,
    'actor.took': ({ hears }) => hears,
    'actor.flushed': ({ hears }) => hears,
};

const table = readFileSync(new URL('../../actors/failpoints.def', import.meta.url), 'utf8');
const points = [...table.matchAll(/^FAILPOINT\(\w+, "([a-z.]+)"/gm)].map(([, name]) => name)
    .filter((name) => !/^(snapshot|cut)\./.test(name)); // retention_kills.test.mjs has those

/** Every death that there can be: [role, point@event]. */
const deaths = points.flatMap((point) => point.startsWith('actor.')
    ? Object.entries(chain).flatMap(([role, part]) =>
        comesTo[point](part).map((event) => [role, `${point}@${event}`]))
    : passing.map((event) => ['broker', `${point}@${event}`]));

let server;
const couples = [];

before(async () => {
    server = await Server.start({ split: true });
    for (let n = 0; n < deaths.length; n++)
        couples.push(await signUpCouple(n));
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

/** Two of whom one likes the other.  They are told of matches only, so that the first event
 *  `notified` is that of the match. */
async function signUpCouple(n) {
    const couple = await Promise.all(['a', 'b'].map((side) => signUp(server, `${side}${n}`)));
    for (const { token } of couple)
        await must(server, 'PUT', '/v1/notifications/preferences/like', { token, body: { wish: 'off' } });
    await like(...couple);
    return couple;
}

/** The process begins again, and dies at that point if there is one. */
async function renew(role, failpoint) {
    await server.daemons.get(role).kill();
    const env = failpoint === undefined ? {} : { KITH_FAILPOINT: failpoint };
    const daemon = server.spawnRole(role, role, [], env);
    await server.ready();
    return daemon;
}

const matchesTold = async (who) => (await patiently('GET', '/v1/notifications', who))
    .notifications.filter(({ kind }) => kind === 'match').length;

/** Nothing more is to come of a couple's match. */
async function settled(couple) {
    const rooms = [];
    for (const who of couple) {
        const list = await eventually(() => patiently('GET', '/v1/rooms', who),
            (answer) => answer.rooms.length > 0, 'the room', PATIENCE_MS);
        await eventually(() => matchesTold(who), (count) => count > 0, 'the notification', PATIENCE_MS);
        rooms.push(...list.rooms.map(({ id }) => id));
    }
    assert.equal(rooms.length, 2, 'one room each');
    assert.equal(rooms[0], rooms[1]);
}

test('every point of the table is one of these deaths', () => {
    const names = new Set(deaths.map(([, failpoint]) => failpoint.split('@')[0]));
    assert.deepEqual(points.filter((point) => !names.has(point)), []);
});

deaths.forEach(([role, failpoint], n) => {
    test(`${role} dies at ${failpoint}`, async () => {
        const couple = couples[n];
        const daemon = await renew(role, failpoint);
        const liking = like(couple[1], couple[0]);
        assert.deepEqual(await daemon.exited, { code: null, signal: 'SIGKILL' });
        server.spawnRole(role);
        await liking;
        await settled(couple);
    });
});

test('a point that there is not is refused', async () => {
    for (const wish of ['journal.written', 'journal.written@no.such', 'no.such@notified']) {
        const daemon = server.spawnRole('search', 'another', [], { KITH_FAILPOINT: wish });
        assert.deepEqual(await daemon.exited, { code: 2, signal: null }, wish);
    }
    server.daemons.delete('another');
});

/** What the journal has of a couple's match, as names with how often. */
function storyOf(journal, [one, other]) {
    const ids = [one.id, other.id];
    const isTheirs = ({ body }) => ids.includes(body.account) && (ids.includes(body.by) || ids.includes(body.from));
    const matches = journal.filter((record) => record.type === 'people.matched' && isTheirs(record));
    const causes = matches.map(({ seq }) => seq);
    const reactions = journal.filter(({ cause }) => causes.includes(cause));
    const story = {};
    for (const { type } of [...matches, ...reactions])
        story[type] = (story[type] ?? 0) + 1;
    return story;
}

const once = { 'people.matched': 1, 'room.created': 1, 'room.joined': 2, notified: 2 };

function assertOnce(journal) {
    for (const couple of couples)
        assert.deepEqual(storyOf(journal, couple), once, `of ${couple[0].account.login}`);
    assert.equal(journal.filter(({ type }) => type === 'room.created').length, couples.length);
}

test('each event is in the journal once, and a replay adds none, twice', async () => {
    await server.stop();
    const journal = journalOf(server);
    assertOnce(journal);
    for (let again = 0; again < 2; again++) {
        for (const actor of [...Object.keys(chain), 'search'])
            rmSync(join(server.data, actor), { recursive: true });
        await server.launch();
        for (const couple of couples)
            await settled(couple);
        await server.stop();
        assert.deepEqual(journalOf(server), journal);
    }
});
