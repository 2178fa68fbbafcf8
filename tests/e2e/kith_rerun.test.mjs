// kith record and kith rerun: what was decided is decided again; what was forged is found; and what would have happened otherwise.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, makeRoom, must, post, refused, signIn, signUp } from './client.mjs';
import { clients } from './people/all.mjs';
import { knock, makeGroup, settings } from './people/rooms.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;
const ACTORS = ['session', 'room', 'matching', 'notifier'];
const inGroups = Object.entries(clients).filter(([, { kinds }]) => kinds.includes('private'));

let server, ann, bea, cleo, club;
const passwords = [];

const run = (...args) => spawnSync(KITH, args, { encoding: 'utf8', env: { ...process.env, TMPDIR: server.base } });
const live = (...args) => run('--data', server.data, '--bus', server.bus, ...args);
const rerun = (...args) => run('--data', server.data, 'rerun', ...args);
const objects = (text) => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
const tape = (recording, actor) => join(server.data, 'recordings', recording, `${actor}.tape`);

function done(result) {
    assert.equal(result.status, GOOD, `${result.stdout}${result.stderr}`);
    return result.stdout;
}

/** The last records of a type. */
const recordsOf = (type) => objects(done(run('--bus', server.bus, 'tail', '-n', '200', '--type', type, '--json')));

/** Somebody on each document's own client says something in one room. */
async function converse() {
    const people = [];
    for (const [, Client] of inGroups) {
        const person = new Client(server, `talker${people.length}`);
        await person.signUp();
        await person.signIn();
        await person.connect();
        passwords.push(person.password);
        people.push(person);
    }
    const room = await makeGroup(server, people);
    for (const person of people)
        await person.enter(room);
    await knock(server, room, people);
    for (const person of people)
        await person.say(`words of ${person.login}`);
    await Promise.all(people.map((person) => person.sees(`words of ${person.login}`)));
    await Promise.all(people.map((person) => person.close()));
}

/** A bit of everything: what is decided, refused, reacted to, hashed by the pool, done by timers. */
async function liveALittle() {
    const about = (path, token, method = 'PUT', body = undefined) => must(server, method, path, { token, body });
    cleo = await signUp(server, 'cleo');
    passwords.push(cleo.password);
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', { body: { login: 'cleo', password: 'a wrong one' } });
    await signIn(server, 'cleo', cleo.password);
    await about(`/v1/rooms/${club.id}/members`, ann.token, 'POST', { account: cleo.id });
    await post(server, ann.token, club.id, 'sentinel words for @cleo');
    for (let i = 0; i < 5; i++)
        await post(server, cleo.token, club.id, `the ${i}th of Cleo`, `cleo-${i}`);
    await post(server, cleo.token, club.id, 'the 0th of Cleo', 'cleo-0').catch(() => {});
    await about(`/v1/people/${ann.id}/like`, bea.token);
    await about(`/v1/people/${bea.id}/like`, ann.token);
    await about(`/v1/people/${cleo.id}/block`, bea.token);
    await eventually(() => recordsOf('room.created'), (rooms) => rooms.length > 1, 'that a match gets its room');
}

before(async () => {
    server = await Server.start({ settings });
    [ann, bea] = [await signUp(server, 'ann'), await signUp(server, 'bea')];
    club = await makeRoom(server, ann.token, 'private', 'the club');
    await post(server, ann.token, club.id, 'before anything is recorded');
    const parts = objects(done(live('record', 'start', 'day', '--json')));
    assert.deepEqual(parts.filter(({ going }) => going).map(({ actor }) => actor).sort(), ACTORS.toSorted());
    await liveALittle();
    await converse();
    const ended = objects(done(live('record', 'stop', '--json')));
    assert.ok(ended.every(({ going }) => !going));
});

after(() => server.close());

test('the same build decides the same, of a running server', () => {
    const verdicts = objects(done(rerun('day', '--json')));
    assert.deepEqual(verdicts.map(({ actor, verdict }) => [actor, verdict]).sort(), ACTORS.map((name) => [name, 'same']).sort());
    for (const { inputs, digest, ended } of verdicts) {
        assert.ok(inputs > 0);
        assert.match(digest, /^[0-9a-f]{64}$/);
        assert.equal(ended, 'an operator has stopped it');
    }
    assert.match(done(rerun('day')), /^room +\d+ inputs +same +[0-9a-f]{64}$/m);
});

test('nobody else may read a recording, and no password or token is in it', () => {
    const folder = join(server.data, 'recordings', 'day');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(folder).sort(), ACTORS.map((name) => `${name}.tape`).sort());
    for (const name of ACTORS) {
        assert.equal(statSync(tape('day', name)).mode & 0o777, 0o600);
        const bytes = readFileSync(tape('day', name));
        for (const secret of [...passwords, cleo.token, 'a wrong one'])
            assert.ok(!bytes.includes(secret), `${name} has a secret`);
    }
});

test('one decision that was changed is found, with what was seen', () => {
    cpSync(join(server.data, 'recordings', 'day'), join(server.data, 'recordings', 'forged'), { recursive: true });
    const bytes = readFileSync(tape('forged', 'room'));
    const at = bytes.lastIndexOf('sentinel words'); // the last: in the event, behind the call and the answer
    bytes.write('Sentinel words', at);
    writeFileSync(tape('forged', 'room'), bytes);

    const found = rerun('forged', '--json');
    assert.equal(found.status, BAD);
    const [difference, verdict] = objects(found.stdout).filter(({ actor }) => actor === 'room');
    assert.equal(verdict.verdict, 'different');
    assert.equal(difference.input.type, 'room.post');
    const text = ({ events }) => events.find(({ type }) => type === 'room.posted').body.message.text;
    assert.equal(text(difference.then), 'Sentinel words for @cleo');
    assert.equal(text(difference.now), 'sentinel words for @cleo');
    assert.ok(Object.values(difference.saw).some((row) => row?.name === 'the club'), 'the room as it was');
    const told = rerun('forged').stdout;
    assert.match(told, /room, input \d+: room\.post by account 1/);
    assert.match(told, /^ {2}having seen$/m);
});

test('without somebody\'s coming, what they say is refused', () => {
    const joined = recordsOf('room.joined')
        .find(({ room, account }) => room === club.id && account === cleo.id);
    const tale = objects(done(rerun('day', '--without', String(joined.seq), '--json')));
    const { gone } = tale.pop();
    const [first, ...rest] = tale;
    assert.deepEqual([first.fate, first.input.type, first.gone], ['left_out', 'room.join', [joined.seq]]);
    const posts = rest.filter(({ input }) => input.type === 'room.post' && input.principal === cleo.id);
    assert.equal(posts.length, 6);
    for (const { then, now } of posts)
        assert.deepEqual([then.status, now.status, now.events], ['ok', 'not_found', []]);
    assert.ok(rest.some(({ actor, fate }) => actor === 'notifier' && fate === 'did_not_happen'), 'and nobody is told');
    assert.ok(gone >= 6);
    const told = done(rerun('day', '--without', String(joined.seq)));
    assert.match(told, /left out/);
    assert.match(told, /^without record \d+: \d+ records gone/m);
});

test('without a reaction, its cause stays', () => {
    const notified = recordsOf('notified')
        .find(({ account }) => account === cleo.id);
    const tale = objects(done(rerun('day', '--without', String(notified.seq), '--json')));
    assert.deepEqual([tale[0].actor, tale[0].fate, tale[0].input.kind], ['notifier', 'left_out', 'record']);
    assert.ok(tale.every(({ actor }) => actor !== 'room'), 'the room goes on as before');
});

test('what cannot be', () => {
    const no = (result, words) => {
        assert.equal(result.status, BAD, result.stdout);
        assert.match(result.stderr, words);
    };
    no(rerun('night'), /there is no recording `night`/);
    no(rerun('../day'), /is no name of a recording/);
    no(rerun('day', '--without', '1'), /nothing that was recorded led to record 1/);
    no(live('record', 'start', '../day'), /record\.start: invalid: `name`/);
    no(live('record', 'start', 'day'), /not every actor can record it/);
});

test('a recording ends where it may grow no more, and the server goes on', async () => {
    done(live('record', 'start', 'short', '--bytes', '10000'));
    assertNoSecond(live('record', 'start', 'other'));
    for (let i = 0; i < 40; i++)
        await post(server, ann.token, club.id, `filling ${i}`);
    await eventually(() => objects(done(live('record', 'status', '--json'))).find(({ actor }) => actor === 'room'),
        ({ going }) => !going, 'that the room\'s part is full');
    done(live('record', 'stop'));
    assert.ok(statSync(tape('short', 'room')).size <= 10000);
    const room = objects(done(rerun('short', '--json'))).find(({ actor }) => actor === 'room');
    assert.equal(room.ended, 'it has as many bytes as it may have');
});

function assertNoSecond(result) {
    assert.equal(result.status, BAD);
    assert.match(result.stderr, /exists: a recording is going on/);
}

test('a recording ends with the server, and its rows are those of the live actor', async () => {
    done(live('record', 'start', 'last'));
    await post(server, ann.token, club.id, 'the last words');
    await server.stop();
    const digests = objects(done(run('--data', server.data, 'digest', '--json')));
    const [room] = objects(done(rerun('last', '--json'))).filter(({ actor }) => actor === 'room');
    assert.equal(room.ended, 'the actor ended');
    assert.equal(room.digest, digests.find(({ actor }) => actor === 'room').digest);
});
