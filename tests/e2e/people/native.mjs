// native.mjs - somebody on the native API: REST, and its WebSocket, which resumes by itself.

import assert from 'node:assert/strict';

import { Native, must, signIn } from '../client.mjs';
import { Person } from './person.mjs';

export class NativePerson extends Person {
    static document = 'native';

    async signUp() {
        const { login, password } = this;
        const { account } = await must(this.server, 'POST', '/v1/accounts',
            { body: { login, password } });
        this.id = account.id;
    }

    async signIn() {
        const { token, account } = await signIn(this.server, this.login, this.password);
        Object.assign(this, { token, id: account.id });
    }

    async connect() {
        const person = this;
        const Live = class extends Native {
            hear(event) {
                super.hear(event);
                person.hear(event);
            }
        };
        this.socket = await Live.open(this.cable ?? this.server, this.token, { since: this.seq });
        assert.equal(this.socket.welcome.body.resumed, this.seq !== undefined);
        this.seq ??= this.socket.welcome.as_of;
        this.watch(this.socket.closed);
    }

    hear({ type, seq, body }) {
        this.seq = seq ?? this.seq;
        if (type === 'room.posted' && body.message.room === this.room?.id)
            this.show(NativePerson.line(body.message));
    }

    static line({ id, username: author, text }) {
        return { id, author, text };
    }

    async enter(room) {
        this.room = room;
        const since = this.heard.length;
        const path = `/v1/rooms/${room.id}/messages?limit=1000`;
        const { messages } = await must(this.server, 'GET', path, this);
        this.showHistory(messages.map(NativePerson.line), since);
    }

    /** What was missed came by itself: the connection was resumed. */
    async reenter() {}

    say(text) {
        return this.socket.post(this.room.id, text);
    }

    async signOut() {
        await must(this.server, 'DELETE', '/v1/session', this);
        await this.socket.closed;
    }

    close() {
        return this.socket.close();
    }
}
