// A walk that two people take together, by each of the documents that are for it: they register,
// prove their addresses by the mailed id, say who they are, are recommended to each other, visit,
// like and match, talk, one blocks the other and takes it back, one is reported, and a forgotten
// password is set anew by the mailed id.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { call, eventually, must } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { MatchaDater, Matcha42Dater, NativeDater } from './people/dating.mjs';
import { meetDirectly } from './people/rooms.mjs';
import { Server, keepSecret } from './server.mjs';

const documents = { 'matcha42 (004)': Matcha42Dater, 'Matcha (000)': MatchaDater, 'the native API': NativeDater };

let server, root;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'moderator');
});
after(() => server.close());

const folder = () => join(server.data, 'outbox');
const mails = () => readdirSync(folder()).filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(folder(), name), 'utf8'));
const mailsTo = (email) => (existsSync(folder()) ? mails() : []).filter((mail) => mail.includes(`To: <${email}>`));

/** The id in the mail with that word in its subject, as its reader takes it from the link. */
async function mailedId({ email }, subject) {
    const isIt = (mail) => new RegExp(`^Subject: .*${subject}`, 'm').test(mail);
    const [mail] = await eventually(async () => mailsTo(email).filter(isIt), ({ length }) => length === 1, subject);
    return keepSecret(mail.match(/eyJ[\w.-]+/)[0]);
}

const profiles = [
    { gender: 'female', preference: 'male', age: 30, tags: ['tea', 'chess'], about: 'I read.' },
    { gender: 'male', preference: 'female', age: 31, tags: ['tea'], about: 'I sail.' },
    { gender: 'male', preference: 'male', age: 32, tags: ['tea'], about: 'I look for somebody else.' },
];

async function arrive(Client, login, profile) {
    const person = new Client(server, login);
    await person.signUp();
    await person.verify(await mailedId(person, 'Confirm'));
    await person.signIn();
    assert.equal((await must(server, 'GET', '/v1/me', person)).verified, true);
    await person.connect();
    await person.fill(profile);
    return person;
}

async function talk(ann, bob) {
    const room = await meetDirectly(server, [ann, bob]);
    await ann.enter(room);
    await bob.enter(room);
    await ann.say('hello');
    await bob.sees('hello');
    await bob.say('hello yourself');
    await ann.sees('hello yourself');
}

async function blockAndUnblock(ann, bob) {
    await bob.block(ann);
    assert.deepEqual([await ann.finds(bob), await bob.finds(ann)], [false, false]);
    assert.ok(!(await ann.recommended()).includes(bob.login));
    await ann.isRefused('why?');
    await bob.unblock(ann);
    assert.deepEqual([await ann.finds(bob), await bob.finds(ann)], [true, true]);
    await ann.say('thank you');
    await bob.sees('thank you');
}

async function reportAndResolve(ann, bob) {
    await ann.report(bob);
    const { reports } = await must(server, 'GET', '/v1/admin/reports', root);
    const report = reports.find(({ account }) => account === bob.id);
    assert.deepEqual([report.by, report.reason], [ann.id, 'fake']);
    await must(server, 'PUT', `/v1/admin/reports/${report.id}`, { token: root.token, body: { outcome: 'warned' } });
    assert.deepEqual((await must(server, 'GET', '/v1/admin/reports', root)).reports, []);
    const told = await eventually(() => must(server, 'GET', '/v1/notifications', ann),
        ({ notifications }) => notifications.some(({ kind }) => kind === 'report'), 'the outcome');
    assert.equal(told.notifications.find(({ kind }) => kind === 'report').text, 'warned');
}

/** The earlier password and all sessions are good for nothing then. */
async function forgetPassword(person) {
    const { login, token, password: earlier } = person;
    await must(server, 'POST', '/v1/password-resets', { body: { login } });
    person.password = keepSecret('Pw-9-remembered');
    await person.reset(await mailedId(person, 'password'), person.password);
    assert.equal((await call(server, 'GET', '/v1/me', { token })).status, 401);
    const again = await call(server, 'POST', '/v1/sessions', { body: { login, password: earlier } });
    assert.equal(again.body.error.name, 'bad_credentials');
    await person.signIn();
    assert.equal((await must(server, 'GET', '/v1/me', person)).login, login);
}

Object.entries(documents).forEach(([name, Client], n) => test(`by ${name}`, async () => {
    const [ann, bob, carl] = await Promise.all(['ann', 'bob', 'carl'].map((login, i) =>
        arrive(Client, `${login}${n}`, profiles[i])));
    assert.ok((await ann.recommended()).includes(bob.login));
    assert.equal((await ann.recommended()).includes(carl.login), Client.showsAll, 'who looks for somebody else');

    await ann.visit(bob);
    await bob.isTold('visit', ann);
    await ann.like(bob);
    await bob.isTold('like', ann);
    await bob.like(ann);
    await ann.isTold('match', bob);
    await bob.isTold('match', ann);
    assert.equal((await ann.recommended()).includes(bob.login), Client.showsAll, 'who is found already');

    await talk(ann, bob);
    await blockAndUnblock(ann, bob);
    await reportAndResolve(ann, bob);
    await forgetPassword(ann);
    await Promise.all([ann, bob, carl].map((person) => person.close()));
}));
