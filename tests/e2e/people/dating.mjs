// dating.mjs - somebody who looks for somebody, by each of the three documents that know of it.
//
// What a page of a document can do, it does by that document.  Where Matcha's says nothing (a proven
// address, blocks, a forgotten password) its page takes the native API with the same session, as
// docs/front-doors.md tells.
//
//   verify(id)  fill(profile)  recommended()  visit, like, block, unblock, report(other)
//   isTold(what, other)  finds(other)  reset(id, password)  isRefused(text)
//
// `showsAll`: its pages list whomever they may, the most fitting first, and not only these.

import assert from 'node:assert/strict';

import { call, eventually, must } from '../client.mjs';
import { keepSecret } from '../server.mjs';
import { MatchaPerson } from './matcha.mjs';
import { Matcha42Person } from './matcha42.mjs';
import { NativePerson } from './native.mjs';

/** What a page takes of the native API. */
const natively = {
    /** `refused` is the name of the error that must come. */
    async ask(method, path, { body, refused } = {}) {
        const { token } = this;
        const reply = await call(this.server, method, path, { token, body });
        assert.equal(reply.body?.error?.name, refused, `${method} ${path}: ${JSON.stringify(reply.body)}`);
        return reply.body;
    },

    verify(id) {
        return must(this.server, 'POST', '/v1/email-verifications', { body: { id } });
    },

    block(other) {
        return natively.ask.call(this, 'PUT', `/v1/people/${other.id}/block`);
    },

    unblock(other) {
        return natively.ask.call(this, 'DELETE', `/v1/people/${other.id}/block`);
    },

    reset(id, password) {
        return must(this.server, 'PUT', '/v1/password-resets', { body: { id, password } });
    },
};

export class NativeDater extends NativePerson {
    static showsAll = false;

    constructor(...all) {
        super(...all);
        this.told = []; // bodies of `notified`
    }

    async signUp() {
        const { login, password, email } = this;
        const { account } = await must(this.server, 'POST', '/v1/accounts', { body: { login, password, email } });
        this.id = account.id;
    }

    hear(event) {
        super.hear(event);
        if (event.type === 'notified')
            this.told.push(event.body);
        this.look();
    }

    fill({ gender, preference, age, tags, about }) {
        const body = { gender, preference, age, tags: tags.map((name) => ({ name })), description: about,
            lat: 48_850_000, lon: 2_350_000 };
        return this.page('PATCH', '/v1/me/profile', { body });
    }

    page(method, path, options) {
        return natively.ask.call(this, method, path, options);
    }

    async recommended() {
        const { people } = await this.page('GET', '/v1/people');
        return people.map(({ profile }) => profile.login);
    }

    async visit(other) {
        const { login } = await this.page('GET', `/v1/people/${other.id}`);
        assert.equal(login, other.login);
        await this.page('POST', `/v1/people/${other.id}/visits`);
    }

    like(other) {
        return this.page('PUT', `/v1/people/${other.id}/like`);
    }

    isTold(what, other) {
        return this.until(() => this.told.some(({ kind, from_login: from }) => kind === what && from === other.login),
            `word of ${what}`);
    }

    async finds(other) {
        const { status } = await call(this.server, 'GET', `/v1/people/${other.id}`, this);
        return status === 200;
    }

    async isRefused(text) {
        const path = `/v1/rooms/${this.room.id}/messages`;
        await this.page('POST', path, { body: { text }, refused: 'blocked' });
    }

    report(other) {
        return this.page('POST', `/v1/people/${other.id}/reports`, { body: { reason: 'fake' } });
    }
}
Object.assign(NativeDater.prototype, { verify: natively.verify, block: natively.block,
    unblock: natively.unblock, reset: natively.reset });

export class Matcha42Dater extends Matcha42Person {
    static showsAll = false;

    async verify(id) {
        const { status, body } = await this.ask('POST', '/api/user/verification', { ver_id: id, login: this.login });
        assert.deepEqual([status, body.status], [200, 'ok']);
    }

    fill({ gender, preference, age, tags, about }) {
        return this.must('POST', '/api/user/save_profile',
            { gender, sex: preference, age, tags: tags.join(), description: about, gps: '48.85,2.35' });
    }

    async recommended() {
        const { users } = await this.must('GET', '/api/research', { sort_by: 0 });
        return users.map(({ login }) => login);
    }

    async visit(other) {
        const { login } = await this.must('GET', '/api/profile', { target_user_id: other.id });
        assert.equal(login, other.login);
    }

    like(other) {
        return this.must('GET', '/api/user/like', { target_user_id: other.id });
    }

    /** Its page asks again and again. */
    isTold(what, other) {
        const isIt = ({ type, from }) => type === what && from === other.login;
        return eventually(() => this.notifications(), (told) => told.some(isIt), what);
    }

    block(other) {
        return this.must('GET', '/api/user/block', { target_user_id: other.id });
    }

    unblock(other) {
        return this.must('GET', '/api/user/unblock', { target_user_id: other.id });
    }

    async finds(other) {
        const { status } = await this.askAs('GET', '/api/profile', { target_user_id: other.id });
        return status === 200;
    }

    async isRefused(text) {
        const { id: target_user_id } = this.room.other(this);
        const { status, body } = await this.askAs('POST', '/api/message/send',
            { target_user_id, random_id: 1, message: text });
        assert.deepEqual([status, body.code], [403, 900]);
    }

    report(other) {
        return this.must('GET', '/api/report', { target_user_id: other.id, report_id: 1 });
    }

    async reset(id, password) {
        const { status } = await this.ask('POST', '/api/user/reset_pass', { reset_id: id, new_pass: password });
        assert.equal(status, 200);
    }
}

/** What is told about somebody, as its page shows it. */
const texts = { visit: 'has visited your profile', like: 'liked you' };

export class MatchaDater extends MatchaPerson {
    static showsAll = true;

    async signUp() {
        await this.connect(); // the page loads before anybody signs in
        await super.signUp();
    }

    /** The socket is there already. */
    async connect() {
        if (this.socket === undefined)
            await super.connect();
    }

    fill({ gender, preference, age, tags, about }) {
        return this.must('PUT', `/api/users/${this.id}`,
            { sex: gender, preferences: preference, age, tags, bio: about });
    }

    async recommended() {
        return (await this.must('GET', '/api/rating')).map(({ login }) => login);
    }

    async visit(other) {
        assert.equal((await this.must('GET', `/api/users/${other.id}`)).login, other.login);
        this.tell('history', other);
    }

    like(other) {
        this.tell('like', other);
    }

    /** A match is told by the chat that is there. */
    isTold(what, other) {
        if (what === 'match')
            return eventually(() => this.chats(), ({ length }) => length > 0, 'their chat');
        return this.until(() => this.notices.includes(`${other.login} ${texts[what]}`), what);
    }

    async finds(other) {
        return await this.must('GET', `/api/users/${other.id}`) !== null;
    }

    async isRefused() {
        assert.deepEqual(await this.chats(), []);
        const { status } = await this.browser.ask('GET', `/api/chats/${this.room.id}`);
        assert.notEqual(status, 200);
    }

    report(other) {
        return this.must('POST', `/api/fake/${other.id}`);
    }

    async reset(id, password) {
        await natively.reset.call(this, id, password);
        keepSecret(password);
    }
}
Object.assign(MatchaDater.prototype, { verify: natively.verify, block: natively.block, unblock: natively.unblock });
