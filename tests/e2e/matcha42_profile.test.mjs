// matcha42 (dialect 004): what people say of themselves, and what others get to see of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, must as natively } from './client.mjs';
import { ask, must, newcomer, refused, signIn, signUp } from './matcha42.mjs';
import { Server } from './server.mjs';

let server, eve;
before(async () => {
    server = await Server.start();
    eve = await signUp(server, 'eve');
});
after(() => server.close());

const REGISTER = '/api/user/registr', SAVE = '/api/user/save_profile';

const save = (as, params) => must(server, 'POST', SAVE, { as, params });
const profile = async (as, of = as) => {
    const { status, user_id, login, last_seen, ...rest } = await must(server, 'GET', '/api/profile',
        { as, params: { target_user_id: of.id } });
    assert.deepEqual([status, user_id, login], ['ok', of.id, of.login]);
    assert.ok(last_seen === null || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(last_seen), last_seen);
    return rest;
};

const PLAIN = {
    first_name: '', last_name: 'B.', gender: '', age: null, description: '', sex: 'any', tags: [],
    images: [], fame: 0, online: false,
};
const FULL = {
    gender: 'female', age: 27, description: 'likes "quotes" & <b>', sex: 'male',
    tags: ['sea', 'jazz'], images: ['https://pictures.example.org/1.png', 'https://pictures.example.org/2.png'],
};

// ---- signing up ----

test('registr gives the id of an account that can sign in, is unverified, and has a profile', async () => {
    const person = newcomer('ann');
    const { user_id: id, ...rest } = await must(server, 'POST', REGISTER, { params: person });
    assert.deepEqual(rest, { status: 'ok' });
    const ann = await signIn(server, person);
    assert.equal(ann.id, id);
    const me = await natively(server, 'GET', '/v1/me', ann);
    assert.deepEqual([me.email, me.username, me.verified ?? false], ['ann@example.org', 'ann', false]);
    assert.deepEqual(await profile(ann), { ...PLAIN, first_name: 'ANN' });
    const { sessions } = await natively(server, 'GET', '/v1/sessions', ann);
    assert.equal(sessions.length, 1, 'registering leaves no session');
});

test('registr takes the whole profile, by form and by JSON', async () => {
    const form = newcomer('bea');
    const body = new URLSearchParams({ ...form, ...FULL, tags: 'Sea,jazz', gps: '55.75,37.61' });
    body.delete('image');
    FULL.images.forEach((url) => body.append('image', url));
    assert.equal((await fetch(server.url + REGISTER, { method: 'POST', body })).status, 200);
    const json = newcomer('cleo', { ...FULL, image: FULL.images, gps: '55.75, 37.61' });
    delete json.images;
    await must(server, 'POST', REGISTER, { json });
    for (const person of [form, json]) {
        const shown = await profile(await signIn(server, person));
        assert.deepEqual(shown, { ...PLAIN, ...FULL, first_name: person.first_name });
    }
});

test('mail may be called email', async () => {
    const { mail, ...person } = newcomer('dee');
    await must(server, 'POST', REGISTER, { json: { ...person, email: mail } });
    assert.equal((await natively(server, 'GET', '/v1/me', await signIn(server, person))).email, mail);
});

test('registr names what is missing or wrong, and registers nobody then', async () => {
    const person = newcomer('fay');
    const wrong = async (params, name, code = 400) => {
        const error = await refused(server, 400, code, 'POST', REGISTER, { params });
        assert.match(error, new RegExp(`\`${name}\``));
    };
    for (const name of ['login', 'mail', 'password', 'first_name', 'last_name']) {
        const { [name]: left, ...rest } = person;
        await wrong(rest, name);
    }
    await wrong({ ...person, age: 'old' }, 'age');
    await wrong({ ...person, age: 17 }, 'age');
    await wrong({ ...person, age: 121 }, 'age');
    await wrong({ ...person, first_name: 'x'.repeat(65) }, 'first_name');
    await wrong({ ...person, first_name: '<b>' }, 'first_name');
    await wrong({ ...person, gender: '\u202e' }, 'gender');
    await wrong({ ...person, description: 'x'.repeat(2001) }, 'description');
    await wrong({ ...person, tags: 'a,b,c,d,e,f,g,h,i,j,k' }, 'tags');
    await wrong({ ...person, tags: '<tag>' }, 'tags');
    await wrong({ ...person, image: 'http://plain.example.org/1.png' }, 'image');
    for (const gps of ['55.75', '55.75;37.61', '91,0', '0,181', 'x,y', '55.75,37.61,1', 'nan,nan'])
        await wrong({ ...person, gps }, 'gps');
    await wrong({ ...person, mail: 'nowhere' }, 'email');
    await wrong({ ...person, password: 'short' }, 'password');
    await wrong({ ...person, login: 'eve' }, 'login', 409);
    await wrong({ ...person, mail: eve.mail }, 'email', 409);
    const query = new URLSearchParams(person);
    await refused(server, 400, 400, 'POST', `${REGISTER}?${query}`, {});
    await refused(server, 400, 401, 'POST', '/api/user/login', { params: person });
    await must(server, 'POST', REGISTER, { params: person });
});

// ---- changing it ----

test('save_profile changes what is sent, and empties what is sent empty', async () => {
    const gil = await signUp(server, 'gil', { ...FULL, image: FULL.images[0] });
    await save(gil, { description: 'another', tags: 'tea' });
    const images = [FULL.images[0]];
    assert.deepEqual(await profile(gil),
        { ...PLAIN, ...FULL, images, first_name: 'GIL', description: 'another', tags: ['tea'] });
    await save(gil, { description: '', tags: '', image: '', sex: '', gender: '', gps: '' });
    assert.deepEqual(await profile(gil), { ...PLAIN, first_name: 'GIL', age: 27 });
    await save(gil, {});
    await must(server, 'POST', SAVE, { as: gil, json: { tags: ['a', 'b,c'], image: [] } });
    assert.deepEqual((await profile(gil)).tags, ['a', 'b', 'c']);
});

test('save_profile by login and password leaves no session, and changes neither of the two', async () => {
    const hal = await signUp(server, 'hal');
    const { login, password } = hal;
    await must(server, 'POST', SAVE, { params: { login, password, age: 44 } });
    assert.equal((await profile(hal)).age, 44);
    await refused(server, 400, 400, 'POST', SAVE, { params: { login, password, age: 7 } });
    await refused(server, 400, 401, 'POST', SAVE, { params: { login, password: 'not-it-1', age: 45 } });
    await must(server, 'POST', SAVE, { as: hal, params: { login: 'other', password: 'other-secret', age: 46 } });
    assert.equal((await profile(await signIn(server, { login, password }))).age, 46);
    const { sessions } = await natively(server, 'GET', '/v1/sessions', hal);
    assert.equal(sessions.length, 2, 'those of signing in');
});

test('save_profile of nobody is refused', async () => {
    assert.match(await refused(server, 400, 400, 'POST', SAVE, { params: { age: 30 } }), /`login`/);
    await refused(server, 401, 401, 'POST', SAVE, { params: { token: 'nonsense', age: 30 } });
    await refused(server, 400, 400, 'POST', SAVE, { as: eve, params: { age: 'x' } });
    await refused(server, 400, 400, 'POST', SAVE, { as: eve, json: { tags: [1] } });
    await refused(server, 400, 400, 'POST', SAVE, { as: eve, json: { tags: { a: 1 } } });
    await refused(server, 400, 400, 'POST', SAVE, { as: eve, json: { first_name: [] } });
});

// ---- showing it ----

test('a profile shows neither place nor e-mail nor birth', async () => {
    const ida = await signUp(server, 'ida', { ...FULL, gps: '55.751244,37.618423' });
    const shown = JSON.stringify(await ask(server, 'GET', '/api/profile',
        { as: eve, params: { target_user_id: ida.id } }));
    assert.doesNotMatch(shown, /55\.7|55751244|37\.6|ida@example|birth/);
});

test('a profile that is not there, or not asked for well, is refused', async () => {
    const wrong = (code, params) => refused(server, 400, code, 'GET', '/api/profile', { as: eve, params });
    await wrong(400, {});
    await wrong(400, { target_user_id: 'ann' });
    await wrong(404, { target_user_id: 999999 });
    await refused(server, 401, 401, 'GET', '/api/profile', { params: { target_user_id: eve.id } });
    const jan = await signUp(server, 'jan');
    await call(server, 'POST', '/v1/me/deletion', { token: jan.token, body: { password: jan.password } });
    await wrong(404, { target_user_id: jan.id });
});

test('the person on the profile is the person everywhere: natively it is the same', async () => {
    const kim = await signUp(server, 'kim', FULL);
    const { first_name, tags } = await natively(server, 'GET', '/v1/me/profile', kim);
    assert.deepEqual([first_name, tags.map(({ name }) => name)], ['KIM', FULL.tags]);
});
