// matcha.mjs - somebody on Matcha (000): `fetch` with a session cookie, and Socket.IO 2.x in the
// namespace /api/socket.
//
// Its page opens the socket when it is loaded, and signs in after: the cookie of the socket's
// handshake goes along with the sign-in and tells the server whose socket that is.

import assert from 'node:assert/strict';
import io from 'socket.io-client-2.2';

import { keepSecret } from '../server.mjs';
import { Browser } from './browser.mjs';
import { Person, isText } from './person.mjs';

const STORED = { creation_date: isText, text: isText, author: isText };

export class MatchaPerson extends Person {
    static document = '000';

    constructor(server, login, options = {}) {
        super(server, login);
        this.options = options;
        this.browser = new Browser(server);
        this.notices = []; // strings of `notification`
    }

    async must(method, path, body) {
        const reply = await this.browser.ask(method, path, { body });
        assert.equal(reply.status, 200, `${method} ${path}: ${JSON.stringify(reply.body)}`);
        return reply.body;
    }

    async signUp() {
        const { login, email, password } = this;
        const said = await this.must('POST', '/api/signup',
            { login, email, user_name: login, password });
        assert.ok(isText(said), 'a string to show');
    }

    async signIn() {
        const { login, password } = this;
        const reply = await this.must('POST', '/api/signin', { login, password });
        assert.equal(reply.message, 'ok', JSON.stringify(reply));
        this.id = reply.user_id;
        this.token = keepSecret(reply.access_token);
        this.socket?.emit('connect_logged_user', this.id);
    }

    /** In a browser the handshake's Set-Cookie lands in the page's own jar. */
    connect() {
        const { url } = this.cable ?? this.server;
        const extraHeaders = this.browser.headers;
        this.socket = io(`${url}/api/socket`, {
            forceNew: true, reconnectionDelay: 100,
            transportOptions: { polling: { extraHeaders }, websocket: { extraHeaders } },
            ...this.options,
        });
        this.socket.on('receive_message', (message) => this.hear(message));
        this.socket.on('notification', (text) => this.notice(text));
        this.socket.on('connect', () => this.greet());
        this.watch(new Promise((resolve) => this.socket.on('disconnect', resolve)));
        return new Promise((resolve, reject) => {
            this.socket.once('connect', resolve);
            this.socket.once('connect_error', reject);
        });
    }

    greet() {
        this.browser.keepCookie(`io=${this.socket.io.engine.id}; Path=/; HttpOnly`);
        if (this.id !== undefined)
            this.socket.emit('connect_logged_user', this.id);
    }

    hear(message) {
        assert.equal(message.type, 'message');
        const { text, author, chat_id: chat } = message;
        assert.ok(isText(text) && isText(author) && isText(message.creation_date));
        if (String(chat) === String(this.room?.id))
            this.show({ author, text, time: message.creation_date });
    }

    notice(text) {
        assert.ok(isText(text), 'a plain string');
        this.notices.push(text);
        this.look();
    }

    chats() {
        return this.must('GET', '/api/chats');
    }

    async enter(room) {
        this.room = room;
        this.socket.emit('join', room.id);
        this.isUnsure = true;
        await this.read();
    }

    async read() {
        const since = this.heard.length;
        const path = `/api/chats/${this.room.id}`;
        const { messages, partner_id: partner } = await this.must('GET', path);
        this.partner = partner;
        this.showHistory(messages.map((item) => {
            const { author, text, creation_date: time } = this.fits(item, STORED);
            return { author, text, time };
        }), since);
    }

    /** The package reconnects; the listener of `connect` joins again. */
    stay() {
        this.socket.on('connect', () => this.reenter().catch((fault) => this.fail(fault)));
    }

    say(text) {
        this.socket.emit('message', {
            text, chat_id: String(this.room.id), author: this.login,
            creation_date: new Date(), partner_id: this.partner,
        });
    }

    tell(type, partner) {
        this.socket.emit('manage_notification', { author: this.login, partner_id: partner.id, type });
    }

    async signOut() {
        assert.equal(await this.must('DELETE', '/api/logout'), 'ok');
        this.id = undefined;
    }

    async close() {
        this.socket.close();
    }
}
