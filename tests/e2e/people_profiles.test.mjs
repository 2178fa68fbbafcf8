// Profiles: what is sent changes, what others see, who is recommended to whom and why.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, must, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

const PARIS = { lat: 48_856_600, lon: 2_352_200 };
const VERSAILLES = { lat: 48_801_400, lon: 2_130_100 };
const LYON = { lat: 45_764_000, lon: 4_835_700 };

let server, ann, bob, cat, dan;
before(async () => {
    server = await Server.start();
    [ann, bob, cat, dan] = await Promise.all(
        ['ann', 'bob', 'cat', 'dan'].map((name) => signUp(server, name)));
    await update(ann, {
        gender: 'female', preference: 'male', age: 30, tags: tags('chess', 'tea'), ...PARIS,
    });
    await update(bob, {
        gender: 'male', preference: 'female', age: 33, tags: tags('Chess'), ...VERSAILLES,
    });
    await update(dan, { gender: 'male', age: 50, tags: tags('chess', 'tea'), ...LYON });
    await update(cat, { gender: 'female', preference: 'female', age: 31, ...PARIS });
});
after(() => server.close());

const tags = (...names) => names.map((name) => ({ name }));
const update = (who, body) => must(server, 'PATCH', '/v1/me/profile', { token: who.token, body });
const recommend = (who, query = {}) =>
    must(server, 'GET', `/v1/people?${new URLSearchParams(query)}`, who);
const logins = async (who, query) =>
    (await recommend(who, query)).people.map(({ profile }) => profile.login);
const whyNot = async (who, whom, query = {}) => {
    const answer = await must(server, 'GET',
        `/v1/people/${whom.id}/why-not?${new URLSearchParams(query)}`, who);
    assert.equal(answer.recommended, answer.rules.length === 0);
    return answer.rules.map(({ rule }) => rule);
};

test('only what is sent changes, and `clear` empties', async () => {
    const eve = await signUp(server, 'eve');
    const native = await Native.open(server, eve.token);
    const photos = [
        { url: 'https://example.org/1.jpg' }, { url: 'https://example.org/2.jpg', main: true },
    ];
    await update(eve, {
        first_name: 'Eve', description: 'hello', birth: '1990-02-28', photos, hidden: true,
    });
    const changed = await update(eve, { last_name: "O'Hara", clear: 'description hidden' });
    assert.deepEqual([changed.first_name, changed.last_name, changed.description, changed.hidden],
        ['Eve', "O'Hara", undefined, undefined]);
    assert.deepEqual(changed.photos, photos);
    assert.deepEqual(await must(server, 'GET', '/v1/me/profile', eve), changed);
    const { body } = await native.heard((event) => event.type === 'profile.updated');
    assert.equal(body.profile.first_name, 'Eve');
    native.close();
});

test('what is no profile is refused', async () => {
    const { token } = ann;
    for (const body of [
        { first_name: '<b>' }, { birth: '2020-01-01' }, { birth: '1990-02-30' }, { age: 17 },
        { age: 30, birth: '1990-01-01' }, { photos: [{ url: 'http://example.org/1.jpg' }] },
        { lat: 91_000_000 }, { tags: tags('a,b') }, { tags: tags(...'abcdefghijk') },
        { clear: 'login' },
    ])
        await refused(server, 'invalid', 'PATCH', '/v1/me/profile', { token, body });
    await refused(server, 'unknown_field', 'PATCH', '/v1/me/profile', { token, body: { fame: 9 } });
    await refused(server, 'unauthenticated', 'GET', `/v1/people/${ann.id}`);
});

test('others see a distance, never a place or a birthday', async () => {
    const seen = await must(server, 'GET', `/v1/people/${bob.id}`, ann);
    assert.deepEqual([seen.lat, seen.lon, seen.birth], [undefined, undefined, undefined]);
    assert.deepEqual([seen.age, seen.tags], [33, tags('chess')]);
    assert.ok(seen.distance >= 16 && seen.distance <= 20, `${seen.distance} km`);
    assert.equal(seen.relation.account, bob.id);
    const { profiles } = await must(server, 'GET',
        `/v1/profiles?accounts=${dan.id},${bob.id},777`, ann);
    assert.deepEqual(profiles.map(({ account }) => account), [bob.id, dan.id]);
});

test('orientation counts both ways, and says why', async () => {
    assert.deepEqual((await logins(ann)).sort(), ['bob', 'dan']);
    assert.deepEqual(await logins(cat), []);
    assert.deepEqual(await whyNot(ann, cat), ['preference']);
    assert.deepEqual(await whyNot(bob, cat), ['their_preference']);
    assert.deepEqual(await whyNot(cat, bob), ['preference']);
    assert.deepEqual(await whyNot(ann, bob), []);
    assert.deepEqual(await whyNot(ann, ann), ['self']);
    assert.ok((await logins(ann, { any: true })).includes('cat'));
});

test('filters and orders', async () => {
    assert.deepEqual(await logins(ann, { sort: 'distance' }), ['bob', 'dan']);
    assert.deepEqual(await logins(ann, { sort: 'tags' }), ['dan', 'bob']);
    assert.deepEqual(await logins(ann, { sort: 'age' }), ['bob', 'dan']);
    assert.deepEqual(await logins(ann, { distance_max: 50 }), ['bob']);
    assert.deepEqual(await logins(ann, { age_min: 40 }), ['dan']);
    assert.deepEqual(await logins(ann, { tags: 'chess,Tea' }), ['dan']);
    assert.deepEqual(await logins(ann, { fame_min: 900 }), []);
    const narrow = { distance_max: 50, age_max: 40, fame_min: 1, tags: 'x' };
    assert.deepEqual(await whyNot(ann, dan, narrow), ['age', 'distance', 'fame', 'tags']);
    await refused(server, 'invalid', 'GET', '/v1/people?sort=beauty', ann);
    await refused(server, 'invalid', 'GET', '/v1/people?cursor=1.2', ann);
    const fay = await signUp(server, 'fay');
    await refused(server, 'invalid', 'GET', '/v1/people?distance_max=5', fay);
    assert.deepEqual(await whyNot(ann, fay), ['no_profile']);
});

test('a score is the sum of its reasons, and pages go on where they ended', async () => {
    const { people: [first], next } = await recommend(ann, { limit: 1 });
    assert.equal(first.score, Object.values(first.why).reduce((sum, part) => sum + part));
    assert.deepEqual(Object.keys(first.why), ['distance', 'tags', 'fame', 'recency']);
    const { people: [second], next: end } = await recommend(ann, { limit: 1, cursor: next });
    assert.notEqual(second.profile.account, first.profile.account);
    assert.ok(second.score <= first.score);
    assert.equal((await recommend(ann, { limit: 1, cursor: end })).people.length, 0);
});

test('who is liked, disliked, reported or blocked is recommended no more', async () => {
    const gil = await signUp(server, 'gil');
    await update(gil, { gender: 'male', age: 30 });
    const rules = {
        liked: ['PUT', 'like'], disliked: ['PUT', 'dislike'], blocked: ['PUT', 'block'],
    };
    for (const [rule, [method, what]] of Object.entries(rules)) {
        assert.ok((await logins(ann)).includes('gil'));
        await must(server, method, `/v1/people/${gil.id}/${what}`, ann);
        assert.ok(!(await logins(ann)).includes('gil'), rule);
        assert.deepEqual(await whyNot(ann, gil), [rule]);
        await must(server, 'DELETE', `/v1/people/${gil.id}/${what}`, ann);
    }
    await must(server, 'PUT', `/v1/people/${ann.id}/block`, gil);
    assert.ok(!(await logins(ann, { any: true })).includes('gil'));
    await must(server, 'DELETE', `/v1/people/${ann.id}/block`, gil);
    await update(gil, { hidden: true });
    assert.ok(!(await logins(ann)).includes('gil'));
    await update(gil, { clear: 'hidden' });
    await must(server, 'POST', `/v1/people/${gil.id}/reports`,
        { token: ann.token, body: { reason: 'other' } });
    assert.deepEqual(await whyNot(ann, gil), ['reported']);
});

test('tags are listed, the most used first', async () => {
    const { tags: [first] } = await must(server, 'GET', '/v1/tags?prefix=ch&limit=1', ann);
    assert.deepEqual(first, { name: 'chess', count: 3 });
});
