// kith replay --into --dialect: what a dialect can say is said, and the rest is told by its kind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually, makeRoom, must, signUp } from './client.mjs';
import { history, replayed } from './replayed.mjs';
import { Server } from './server.mjs';

let source, target, ann, bea, cleo;

const as = (person, method, path, body) => must(source, method, `/v1${path}`, { token: person.token, body });
const say = (person, room, text) => as(person, 'POST', `/rooms/${room.id}/messages`, { text });

/** Open rooms in which people are by speaking, chats of two, one of which a match has opened. */
async function live() {
    [ann, bea, cleo] = await Promise.all(['ann', 'bea', 'cleo'].map((login) => signUp(source, login, { email: `${login}@example.org` })));
    const plaza = await makeRoom(source, ann.token, 'open', 'plaza');
    const den = await makeRoom(source, bea.token, 'private', 'den');
    await say(ann, plaza, 'hello "all"');
    await say(bea, plaza, 'grüße 🙂\nand more');
    await say(cleo, plaza, 'hello "all"');
    await say(ann, plaza, 'hello "all"'); // again: another message
    await say(bea, den, 'nobody hears');
    await as(ann, 'POST', `/people/${bea.id}/visits`);
    await as(bea, 'PUT', `/people/${ann.id}/like`);
    await as(ann, 'PUT', `/people/${bea.id}/like`);
    const match = await eventually(() => as(ann, 'GET', '/rooms'),
        ({ rooms }) => rooms.some(({ kind }) => kind === 'direct'), 'that the match has opened a chat');
    const chat = match.rooms.find(({ kind }) => kind === 'direct');
    await say(bea, chat, 'so we meet');
    await say(ann, chat, 'we do');
    const talk = await as(ann, 'POST', '/direct', { account: cleo.id });
    await say(ann, talk, 'hello, cleo');
    await say(cleo, talk, 'hello, ann');
    await as(cleo, 'POST', `/people/${bea.id}/reports`, { reason: 'fake' });
    await as(cleo, 'PUT', `/people/${bea.id}/block`);
}

before(async () => {
    source = await Server.start();
    target = await Server.start();
    await live();
});
after(() => Promise.all([source.close(), target.close()]));

/** What is said in rooms of a kind, by whom, in its order. */
const said = ({ rooms }, kind, wanted = () => true) => rooms
    .filter((room) => room.kind === kind && wanted(room))
    .map(({ pair, members, messages }) => ({ pair, members, messages: messages.map(({ seq, sender, text }) => [seq, sender, text]) }));

const unsaid = ({ unsaid: reasons }) => reasons.map(({ what }) => what);

async function play(dialect) {
    const result = replayed(source, target, `${dialect}-`, '--dialect', dialect);
    assert.equal(result.refused_calls, 0);
    assert.equal(result.dialect, dialect);
    return { result, there: await history(target, `${dialect}-`), here: await history(source) };
}

for (const dialect of ['chatapi', 'chatbackend'])
    test(`${dialect} says what is said in open rooms`, async () => {
        const { result, there, here } = await play(dialect);
        assert.deepEqual(said(there, 'open'), said(here, 'open'));
        assert.equal(there.rooms.length, 1);
        assert.equal(result.calls['room.post'].made, 4);
        for (const what of ['room.create', 'room.direct', 'people.like', 'people.report', 'people.block', 'people.visit', 'room.post'])
            assert.ok(unsaid(result).includes(what), `${what} of ${unsaid(result)}`);
    });

test('flask says what two say to each other', async () => {
    const { result, there, here } = await play('flask');
    assert.deepEqual(said(there, 'direct'), said(here, 'direct'));
    assert.equal(there.rooms.length, 2);
    assert.ok(unsaid(result).includes('people.like'));
});

test('matcha says what matches say, and what leads to them', async () => {
    const { result, there, here } = await play('matcha');
    const matched = ({ pair }) => pair.join() === 'ann,bea';
    assert.deepEqual(said(there, 'direct'), said(here, 'direct', matched));
    for (const [i, { likes, matches, visits }] of here.lives.entries())
        assert.deepEqual([there.lives[i].likes, there.lives[i].matches, there.lives[i].visits], [likes, matches, visits]);
    assert.equal(result.calls['people.report'].made, 1);
    assert.deepEqual(result.unsaid.find(({ what, why }) => what === 'room.direct' && /match/.test(why)).count, 1);
});

test('matcha42 says what two say to each other, and what they think of each other', async () => {
    const { result, there, here } = await play('matcha42');
    assert.deepEqual(said(there, 'direct'), said(here, 'direct'));
    for (const [i, { likes, matches, blocks, visits }] of here.lives.entries())
        assert.deepEqual([there.lives[i].likes, there.lives[i].matches, there.lives[i].blocks, there.lives[i].visits],
            [likes, matches, blocks, visits]);
    assert.equal(result.calls['people.report'].made, 1);
    assert.ok(unsaid(result).includes('room.create'));
});
