// Photos of a profile: uploaded, in their order, one the main one; seen by whoever may see the profile.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, assertError, must, refused, signUp } from './client.mjs';
import * as matcha42 from './matcha42.mjs';
import { operate, signUpAs } from './operator.mjs';
import { TYPES, picture, real } from './pictures.mjs';
import { rawRequest, requestText } from './raw.mjs';
import { Server } from './server.mjs';

const LIMIT = 5 * 1024 * 1024;

let server, ann, bob;
before(async () => {
    server = await Server.start({ settings: { 'files.refuse': 'image/gif' } });
    [ann, bob] = [await signUp(server, 'ann'), await signUp(server, 'bob')];
});
after(() => server.close());

async function upload(who, content, query = '') {
    const reply = await fetch(`${server.url}/v1/me/photos${query}`,
        { method: 'POST', headers: { authorization: `Bearer ${who.token}` }, body: content });
    return { status: reply.status, body: await reply.json() };
}

async function added(who, content = picture(), query = '') {
    const { status, body } = await upload(who, content, query);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
}

/** Of a photo, as somebody with a token, or as a page that has only the address. */
async function fetched(path, { token, method = 'GET', headers = {} } = {}) {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const reply = await fetch(server.url + path, { method, headers: { ...authorization, ...headers } });
    return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
}

const pathOf = (whose, id) => `/v1/people/${whose.id}/photos/${id}`;
const photos = async (who) => (await must(server, 'GET', '/v1/me/profile', who)).photos ?? [];
const shown = async (who, whose) => (await must(server, 'GET', `/v1/people/${whose.id}`, who)).photos ?? [];
const ids = async (who) => (await photos(who)).map(({ id }) => id);
const main = async (who) => (await photos(who)).find((photo) => photo.main)?.id;
const stored = () => readdirSync(join(server.data, 'files', 'photos'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).length;

for (const kind of ['png', 'jpg', 'webp'])
    test(`a ${kind} comes back as it was, by either address`, async () => {
        const eve = await signUp(server, `eve_${kind}`);
        const content = real(`plain.${kind}`);
        const photo = await added(eve, content);
        assert.deepEqual([photo.type, photo.size], [TYPES[kind], content.length]);
        assert.match(photo.id, /^[A-Za-z0-9_-]{43}$/);
        const [{ id, url, main }] = await shown(bob, eve);
        assert.deepEqual([id, main], [photo.id, true]);
        for (const [path, who] of [[pathOf(eve, id), bob], [pathOf(eve, id), eve], [url, {}]]) {
            const { status, headers, bytes } = await fetched(path, who);
            assert.equal(status, 200, path);
            assert.ok(bytes.equals(content));
            assert.equal(headers.get('content-type'), TYPES[kind]);
            assert.equal(headers.get('etag'), `"${id}"`);
            assert.equal(headers.get('cache-control'), 'private, no-cache');
            assert.equal(headers.get('x-content-type-options'), 'nosniff');
            assert.match(headers.get('content-security-policy'), /^sandbox/);
            assert.match(headers.get('content-disposition'), /^inline; filename="photo\./);
        }
    });

test('who has it gets 304, or a part, or the headers', async () => {
    const eve = await signUp(server, 'eve');
    const content = real('plain.jpg');
    const { id } = await added(eve, content);
    const [{ url }] = await shown(bob, eve);
    for (const [path, who] of [[pathOf(eve, id), bob], [url, {}]]) {
        const known = await fetched(path, { ...who, headers: { 'if-none-match': `"${id}"` } });
        assert.deepEqual([known.status, known.bytes.length], [304, 0]);
        const part = await fetched(path, { ...who, headers: { range: 'bytes=2-5' } });
        assert.deepEqual([part.status, part.bytes], [206, content.subarray(2, 6)]);
        const none = await fetched(path, { ...who, headers: { range: 'bytes=100000-' } });
        assert.equal(none.status, 416);
        const head = await fetched(path, { ...who, method: 'HEAD' });
        assert.deepEqual([head.status, Number(head.headers.get('content-length'))], [200, content.length]);
    }
});

test('nothing stays of where and by whom it was taken', async () => {
    const eve = await signUp(server, 'traveller');
    const person = await matcha42.signUp(server, 'tourist');
    for (const kind of ['jpg', 'png', 'webp']) {
        const { id } = await added(eve, real(`placed.${kind}`));
        assert.ok((await fetched(pathOf(eve, id), bob)).bytes.equals(real(`plain.${kind}`)), kind);
        const image = `data:image/png;base64,${real(`placed.${kind}`).toString('base64')}`;
        await matcha42.must(server, 'POST', '/api/user/save_profile', { as: person, json: { image } });
        const { images } = await matcha42.must(server, 'GET', '/api/profile',
            { as: person, params: { target_user_id: person.id } });
        assert.ok((await fetched(images[0])).bytes.equals(real(`plain.${kind}`)), kind);
    }
    const { id } = await added(eve, real('turned.jpg'));
    const { bytes } = await fetched(pathOf(eve, id), eve);
    assert.equal(bytes.length, real('plain.jpg').length + 36); // which side is up is all that stays
    assert.ok(!bytes.includes('Somebody') && !bytes.includes('GPS'));
});

test('they have an order and a main one, are replaced and removed', async () => {
    const eve = await signUp(server, 'orderly');
    const native = await Native.open(server, eve.token);
    const [one, two] = [await added(eve), await added(eve)];
    assert.deepEqual([await ids(eve), await main(eve)], [[one.id, two.id], one.id]);
    const three = await added(eve, picture('jpg'), '?main=true');
    assert.deepEqual([await ids(eve), await main(eve)], [[one.id, two.id, three.id], three.id]);
    const four = await added(eve, picture('webp'), `?replaces=${three.id}`);
    assert.deepEqual([await ids(eve), await main(eve)], [[one.id, two.id, four.id], four.id]);
    const profile = await must(server, 'PUT', `/v1/me/photos/${two.id}/main`, eve);
    assert.deepEqual(profile.photos.map((photo) => photo.main ?? false), [false, true, false]);
    await must(server, 'PUT', `/v1/me/photos/${two.id}/main`, eve);
    const left = await must(server, 'DELETE', `/v1/me/photos/${two.id}`, eve);
    assert.deepEqual(left.photos.map(({ id, main }) => [id, main ?? false]), [[one.id, true], [four.id, false]]);
    const reordered = [left.photos[1], { url: left.photos[0].url }, { url: 'https://example.org/5.jpg', main: true }];
    const { photos: now } = await must(server, 'PATCH', '/v1/me/profile', { ...eve, body: { photos: reordered } });
    assert.deepEqual(now.map(({ id, main }) => [id, main ?? false]),
        [[four.id, false], [one.id, false], [undefined, true]]);
    const { body } = await native.heard((event) => event.type === 'profile.updated' &&
        event.body.profile.photos?.[2]?.url === reordered[2].url);
    assert.deepEqual(body.profile.photos, now);
    native.close();
});

test('the same again is the same photo, and may become the main one', async () => {
    const eve = await signUp(server, 'again');
    const content = picture();
    const [first] = [await added(eve, content), await added(eve)];
    assert.deepEqual(await added(eve, content), first);
    assert.deepEqual([(await ids(eve)).length, await main(eve)], [2, first.id]);
    const other = (await ids(eve))[1];
    await must(server, 'PUT', `/v1/me/photos/${other}/main`, eve);
    await added(eve, content, '?main=true');
    assert.deepEqual([(await ids(eve)).length, await main(eve)], [2, first.id]);
});

test('there are at most five, and only those that are there are replaced or removed', async () => {
    const eve = await signUp(server, 'many');
    for (let i = 0; i < 5; i++)
        await added(eve);
    const before = stored();
    const sixth = await upload(eve, picture());
    assert.deepEqual([sixth.status, sixth.body.error.detail], [400, 'a profile has at most 5 photos']);
    const strange = await upload(eve, picture(), `?replaces=${'A'.repeat(43)}`);
    assert.deepEqual([strange.status, strange.body.error.detail], [400, '`replaces`: is no photo of yours']);
    assert.equal(stored(), before);
    const [first] = await ids(eve);
    await added(eve, picture(), `?replaces=${first}`);
    assert.equal((await ids(eve)).length, 5);
    for (const [method, path] of [['DELETE', ''], ['PUT', '/main']]) {
        await refused(server, 'not_found', method, `/v1/me/photos/${first}${path}`, eve);
        await refused(server, 'not_found', method, `/v1/me/photos/${'A'.repeat(43)}${path}`, bob);
        await refused(server, 'invalid', method, `/v1/me/photos/x${path}`, bob);
    }
});

test('what is no whole picture is refused, and nothing of it stays', async () => {
    const before = stored();
    const whole = picture('png', 200_000);
    for (const content of ['', 'hello', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', '%PDF-1.4',
        '<!doctype html><script>alert(1)</script>', 'RIFF____WAVEfmt ', picture('gif'), whole.subarray(0, 150_000),
        real('plain.webp').subarray(0, 1000), Buffer.from('ffd8ffe0', 'hex')]) {
        const { status, body } = await upload(bob, content);
        assert.equal(status, 415, String(content).slice(0, 20));
        assertError(body, 415);
        assert.equal(body.error.detail, 'a photo is a whole JPEG, PNG, GIF or WebP');
    }
    assert.equal(stored(), before);
    assert.deepEqual(await photos(bob), []);
});

test('five mebibytes are taken, and a byte more is not', async () => {
    const eve = await signUp(server, 'large');
    const content = picture('jpg', LIMIT);
    const { id } = await added(eve, content);
    assert.ok((await fetched(pathOf(eve, id), eve)).bytes.equals(content));
    const { status, body } = await upload(eve, picture('jpg', LIMIT + 1));
    assert.deepEqual([status, body.error.detail], [413, `a photo has at most ${LIMIT} bytes`]);
    await refused(server, 'unauthenticated', 'POST', '/v1/me/photos');
    const [field] = [await upload(eve, picture(), '?size=1')];
    assert.deepEqual([field.status, field.body.error.name], [400, 'unknown_field']);
});

test('a body without a length is refused', async () => {
    const { status } = await rawRequest(server,
        requestText('POST', '/v1/me/photos', [`Authorization: Bearer ${bob.token}`]));
    assert.equal(status, 411);
});

test('another\'s photo is not yours to show', async () => {
    const eve = await signUp(server, 'owner');
    await added(eve);
    const [photo] = await shown(bob, eve);
    const detail = '`photos`: has one that is not yours';
    for (const url of [photo.url, `/api/photos/${photo.id}-1000.png`, `/api/photos/${'A'.repeat(43)}-8.png`]) {
        const error = await refused(server, 'invalid', 'PATCH', '/v1/me/profile',
            { ...bob, body: { photos: [{ url, id: photo.id }] } });
        assert.equal(error.detail, detail);
    }
    assert.deepEqual(await photos(bob), []);
});

test('a socket offers, shows, orders and removes them too', async () => {
    const eve = await signUp(server, 'socket');
    const native = await Native.open(server, eve.token);
    const ask = async (name, body) => (await native.request(name, body)).body;
    assert.deepEqual(await ask('photo.offer', { main: true }), { main: true, size: 0 });
    const [one, two] = [await added(eve), await added(eve)];
    assert.deepEqual(await ask('photo.get', { account: eve.id, id: one.id }), one);
    const ordered = await ask('photo.set_main', { id: two.id });
    assert.deepEqual(ordered.photos.map(({ id, main }) => [id, main ?? false]), [[one.id, false], [two.id, true]]);
    const { photos: left } = await ask('photo.remove', { id: two.id });
    assert.deepEqual([left[0].id, left[0].main], [one.id, true]);
    assert.equal((await fetched(left[0].url)).status, 200);
    await assert.rejects(native.request('photo.get', { account: bob.id, id: one.id }), { name: 'not_found' });
    native.close();
});

// ---- who may see them ----

/** Somebody with a photo, whom a person has seen: both ways to ask for it. */
async function seen(login, by) {
    const whose = await signUp(server, login);
    const { id } = await added(whose);
    const [{ url }] = await shown(by, whose);
    const ask = async () =>
        [(await fetched(pathOf(whose, id), by)).status, (await fetched(url)).status];
    assert.deepEqual(await ask(), [200, 200]);
    return { whose, id, url, ask };
}

test('a stranger sees nothing, and an address is good for nothing else', async () => {
    const { whose, id, url } = await seen('shown', bob);
    assert.equal((await fetched(pathOf(whose, id))).status, 401);
    assert.equal((await fetched(pathOf(whose, id), { token: 'nonsense' })).status, 401);
    assert.equal((await fetched(pathOf(bob, id), ann)).status, 404);
    assert.equal((await fetched(pathOf(whose, 'A'.repeat(43)), bob)).status, 404);
    assert.equal((await fetched(pathOf(whose, 'x'), bob)).status, 404);
    assert.equal((await fetched(pathOf({ id: 999_999 }, id), bob)).status, 404);
    const [, account, viewer, signature] = /^.{56}(\d+)-(\d+)-(.+)$/.exec(url);
    assert.deepEqual([Number(account), Number(viewer)], [whose.id, bob.id]);
    const forged = [`${id}-${account}-${ann.id}-${signature}`, `${id}-${ann.id}-${viewer}-${signature}`,
        `${id}-0${account}-${viewer}-${signature}`, `${'A'.repeat(43)}-${account}-${viewer}-${signature}`,
        `${id}-${account}-${viewer}-`, `${id}-${account}-${viewer}`, `${id}-1000.png`, id, `${id}-`, `${id}--`,
        `${id}-${account}-${viewer}-${signature}A`];
    for (const name of forged)
        assert.equal((await fetched(`/api/photos/${name}`)).status, 404, name);
    assert.notEqual((await shown(ann, whose))[0].url, url);
});

test('who is blocked sees them no more, who blocks neither, until it is taken back', async () => {
    const { whose, id, ask } = await seen('blocker', bob);
    await must(server, 'PUT', `/v1/people/${bob.id}/block`, whose);
    assert.deepEqual(await ask(), [404, 404]);
    const again = { ...bob, headers: { 'if-none-match': `"${id}"` } };
    assert.equal((await fetched(pathOf(whose, id), again)).status, 404);
    await must(server, 'DELETE', `/v1/people/${bob.id}/block`, whose);
    assert.deepEqual(await ask(), [200, 200]);
    await must(server, 'PUT', `/v1/people/${whose.id}/block`, bob);
    assert.deepEqual(await ask(), [403, 403]);
    await must(server, 'DELETE', `/v1/people/${whose.id}/block`, bob);
    assert.deepEqual(await ask(), [200, 200]);
});

test('of who hides, is banned or gone there are none', async () => {
    const hidden = await seen('hider', bob);
    await must(server, 'PATCH', '/v1/me/profile', { ...hidden.whose, body: { hidden: true } });
    assert.deepEqual(await hidden.ask(), [404, 404]);
    assert.equal((await fetched(pathOf(hidden.whose, hidden.id), hidden.whose)).status, 200);
    const moderator = await signUpAs(server, 'moderator', 'moderator');
    assert.equal((await fetched(pathOf(hidden.whose, hidden.id), moderator)).status, 200);
    const banned = await seen('banned', bob);
    operate(server, 'account', 'ban', 'banned');
    assert.deepEqual(await banned.ask(), [404, 404]);
    const gone = await seen('goner', bob);
    const { token, password } = gone.whose;
    await must(server, 'POST', '/v1/me/deletion', { token, body: { password } });
    assert.deepEqual(await gone.ask(), [404, 404]);
});

test('an address shows nothing to who is banned or gone', async () => {
    for (const [login, end] of [
        ['viewer', () => operate(server, 'account', 'ban', 'viewer')],
        ['leaver', ({ token, password }) =>
            must(server, 'POST', '/v1/me/deletion', { token, body: { password } })],
    ]) {
        const viewer = await signUp(server, login);
        const { url } = await seen(`model_of_${login}`, viewer);
        await end(viewer);
        assert.equal((await fetched(url)).status, 404);
    }
});

test('what is removed or replaced is gone at once', async () => {
    const { whose, id, ask } = await seen('changer', bob);
    await added(whose, picture(), `?replaces=${id}`);
    assert.deepEqual(await ask(), [404, 404]);
    const [left] = await ids(whose);
    await must(server, 'DELETE', `/v1/me/photos/${left}`, whose);
    assert.equal((await fetched(pathOf(whose, left), whose)).status, 404);
    assert.deepEqual(await photos(whose), []);
});

test('matcha42 shows the same pictures, and takes its own addresses back', async () => {
    const { whose, id } = await seen('somebody', bob);
    const person = await matcha42.signUp(server, 'forty_two');
    const imagesOf = async (target) => (await matcha42.must(server, 'GET', '/api/profile',
        { as: person, params: { target_user_id: target.id } })).images;
    const [theirs] = await imagesOf(whose);
    assert.equal(theirs.slice('/api/photos/'.length, '/api/photos/'.length + 43), id);
    assert.equal((await fetched(theirs)).headers.get('cross-origin-resource-policy'), 'cross-origin');
    const save = (image) => matcha42.must(server, 'POST', '/api/user/save_profile', { as: person, json: { image } });
    const content = picture('jpg');
    await save([`data:image/jpeg;base64,${content.toString('base64')}`]);
    const own = await imagesOf(person);
    await save([...own, 'https://example.org/2.png']);
    const [first] = await shown(bob, person);
    assert.ok((await fetched(pathOf(person, first.id), bob)).bytes.equals(content));
    await matcha42.refused(server, 400, 400, 'POST', '/api/user/save_profile',
        { as: person, json: { image: [theirs] } });
});

test('they survive a restart', async () => {
    const { whose, ask } = await seen('lasting', bob);
    await server.restart();
    assert.deepEqual(await ask(), [200, 200]);
    assert.equal((await ids(whose)).length, 1);
});
