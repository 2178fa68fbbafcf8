// matcha42.mjs - somebody on matcha42 (004): parameters in the query, and a `token` among them.
//
// Its document leaves open how a chat is shown.  Here the page asks for its notifications, and
// hears messages on the native WebSocket with the same token.

import assert from 'node:assert/strict';

import { keepSecret } from '../server.mjs';
import { NativePerson } from './native.mjs';

const RANDOM_MAX = 2 ** 31 - 1;

export class Matcha42Person extends NativePerson {
    static document = '004';
    static kinds = ['direct'];

    /** One request; parameters by the query for GET, by a form for POST. */
    async ask(method, path, fields = {}) {
        const form = new URLSearchParams(fields);
        const isGet = method === 'GET';
        const reply = await fetch(`${this.server.url}${path}${isGet ? `?${form}` : ''}`,
            { method, body: isGet ? undefined : form });
        return { status: reply.status, body: await reply.json() };
    }

    /** The same as somebody who is signed in. */
    askAs(method, path, fields) {
        return this.ask(method, path, { user_id: this.id, token: this.token, ...fields });
    }

    async must(method, path, fields) {
        const { status, body } = await this.askAs(method, path, fields);
        assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(body)}`);
        return body;
    }

    async signUp() {
        const { login, email: mail, password } = this;
        const { status, body } = await this.ask('POST', '/api/user/registr',
            { login, mail, password, first_name: 'A', last_name: 'B' });
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.status, 'ok');
        this.id = body.user_id;
    }

    async signIn() {
        const { login, password } = this;
        const { status, body } = await this.ask('POST', '/api/user/login', { login, password });
        assert.equal(status, 200, JSON.stringify(body));
        this.id = body.user_id;
        this.token = keepSecret(body.token);
    }

    say(message) {
        const random_id = Math.floor(Math.random() * RANDOM_MAX);
        return this.must('POST', '/api/message/send',
            { target_user_id: this.room.other(this).id, random_id, message });
    }

    async notifications() {
        return (await this.must('GET', '/api/notifications')).notifications;
    }

    async signOut() {
        const { status, body } = await this.ask('POST', '/api/user/logout', { token: this.token });
        assert.equal(status, 200, JSON.stringify(body));
        await this.socket.closed;
    }
}
