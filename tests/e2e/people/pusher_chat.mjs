// pusher_chat.mjs - somebody on the Pusher chat (003): `fetch` with a Bearer token, and pusher-js.
//
// Its page hears of new chats on its own notification channel, and of messages on the chat's.

import assert from 'node:assert/strict';
import Pusher8 from 'pusher-js';
import Pusher4 from 'pusher-js-4';
import Pusher7 from 'pusher-js-7';

import { keepSecret } from '../server.mjs';
import { Person, isId, isText } from './person.mjs';

/** The settings of a server whose clients have this key. */
export const PUSHER = {
    'pusher.app_id': '1', 'pusher.key': 'testkey', 'pusher.secret': 'test-secret-of-pusher',
};

const SUBSCRIBED_MS = 5_000;

const packages = { 4: Pusher4, 7: Pusher7, 8: Pusher8 };
const isMood = (value) => Number.isFinite(value?.polarity);
const MESSAGE = {
    id: isId, message: isText, to_user: isId, from_user: isId, channel_id: isId, sentiment: isMood,
};

/** Options by which a stock client finds the server. */
function pusherOptions(server, auth) {
    const { hostname: wsHost, port: wsPort } = new URL(server.url);
    return {
        cluster: 'kith', wsHost, wsPort, forceTLS: false, enabledTransports: ['ws'],
        disableStats: true, authEndpoint: `${server.url}/api/pusher/auth`, auth,
    };
}

export function openPusher(server, version, auth) {
    return new packages[version](PUSHER['pusher.key'], pusherOptions(server, auth));
}

export class PusherChatPerson extends Person {
    static document = '003';
    static kinds = ['direct'];

    constructor(server, login, { version = 7 } = {}) {
        super(server, login);
        this.version = version;
        this.asked = []; // objects of `new_chat`
    }

    async ask(method, path, body) {
        const credential = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
        const reply = await fetch(this.server.url + path, {
            method,
            headers: { ...credential, 'content-type': 'application/json' },
            body: body && JSON.stringify(body),
        });
        return { status: reply.status, body: await reply.json() };
    }

    async must(method, path, body, status = 200) {
        const reply = await this.ask(method, path, body);
        assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(reply.body)}`);
        return reply.body;
    }

    async signUp() {
        const { login: username, password } = this;
        assert.deepEqual(await this.must('POST', '/api/register', { username, password }, 201),
            { status: 'success', message: 'User added successfully' });
    }

    async signIn() {
        const { login: username, password } = this;
        const { status, message, data } = await this.must('POST', '/api/login', { username, password });
        assert.deepEqual({ status, message }, { status: 'success', message: 'login successful' });
        assert.equal(data.username, username);
        this.id = data.id;
        this.token = keepSecret(data.token);
    }

    /** Connected, and on its own notification channel. */
    async connect() {
        this.pusher = openPusher(this.cable ?? this.server, this.version,
            { headers: { Authorization: `Bearer ${this.token}` } });
        this.watch(new Promise((resolve) => this.pusher.connection.bind('disconnected', resolve)));
        const own = this.pusher.subscribe(`private-notification_user_${this.id}`);
        own.bind('new_chat', (data) => {
            this.asked.push(data);
            this.look();
        });
        await this.subscribed(own);
        this.wire = this.pusher.connection.connection.transport.socket;
    }

    /** A page that waits too long is loaded again. */
    async subscribed(channel) {
        try {
            await subscribed(channel);
        } catch (fault) {
            this.pusher.disconnect();
            throw fault;
        }
    }

    users() {
        return this.must('GET', '/api/users');
    }

    /** Ask for a chat with somebody; gives what both are told. */
    requestChat(partner) {
        return this.must('POST', '/api/request_chat', { from_user: this.id, to_user: partner.id });
    }

    async enter(room) {
        this.room = room;
        const { channel_name: name } = await this.requestChat(room.other(this));
        this.channel = this.pusher.subscribe(name);
        this.channel.bind('new_message', (data) => this.hear(data));
        await this.subscribed(this.channel);
        await this.read();
    }

    async read() {
        const since = this.heard.length;
        const list = await this.must('GET', `/api/get_message/${this.channel.name}`);
        this.showHistory(list.map((item) => PusherChatPerson.line(this.fits(item, MESSAGE))), since);
    }

    /** The package reconnects and subscribes again; its page then reads the messages.  Where the
     *  package says that it cannot (it takes a WebSocket that broke twice for none at all, and
     *  waits ever longer), the page is loaded again. */
    stay() {
        this.isStaying = true;
        this.channel.bind('pusher:subscription_succeeded', () => {
            this.read().catch((fault) => this.fail(fault));
        });
        this.pusher.connection.bind('state_change', ({ current }) => {
            if (this.isStaying && ['unavailable', 'failed'].includes(current))
                this.reload().catch((fault) => this.fail(fault));
        });
    }

    async reload() {
        await this.close();
        await this.comeBack();
        this.stay();
    }

    static line({ id, from_user: author, message: text }) {
        return { id, author, text };
    }

    hear(data) {
        assert.ok(isId(data.id) && isId(data.from_user) && isId(data.to_user), JSON.stringify(data));
        assert.ok(isText(data.message) && isMood(data.sentiment), JSON.stringify(data));
        this.show(PusherChatPerson.line(data));
    }

    say(message) {
        const { id: from_user } = this;
        const { id: to_user } = this.room.other(this);
        return this.must('POST', '/api/send_message',
            { from_user, to_user, message, channel: this.channel.name });
    }

    /** Its document has no sign-out: the page forgets the token. */
    async signOut() {
        await this.close();
        this.token = undefined;
    }

    /** Where the server has closed already, the package waits for 30 s that it does: we do not. */
    async close() {
        this.pusher.disconnect();
        clearTimeout(this.wire?._closeTimer);
    }
}

/** Resolves once it is subscribed to; rejects if that is refused, or takes too long. */
export function subscribed(channel) {
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${channel.name} takes long`)), SUBSCRIBED_MS);
        const settle = (conclude, value) => {
            clearTimeout(late);
            conclude(value);
        };
        if (channel.subscribed)
            settle(resolve);
        channel.bind('pusher:subscription_succeeded', () => settle(resolve));
        channel.bind('pusher:subscription_error', (fault) =>
            settle(reject, new Error(`${channel.name}: ${JSON.stringify(fault)}`)));
    });
}
