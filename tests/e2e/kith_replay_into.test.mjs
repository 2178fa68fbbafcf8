// kith replay --into: what people did on one server is done on another, which then has the same history.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, makeRoom, must, signUp } from './client.mjs';
import { journalOf, operate } from './operator.mjs';
import { history, replayed, replayInto } from './replayed.mjs';
import { keepSecret, Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;

let source, target, ann, bea, cleo, plaza, den, half;

const as = (person, method, path, body) => must(source, method, `/v1${path}`, { token: person.token, body });
const say = (person, room, text, more = {}) =>
    as(person, 'POST', `/rooms/${room.id}/messages`, { text, ...more });
const at = (room, path) => `/rooms/${room.id}${path}`;

/** Everything that a native client can do, and that leaves a trace. */
async function live() {
    [ann, bea, cleo] = await Promise.all(['ann', 'bea', 'cleo'].map((login) =>
        signUp(source, login, { email: `${login}@example.org`, username: `${login} the first` })));
    plaza = await makeRoom(source, ann.token, 'open', 'plaza');
    den = await makeRoom(source, bea.token, 'private', 'den');
    const talk = await as(ann, 'POST', '/direct', { account: bea.id });
    await as(bea, 'POST', at(plaza, '/members'), {});
    const first = await say(ann, plaza, 'hello @bea, write to ann@example.org', { client_id: 'mine' });
    await say(bea, plaza, 'hello @ann, and @cleo who is not here', { reply_to: first.seq });
    half = (await must(source, 'GET', '/v1/rooms', { token: ann.token })).as_of;
    await say(cleo, plaza, 'a reader speaks: grüße 🙂', { thread: first.seq });
    await as(ann, 'PUT', at(plaza, '/topic'), { topic: 'this and that' });
    await as(ann, 'PUT', at(plaza, '/name'), { name: 'the plaza' });
    await as(ann, 'PUT', at(plaza, `/members/${bea.id}/role`), { role: 'moderator' });
    await as(ann, 'PUT', at(plaza, `/members/${cleo.id}/mute`), { until: Date.now() * 1000 + 3.6e9 });
    await as(bea, 'PUT', at(plaza, `/messages/${first.seq}/reactions/👍`));
    await as(cleo, 'PUT', at(plaza, `/messages/${first.seq}/reactions/👍`));
    await as(cleo, 'DELETE', at(plaza, `/messages/${first.seq}/reactions/👍`));
    await as(ann, 'PUT', at(plaza, `/messages/${first.seq}`), { text: 'hello, @bea' });
    await as(ann, 'PUT', at(plaza, `/messages/${first.seq}/pin`));
    const regretted = await say(bea, plaza, 'never mind');
    await as(bea, 'DELETE', at(plaza, `/messages/${regretted.seq}`));
    await as(cleo, 'PUT', at(plaza, '/read'), { seq: first.seq });
    await as(bea, 'POST', at(den, '/invitations'), { account: ann.id });
    await as(ann, 'POST', at(den, '/members'), {});
    await as(bea, 'POST', at(den, '/members'), { account: cleo.id });
    await as(cleo, 'DELETE', at(den, `/members/${cleo.id}`));
    await say(ann, den, 'between us');
    await say(bea, talk, 'and here');
    await as(ann, 'PUT', at(talk, '/read'), { seq: 1 });
    await as(ann, 'PATCH', '/me/profile', { first_name: 'Ann', city: 'Turin', tags: [{ name: 'chess' }] });
    await as(bea, 'PATCH', '/me/profile', { first_name: 'Bea', description: 'I like it here' });
    await as(cleo, 'POST', `/people/${ann.id}/visits`);
    await as(ann, 'PUT', `/people/${cleo.id}/like`);
    await as(cleo, 'PUT', `/people/${ann.id}/like`); // a match, which opens a room
    await as(cleo, 'PUT', `/people/${bea.id}/block`);
    await as(ann, 'PUT', '/notifications/preferences/visit', { wish: 'off' });
    await as(ann, 'POST', '/notifications', { account: bea.id, text: 'look' });
    await eventually(() => as(cleo, 'GET', '/rooms'), ({ rooms }) => rooms.some(({ kind }) => kind === 'direct'),
        'that the match has opened a room');
}

before(async () => {
    source = await Server.start();
    target = await Server.start();
    await live();
});
after(() => Promise.all([source.close(), target.close()]));

for (const dialect of ['native', 'rest'])
    test(`played by ${dialect} clients, the other server has the same history`, async () => {
        const result = replayed(source, target, `${dialect}-`, '--dialect', dialect);
        assert.deepEqual([result.accounts, result.rooms, result.refused_calls], [3, 4, 0]);
        assert.equal(result.calls['room.post'].made, 6);
        assert.deepEqual(await history(target, `${dialect}-`), await history(source));
    });

test('nobody waits for others in a loose room, but for what they answer', async () => {
    replayed(source, target, 'loose-', '--loose');
    const played = await history(target, 'loose-');
    const texts = ({ rooms }) => rooms.flatMap(({ messages }) => messages.map(({ text }) => text)).sort();
    assert.deepEqual(texts(played), texts(await history(source)));
});

test('names, passwords and e-mails are others', async () => {
    replayed(source, target, 'names-');
    const accounts = operate(target, 'account', 'list', '--json').split('\n').map((line) => JSON.parse(line));
    const played = accounts.filter(({ login }) => login.startsWith('names-'));
    assert.deepEqual(played.map(({ login, username }) => [login, username]).sort(),
        ['ann', 'bea', 'cleo'].map((name) => [`names-${name}`, `names-${name} the first`]));
    for (const { email } of played)
        assert.match(email, /^names-.*@replay\.example$/);
});

test('with --filler nobody says what they said, but as much of it', async () => {
    replayed(source, target, 'filler-', '--filler');
    const [{ rooms }, original] = [await history(target, 'filler-'), await history(source)];
    const texts = (list) => list.flatMap(({ messages }) => messages.map(({ text }) => text));
    const lengths = (list) => texts(list).map((text) => [text.length, Buffer.byteLength(text)]).sort();
    assert.deepEqual(lengths(rooms), lengths(original.rooms));
    assert.ok(texts(rooms).includes('xxxxxx @bea'), texts(rooms).join('\n'));
    assert.doesNotMatch(JSON.stringify(rooms), /hello|between|plaza|this/);
});

test('from a point on: rooms are as they were then, and what was said before is not said', async () => {
    const result = replayed(source, target, 'later-', '--from', String(half + 1));
    assert.ok(result.scene > 0);
    const { rooms } = await history(target, 'later-');
    const room = rooms.find(({ kind }) => kind === 'open');
    assert.deepEqual(room.members.map(([name]) => name), ['ann', 'bea', 'cleo']);
    assert.deepEqual(room.messages.map(({ text, deleted }) => deleted ? '' : text), ['a reader speaks: grüße 🙂', '']);
    assert.ok(result.unsaid.some(({ what, why }) => what === 'message.edit' && /not on the target/.test(why)));
});

test('up to a point, and of one room', async () => {
    replayed(source, target, 'early-', '--to', String(half));
    const { rooms } = await history(target, 'early-');
    assert.deepEqual(rooms.find(({ name }) => name === 'plaza').messages.length, 2);
    replayed(source, target, 'den-', '--room', String(den.id));
    const alone = await history(target, 'den-');
    assert.deepEqual(alone.rooms.map(({ name, messages }) => [name, messages.map(({ text }) => text)]), [['den', ['between us']]]);
});

test('a point may be a time', async () => {
    const future = replayInto(source, target, '--at', '2999-12-31T18:00:00Z', '--prefix', 'future-', '--speed', 'max');
    assert.deepEqual([future.status, future.result.made, future.result.rooms], [GOOD, 0, 4]);
    const past = replayInto(source, target, '--until', '2020-01-01', '--prefix', 'past-', '--speed', 'max');
    assert.deepEqual([past.status, past.result.made, past.result.accounts], [GOOD, 0, 0]);
});

test('at its own pace it takes as long as it took', async () => {
    const times = journalOf(source).filter(({ room }) => room === plaza.id).map(({ time }) => time);
    const span = (Math.max(...times) - Math.min(...times)) / 1e6;
    const args = ['--room', String(plaza.id), '--prefix'];
    const own = replayInto(source, target, ...args, 'own-');
    assert.equal(own.status, GOOD, own.stdout);
    assert.ok(own.result.seconds >= span, `${own.result.seconds} s of ${span} s`);
    assert.ok(own.result.lag_p50_us <= own.result.lag_max_us);
    const slow = replayInto(source, target, ...args, 'slow-', '--speed', '0.5');
    assert.ok(slow.result.seconds >= 2 * span, `${slow.result.seconds} s of ${2 * span} s`);
});

test('a target that says too many is waited for', async (t) => {
    const strict = await Server.start({ settings: { argon2: 'interactive', 'rate.sign_up': '1/3' } });
    t.after(() => strict.close());
    const result = replayed(source, strict, 'patient-');
    assert.ok(result.put_off > 0);
    assert.equal(result.accounts, 3);
    assert.deepEqual(await history(strict, 'patient-'), await history(source));
});

test('a target that dies and comes back has everything, and once', async (t) => {
    const mortal = await Server.start();
    t.after(() => mortal.close());
    const args = ['--data', source.data, 'replay', '--into', mortal.url, '--to', String(half), '--json', '--prefix', 'again-'];
    const running = spawn(KITH, [...args, '--speed', '0.2'], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => running.kill('SIGKILL'));
    const ended = once(running, 'exit');
    const told = running.stdout.setEncoding('utf8').toArray();
    await eventually(() => operate(mortal, 'account', 'list', '--json'), (list) => list.includes('again-'), 'that somebody signs up');
    await mortal.kill();
    await mortal.launch();
    assert.deepEqual([await ended, JSON.parse((await told).join('')).refused], [[GOOD, null], []]);
    replayed(source, mortal, 'quietly-', '--to', String(half));
    assert.deepEqual(await history(mortal, 'again-'), await history(mortal, 'quietly-'));
});

test('what is refused is told, and fails it', async () => {
    replayed(source, target, 'twice-');
    const { status, result } = replayInto(source, target, '--speed', 'max', '--prefix', 'twice-');
    assert.equal(status, BAD);
    assert.deepEqual(result.refused, [{ what: 'account.register', why: 'exists', count: 3 }]);
    assert.ok(result.unsaid.some(({ what, why }) => what === 'room.create' && /not on the target/.test(why)));
});

test('with a key accounts are made by staff, and staff does what staff did', async (t) => {
    const strict = await Server.start({ settings: { argon2: 'interactive', 'rate.sign_up': '1/100000' } });
    t.after(() => strict.close());
    const file = join(strict.base, 'key');
    writeFileSync(file, keepSecret(operate(strict, 'key', 'create', 'replay', '--scopes', 'accounts tokens')));
    operate(source, 'account', 'ban', 'cleo');
    operate(source, 'account', 'unban', 'cleo');
    assert.equal(replayed(source, target, 'keyless-').unsaid.find(({ what }) => what === 'account.ban').count, 1);
    const result = replayed(source, strict, 'keyed-', '--key', file);
    assert.deepEqual([result.accounts, result.put_off, result.calls['account.ban'].made], [3, 0, 1]);
});

test('for people it is a table', () => {
    const { status, stdout } = spawnSync(KITH,
        ['--data', source.data, 'replay', '--into', target.url, '--speed', '1000'], { encoding: 'utf8' });
    assert.equal(status, GOOD, stdout);
    assert.match(stdout, /^into http:\S+ as native: 3 accounts, called r[0-9a-f]{6}-…, and 4 rooms$/m);
    assert.match(stdout, /^room\.post +6 +0 +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d$/m);
    assert.match(stdout, /^behind its time: /m);
});

test('a signal ends it, and it tells how far it came', async (t) => {
    const args = ['--data', source.data, 'replay', '--into', target.url, '--speed', '0.01', '--json', '--prefix', 'short-'];
    const running = spawn(KITH, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => running.kill('SIGKILL'));
    const ended = once(running, 'exit');
    const told = running.stdout.setEncoding('utf8').toArray();
    await eventually(() => operate(target, 'account', 'list', '--json'), (list) => list.includes('short-'), 'that somebody signs up');
    running.kill('SIGINT');
    assert.deepEqual(await ended, [BAD, null]);
    assert.equal(JSON.parse((await told).join('')).stopped, true);
});

for (const [what, args] of [
    ['an address that is none', ['--into', 'example.org']],
    ['an address with a path', ['--into', 'http://127.0.0.1:1/v1']],
    ['a dialect that there is not', ['--into', 'http://127.0.0.1:1', '--dialect', 'latin']],
    ['a speed that is none', ['--into', 'http://127.0.0.1:1', '--speed', 'fast']],
    ['a prefix that is no name', ['--into', 'http://127.0.0.1:1', '--prefix', '<b>']],
    ['a key that is not there', ['--into', 'http://127.0.0.1:1', '--key', '/nowhere']],
    ['both at once', ['--into', 'http://127.0.0.1:1', '--verify']],
])
    test(`${what} is not understood`, () => {
        const { status, stderr } = spawnSync(KITH, ['--data', source.data, 'replay', ...args], { encoding: 'utf8' });
        assert.equal(status, USAGE, stderr);
        assert.match(stderr, /^kith: /);
    });

test('a target that is not there is told', () => {
    const { status, stderr } = spawnSync(KITH, ['--data', source.data, 'replay', '--into', 'http://127.0.0.1:1'],
        { encoding: 'utf8' });
    assert.deepEqual([status, /kith: http:\/\/127\.0\.0\.1:1: /.test(stderr)], [BAD, true]);
});
