// What nobody has any more leaves the disk, and nothing else does; whenever the server dies meanwhile.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeRoom, must, signUp } from './client.mjs';
import * as matcha42 from './matcha42.mjs';
import { picture } from './pictures.mjs';
import { Server } from './server.mjs';

const LONG_AGO = new Date(Date.now() - 48 * 3600 * 1000);

let server, ann;
before(async () => {
    server = await Server.start({ settings: { 'files.sweep': 1, limits: 'off' } });
    ann = await signUp(server, 'ann');
});
after(() => server.close());

const folder = (shelf) => join(server.data, 'files', ...(shelf === 'photos' ? ['photos'] : []));
const pathOf = (shelf, id) => join(folder(shelf), id.slice(0, 2), id);

/** As if it had been kept two days ago. */
const age = (shelf, ids) => ids.forEach((id) => utimesSync(pathOf(shelf, id), LONG_AGO, LONG_AGO));
const isThere = (shelf) => (id) => existsSync(pathOf(shelf, id));

async function until(holds, what) {
    for (let i = 0; i < 3000 && !holds(); i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(holds(), what);
}

async function send(path, who, content) {
    const reply = await fetch(server.url + path,
        { method: 'POST', headers: { authorization: `Bearer ${who.token}` }, body: content });
    assert.equal(reply.status, 201, await reply.clone().text());
    return (await reply.json()).id;
}

const photo = (who, query = '', content = picture()) => send(`/v1/me/photos${query}`, who, content);
const file = (room, content = randomBytes(100)) => send(`/v1/rooms/${room.id}/files?name=a`, ann, content);
const post = (room, id) => must(server, 'POST', `/v1/rooms/${room.id}/messages`,
    { ...ann, body: { text: 'look', files: [{ id }] } });

/** Something old that nobody has: its id. */
function stray(shelf) {
    const id = randomBytes(32).toString('base64url');
    mkdirSync(dirname(pathOf(shelf, id)), { recursive: true, mode: 0o700 });
    writeFileSync(pathOf(shelf, id), 'stray');
    age(shelf, [id]);
    return id;
}

test('a photo goes once nobody has it, and not before', async () => {
    const eve = await signUp(server, 'eve');
    const content = picture();
    const [removed, replaced, shared] = [await photo(eve), await photo(eve), await photo(eve, '', content)];
    assert.equal(await photo(ann, '', content), shared);
    const instead = await photo(eve, `?replaces=${replaced}`);
    await must(server, 'DELETE', `/v1/me/photos/${removed}`, eve);
    await must(server, 'DELETE', `/v1/me/photos/${shared}`, eve);
    assert.ok([removed, replaced, shared, instead].every(isThere('photos')), 'they are not old');
    age('photos', [removed, replaced, shared, instead]);
    await until(() => ![removed, replaced].some(isThere('photos')), 'what is nobody\'s goes');
    assert.ok([shared, instead].every(isThere('photos')));
    await must(server, 'DELETE', `/v1/me/photos/${shared}`, ann);
    await until(() => !isThere('photos')(shared), 'the last one let go of it');
    const { status } = await fetch(`${server.url}/v1/people/${eve.id}/photos/${instead}`,
        { headers: { authorization: `Bearer ${ann.token}` } });
    assert.equal(status, 200);
});

test('photos go with their account, whoever it signed up with', async () => {
    const [eve, person] = [await signUp(server, 'gone'), await matcha42.signUp(server, 'gone_too')];
    const own = await photo(eve);
    const image = `data:image/png;base64,${picture().toString('base64')}`;
    await matcha42.must(server, 'POST', '/api/user/save_profile', { as: person, json: { image } });
    const [{ id }] = (await must(server, 'GET', `/v1/people/${person.id}`, ann)).photos;
    age('photos', [own, id]);
    for (const { token, password } of [eve, person])
        await must(server, 'POST', '/v1/me/deletion', { token, body: { password } });
    await until(() => ![own, id].some(isThere('photos')), 'both go');
});

test('a file goes with its last message, and with its room', async () => {
    const [room, other] = [await makeRoom(server, ann.token), await makeRoom(server, ann.token)];
    const content = randomBytes(100);
    const [said, kept, shared] = [await file(room), await file(other), await file(room, content)];
    assert.equal(await file(other, content), shared);
    const message = await post(other, kept);
    await post(room, said);
    await post(room, shared);
    const last = await post(other, shared);
    age('files', [said, kept, shared]);
    await must(server, 'DELETE', `/v1/rooms/${room.id}`, ann);
    await until(() => !isThere('files')(said), 'its room is gone');
    assert.ok([kept, shared].every(isThere('files')));
    await must(server, 'DELETE', `/v1/rooms/${other.id}/messages/${last.seq}`, ann);
    await until(() => !isThere('files')(shared), 'no room has it');
    assert.ok(isThere('files')(kept));
    await must(server, 'DELETE', `/v1/rooms/${other.id}/messages/${message.seq}`, ann);
    await until(() => !isThere('files')(kept), 'its message is deleted');
});

test('what was uploaded and never said, and what broke off, go when they are old', async () => {
    const room = await makeRoom(server, ann.token);
    await file(room);
    const left = join(folder('files'), 'incoming', 'left');
    writeFileSync(left, 'of an upload that a crash ended');
    utimesSync(left, LONG_AGO, LONG_AGO);
    const unknown = stray('files');
    await until(() => !existsSync(left) && !isThere('files')(unknown), 'nobody knows them');
});

test('whenever the server is killed, what somebody has stays, and in the end nothing else does', async () => {
    const room = await makeRoom(server, ann.token);
    const eve = await signUp(server, 'lucky');
    const photos = await Promise.all(Array.from({ length: 5 }, () => photo(eve)));
    const files = await Promise.all(Array.from({ length: 20 }, () => file(room)));
    for (const id of files)
        await post(room, id);
    for (let kill = 0; kill < 2; kill++) {
        await server.stop();
        const strays = {
            files: Array.from({ length: 200 }, () => stray('files')),
            photos: Array.from({ length: 200 }, () => stray('photos')),
        };
        age('files', files);
        age('photos', photos);
        await server.launch();
        await until(() => strays.files.some((id) => !isThere('files')(id)), 'it has begun');
        await server.kill();
        assert.ok(files.every(isThere('files')) && photos.every(isThere('photos')));
        await server.launch();
        for (const shelf of ['files', 'photos'])
            await until(() => !strays[shelf].some(isThere(shelf)), `no strays among ${shelf}`);
        assert.ok(files.every(isThere('files')) && photos.every(isThere('photos')));
    }
});
