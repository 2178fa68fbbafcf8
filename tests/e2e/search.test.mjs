// Searching one's rooms: what is found, by whom, how soon, in which scripts, on which pages.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, eventually, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

const VISIBLE_MS = 1000;

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, name)));
});
after(() => server.close());

const ask = (who, text, more = {}) => must(server, 'GET',
    `/v1/search?${new URLSearchParams({ text, ...more })}`, who);

const texts = async (who, text, more) =>
    (await ask(who, text, more)).messages.map((message) => message.text);

/** What is found, once it is that: within a second. */
async function finds(who, text, wanted, more) {
    await eventually(() => texts(who, text, more),
        (found) => JSON.stringify(found) === JSON.stringify(wanted), `'${text}'`, VISIBLE_MS);
}

/** Wait until the index has seen everything so far. */
async function indexed() {
    const room = await makeRoom(server, ann.token);
    const word = `mark${room.id}`;
    await post(server, ann.token, room.id, word);
    await finds(ann, word, [word]);
}

async function roomWith(...said) {
    const room = await makeRoom(server, ann.token, 'private');
    for (const text of said)
        await post(server, ann.token, room.id, text);
    return room;
}

test('a message is found within a second, as the history shows it', async () => {
    const room = await makeRoom(server, ann.token);
    const message = await post(server, ann.token, room.id, 'The xylophone, at last', 'mine');
    await finds(ann, 'xylophone', ['The xylophone, at last']);
    const { messages: [hit], next, as_of: asOf } = await ask(ann, 'xylophone');
    assert.deepEqual(hit, message);
    assert.equal(next ?? 0, 0);
    assert.ok(asOf > 0);
});

test('words are found by their beginnings, in any order, all of them', async () => {
    await roomWith('Quantum entanglement explained', 'quant trading');
    await finds(ann, 'quant', ['quant trading', 'Quantum entanglement explained']);
    await finds(ann, 'EXPLAINED quantum', ['Quantum entanglement explained']);
    await finds(ann, 'entang quan expl', ['Quantum entanglement explained']);
    assert.deepEqual(await texts(ann, 'uantum'), []);
    assert.deepEqual(await texts(ann, 'quantum trading'), []);
});

test('in many scripts', async () => {
    const said = {
        'École élémentaire': ['ecole', 'ÉLÉM'], 'Große Straße': ['strasse', 'GROSSE'],
        'Νέα από την Αθήνα': ['αθηνα', 'ΑΘΉΝΑ', 'αθη'], 'Съешь ещё булок': ['еще', 'БУЛ'],
        '东京是日本的首都': ['东京', '首都', '日'], 'ありがとうございます': ['ござ', 'ありがとう'],
        'مَرْحَبًا بالعالم': ['مرحبا', 'بالع'], 'שלום עולם': ['שלום', 'עול'],
        '안녕하세요 여러분': ['안녕', '여러분'], 'สวัสดีครับ': ['สวัสดี', 'ครับ'], 'done 🎉🚀': ['🎉', '🚀'],
        'Tiếng Việt': ['tieng viet'], 'नमस्ते दुनिया': ['नमस्ते'],
    };
    await roomWith(...Object.keys(said));
    for (const [text, questions] of Object.entries(said))
        for (const question of questions)
            await finds(ann, question, [text]);
});

test('an edit is found by its new words only', async () => {
    const room = await roomWith('wombat before');
    await finds(ann, 'wombat', ['wombat before']);
    await must(server, 'PUT', `/v1/rooms/${room.id}/messages/1`, {
        token: ann.token, body: { text: 'platypus after' },
    });
    await finds(ann, 'platypus', ['platypus after']);
    await finds(ann, 'wombat', []);
    const { messages: [hit] } = await ask(ann, 'platypus');
    assert.ok(hit.edited > hit.time);
});

test('a deleted message is not found', async () => {
    const room = await roomWith('capybara goes', 'capybara stays');
    await finds(ann, 'capybara', ['capybara stays', 'capybara goes']);
    await must(server, 'DELETE', `/v1/rooms/${room.id}/messages/1`, ann);
    await finds(ann, 'capybara', ['capybara stays']);
});

test('rooms of others are never searched; who leaves finds nothing any more', async () => {
    const room = await roomWith('narwhal');
    await finds(ann, 'narwhal', ['narwhal']);
    assert.deepEqual(await texts(bob, 'narwhal'), []);
    assert.deepEqual(await texts(bob, 'narwhal', { room: room.id }), []);
    const members = `/v1/rooms/${room.id}/members`;
    await must(server, 'POST', members, { token: ann.token, body: { account: bob.id } });
    await finds(bob, 'narwhal', ['narwhal']);
    await must(server, 'DELETE', `${members}/${bob.id}`, bob);
    await finds(bob, 'narwhal', []);
    assert.deepEqual(await texts(ann, 'narwhal'), ['narwhal']);
});

test('who is put out finds nothing any more', async () => {
    const room = await roomWith('okapi');
    const account = { token: ann.token, body: { account: bob.id } };
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, account);
    await finds(bob, 'okapi', ['okapi']);
    await must(server, 'PUT', `/v1/rooms/${room.id}/bans/${bob.id}`, { token: ann.token, body: {} });
    await finds(bob, 'okapi', []);
});

test('a deleted room is not found', async () => {
    const room = await roomWith('quokka');
    await finds(ann, 'quokka', ['quokka']);
    await must(server, 'DELETE', `/v1/rooms/${room.id}`, ann);
    await finds(ann, 'quokka', []);
});

test('an open room is searched by those who entered it', async () => {
    const room = await makeRoom(server, ann.token, 'open');
    await post(server, ann.token, room.id, 'axolotl');
    await finds(ann, 'axolotl', ['axolotl']);
    assert.deepEqual(await texts(bob, 'axolotl'), []);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    await finds(bob, 'axolotl', ['axolotl']);
});

test('one room alone can be searched', async () => {
    const [one, other] = [await roomWith('lemur one'), await roomWith('lemur other')];
    await finds(ann, 'lemur', ['lemur other', 'lemur one']);
    assert.deepEqual(await texts(ann, 'lemur', { room: one.id }), ['lemur one']);
    assert.deepEqual(await texts(ann, 'lemur', { room: other.id }), ['lemur other']);
});

test('pages go from the newest to the oldest, each message once', async () => {
    const rooms = [await roomWith(), await roomWith()];
    const client = await Native.open(server, ann.token);
    const count = 3000; // more than one segment of the index
    for (let n = 0; n < count; n += 500)
        await Promise.all(Array.from({ length: 500 }, (_, i) =>
            client.post(rooms[i % 2].id, `gecko ${n + i}`)));
    await indexed();
    const ids = [];
    for (let before = 0; ;) {
        const page = before > 0 ? { before, limit: 100 } : { limit: 100 };
        const { messages, next } = await ask(ann, 'gecko', page);
        ids.push(...messages.map((message) => message.id));
        if (!next)
            break;
        before = next;
    }
    assert.equal(ids.length, count);
    assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => b - a));
    await client.close();
});

test('the WebSocket and REST find the same, with twenty hits to a page', async () => {
    await roomWith(...Array.from({ length: 25 }, (_, n) => `tapir ${n}`));
    await indexed();
    const client = await Native.open(server, ann.token);
    const { body } = await client.request('search.messages', { text: 'tapir' });
    assert.equal(body.messages.length, 20);
    const page = await ask(ann, 'tapir');
    assert.deepEqual(page.messages, body.messages);
    assert.equal(page.next, body.next);
    await client.close();
});

test('the client id is shown to the sender only', async () => {
    const room = await makeRoom(server, ann.token, 'open');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    await post(server, ann.token, room.id, 'ibex', 'secret');
    await finds(bob, 'ibex', ['ibex']);
    assert.ok(!(await ask(bob, 'ibex')).messages[0].client_id);
    assert.equal((await ask(ann, 'ibex')).messages[0].client_id, 'secret');
});

test('junk is refused or finds nothing', async () => {
    const path = (text) => `/v1/search?${new URLSearchParams({ text })}`;
    const many = Array.from({ length: 33 }, (_, n) => `w${n}x`).join(' ');
    for (const text of ['', '   ', '?!', '---', '\u200b', 'x'.repeat(257), many])
        await refused(server, 'invalid', 'GET', path(text), ann);
    for (const query of ['', '?limit=5', '?text=a&limit=0', '?text=a&limit=101', '?text=a&before=x',
        '?text=a&room=-1'])
        await refused(server, 'invalid', 'GET', `/v1/search${query}`, ann);
    await refused(server, 'unknown_field', 'GET', '/v1/search?text=a&color=red', ann);
    await refused(server, 'unauthenticated', 'GET', '/v1/search?text=a');
    for (const text of ["'; DROP TABLE", '%00%ff', '\u{10ffff}', '𝒳'.repeat(256), '\\u0000', '*'])
        assert.ok((await call(server, 'GET', path(text), ann)).status < 500);
});

test('an index that is lost comes back by itself while the server serves', async () => {
    const own = await Server.start();
    const carl = await signUp(own, 'carl');
    const room = await makeRoom(own, carl.token);
    const client = await Native.open(own, carl.token);
    await Promise.all(Array.from({ length: 900 }, (_, n) => client.post(room.id, `heron ${n}`)));
    const found = async (text) => { // `unavailable` until it has begun: the server does not wait for it
        const { status, body } = await call(own, 'GET', `/v1/search?text=${text}`, carl);
        return status === 503 ? [] : body.messages;
    };
    await eventually(() => found('heron+899'), (hits) => hits.length === 1, 'heron');
    await own.kill();
    await own.launch(); // after a kill -9, from where it stood
    await eventually(() => found('heron+0'), (hits) => hits.length === 1, 'heron');
    await own.kill();
    rmSync(join(own.data, 'search'), { recursive: true });
    await own.launch(); // with nothing of it left
    await post(own, carl.token, room.id, 'heron again');
    await eventually(() => found('heron+again'), (hits) => hits.length === 1, 'heron again');
    assert.equal((await found('heron')).length, 20);
    await own.close();
});
