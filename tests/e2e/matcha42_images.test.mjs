// matcha42 (dialect 004): pictures that are sent along with a profile, as data URIs.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { must, newcomer, refused, signIn, signUp } from './matcha42.mjs';
import { TYPES, picture } from './pictures.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const SAVE = '/api/user/save_profile';
const MIB = 1024 * 1024;
const dataUri = (bytes, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
const save = (as, image) => must(server, 'POST', SAVE, { as, json: { image } });
const images = async (as, of = as) => (await must(server, 'GET', '/api/profile',
    { as, params: { target_user_id: of.id } })).images;

async function fetched(url) {
    const reply = await fetch(server.url + url);
    return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
}

/** Files in the folder of pictures. */
const stored = () => readdirSync(join(server.data, 'files', 'photos'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).length;

test('a picture is stored, shown by an address, and served as what it is', async () => {
    const [ann, eve] = [await signUp(server, 'ann'), await signUp(server, 'eve')];
    for (const kind of ['png', 'jpg', 'webp']) {
        const bytes = picture(kind);
        await save(ann, dataUri(bytes, 'image/anything'));
        const [url] = await images(eve, ann);
        assert.match(url, new RegExp(`^/api/photos/[A-Za-z0-9_-]{43}-${ann.id}-${eve.id}-[A-Za-z0-9_-]{22}$`));
        const reply = await fetched(url);
        assert.equal(reply.status, 200);
        assert.deepEqual(reply.bytes, bytes);
        assert.equal(reply.headers.get('content-type'), TYPES[kind]);
        assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
        assert.match(reply.headers.get('content-security-policy'), /^sandbox/);
    }
});

test('a form may carry one, with its plus signs as they are; so may registr', async () => {
    const bytes = picture('png', 9000);
    assert.match(bytes.toString('base64'), /\+/);
    const person = newcomer('bea');
    const body = `${new URLSearchParams(person)}&image=${dataUri(bytes)}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await fetch(`${server.url}/api/user/registr`, { method: 'POST', headers, body });
    assert.equal(reply.status, 200);
    const [url] = await images(await signIn(server, person));
    assert.deepEqual((await fetched(url)).bytes, bytes);
});

test('pictures and addresses are mixed, in their order, up to five', async () => {
    const cid = await signUp(server, 'cid');
    await save(cid, [dataUri(picture('png')), 'https://pictures.example.org/1.png', dataUri(picture('jpg'))]);
    const shown = await images(cid);
    assert.equal(shown.length, 3);
    assert.equal(shown[1], 'https://pictures.example.org/1.png');
    await save(cid, [...shown, dataUri(picture('webp'))]); // those that are there stay
    assert.deepEqual((await images(cid)).slice(0, 3), shown);
    await refused(server, 400, 400, 'POST', SAVE,
        { as: cid, json: { image: Array.from({ length: 6 }, () => dataUri(picture('png'))) } });
    assert.equal((await images(cid)).length, 4);
    await must(server, 'POST', SAVE, { as: cid, json: { image: '' } });
    assert.deepEqual(await images(cid), []);
});

test('five mebibytes are taken, and a byte more is not', async () => {
    const dee = await signUp(server, 'dee');
    const bytes = picture('jpg', 5 * MIB);
    await save(dee, [dataUri(bytes)]);
    const [url] = await images(dee);
    assert.deepEqual((await fetched(url)).bytes, bytes);
    const error = await refused(server, 400, 400, 'POST', SAVE,
        { as: dee, json: { image: [dataUri(picture('jpg', 5 * MIB + 1))] } });
    assert.match(error, /5 MiB/);
    assert.deepEqual(await images(dee), [url]);
    const { login, password } = dee;
    const other = picture('png', 5 * MIB);
    await must(server, 'POST', SAVE, { params: { login, password, image: dataUri(other) } });
    assert.deepEqual((await fetched((await images(dee))[0])).bytes, other);
    const huge = await fetch(server.url + SAVE, { method: 'POST', body: JSON.stringify({ image: 'x'.repeat(9 * MIB) }) });
    assert.equal(huge.status, 413);
    const elsewhere = await fetch(`${server.url}/api/user/login`, { method: 'POST', body: 'x'.repeat(MIB) });
    assert.equal(elsewhere.status, 413);
});

test('what is no picture is refused', async () => {
    const fay = await signUp(server, 'fay');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    for (const uri of [dataUri(svg, 'image/svg+xml'), dataUri(svg), dataUri(picture('gif')), dataUri(picture('png').subarray(0, 900)),
        dataUri(Buffer.from('GIF89a....')),
        dataUri(Buffer.alloc(0)), 'data:image/png,plain', 'data:image/png;base64,@@@@', 'data:', 'data:;base64',
        'javascript:alert(1)', '/api/photos/../../x', '/v1/rooms'])
        await refused(server, 400, 400, 'POST', SAVE, { as: fay, json: { image: [uri] } });
    assert.deepEqual(await images(fay), []);
});

test('nobody stores one who may not save a profile', async () => {
    const gil = await signUp(server, 'gil');
    const image = dataUri(picture('png'));
    const before = stored();
    await refused(server, 401, 401, 'POST', SAVE, { params: { token: 'nonsense', image } });
    await refused(server, 400, 401, 'POST', SAVE, { params: { login: 'gil', password: 'not-it-1', image } });
    await refused(server, 400, 400, 'POST', SAVE, { as: gil, json: { age: 7, image } });
    assert.equal(stored(), before);
    await save(gil, image);
    assert.equal(stored(), before + 1);
    await save(gil, image); // the same again is the same file
    assert.equal(stored(), before + 1);
});

test('a picture that is not there is 404', async () => {
    const none = 'A'.repeat(43);
    for (const name of ['x', none, `${none}-5`, `${none}-5.svg`, `${none}-0.png`, `${none}-12345678.png`,
        `${none}-5.png`, `%2f${none}-5.png`, `${'é'.repeat(43)}-5.png`])
        assert.equal((await fetch(`${server.url}/api/photos/${name}`)).status, 404, name);
});

test('a picture survives a restart', async () => {
    const hal = await signUp(server, 'hal');
    const bytes = picture('webp');
    await save(hal, dataUri(bytes));
    const [url] = await images(hal);
    await server.restart();
    assert.deepEqual((await fetched(url)).bytes, bytes);
});
