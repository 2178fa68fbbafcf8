// chatbackend.mjs - somebody on ChatBackend (002): its REST, and the push by Socket.IO 2.x or by
// the raw socket.
//
// Its real clients send the password as MD5 hex and the uuid in `authorization`; they register
// their listeners in the answer to `auth`.

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import io from 'socket.io-client-2.2';

import * as chatbackend from '../chatbackend.mjs';
import { keepSecret } from '../server.mjs';
import { Person, isId, isText, isUuid } from './person.mjs';

const REREAD_MS = 500;
const ITEM = {
    sender: ({ uuid, username, ...more }) =>
        isUuid(uuid) && isText(username) && Object.keys(more).length === 0,
    msg: ({ msgId, txt, timestamp, ...more }) => isId(msgId) && isText(txt) &&
        timestamp > 1.6e9 && timestamp < 1e11 && Object.keys(more).length === 0,
};

class ChatBackendPerson extends Person {
    constructor(server, login) {
        super(server, login);
        this.password = keepSecret(createHash('md5').update(this.password).digest('hex'));
    }

    async signUp() {
        const { login, password } = this;
        await chatbackend.register(this.server, login, { username: login, password });
    }

    async signIn() {
        const { uuid, username } = await chatbackend.signIn(this.server, this);
        Object.assign(this, { uuid, username });
        this.headers = { authorization: uuid };
    }

    async make() {
        const { room_gid: gid } = await chatbackend.must(this.server, 'POST', '/create-room',
            { headers: this.headers, body: {} });
        return { gid };
    }

    /** `isMine` is how the page puts its own messages on the other side. */
    line(item) {
        const { sender, msg } = this.fits(item, ITEM);
        return {
            id: msg.msgId, author: sender.username, text: msg.txt, isMine: sender.uuid === this.uuid,
        };
    }

    async read() {
        const since = this.heard.length;
        const path = `/get-room-history?room_gid=${this.room.gid}`;
        const list = await chatbackend.must(this.server, 'GET', path, { headers: this.headers });
        this.showHistory(list.map((item) => this.line(item)), since);
    }

    say(text) {
        return chatbackend.must(this.server, 'POST', '/send-message',
            { headers: this.headers, body: { room_gid: this.room.gid, msg: text } });
    }

    /** Its document has no sign-out: the page forgets the uuid. */
    async signOut() {
        await this.close();
        this.uuid = undefined;
    }
}

export class ChatBackendSocketPerson extends ChatBackendPerson {
    static document = '002';

    constructor(server, login, options = {}) {
        super(server, login);
        this.options = options;
        this.comers = []; // what `join_room` and `leave_room` told
    }

    connect() {
        const { url } = this.cable ?? this.server;
        this.socket = io(url, { forceNew: true, reconnectionDelay: 100, ...this.options });
        this.watch(new Promise((resolve) => this.socket.on('disconnect', resolve)));
        return new Promise((resolve, reject) => {
            this.socket.once('connect', resolve);
            this.socket.once('connect_error', reject);
        });
    }

    auth() {
        const { uuid, room } = this;
        return new Promise((resolve) => this.socket.emit('auth',
            JSON.stringify({ uuid, room_gid: room.gid }), () => resolve(this.listen())));
    }

    listen() {
        const events = {
            message: (item) => this.show(this.line(item)),
            join_room: (who) => this.meet('join_room', who),
            leave_room: (who) => this.meet('leave_room', who),
        };
        for (const [name, take] of Object.entries(events))
            this.socket.off(name).on(name, take);
    }

    meet(event, who) {
        this.fits(who, { user: isText, uuid: isUuid });
        this.comers.push(`${event} ${who.user}`);
        this.look();
    }

    async enter(room) {
        this.room = room;
        await this.auth();
        await this.read();
    }

    /** The package reconnects; the listener of `connect` says `auth` again. */
    stay() {
        this.socket.on('connect', () => this.reenter().catch((fault) => this.fail(fault)));
    }

    async close() {
        this.socket.close();
    }
}

export class ChatBackendLinePerson extends ChatBackendPerson {
    static document = '002 raw';

    async connect() {} // the room belongs to the connection

    /** The document's object without any delimiter; the server is silent if all is well. */
    async enter(room) {
        this.room = room;
        const { linePort } = this.cable ?? this.server;
        this.wire = connect(linePort, '127.0.0.1');
        this.watch(new Promise((resolve) => this.wire.once('close', resolve)));
        this.wire.on('error', () => {});
        this.wire.setEncoding('utf8');
        let rest = '';
        this.wire.on('data', (chunk) => {
            const parts = (rest + chunk).split('\n');
            rest = parts.pop();
            parts.forEach((part) => this.show(this.line(JSON.parse(part))));
        });
        this.wire.write(JSON.stringify({ uuid: this.uuid, room_gid: room.gid }));
        this.isUnsure = true;
        await this.read();
        this.settle().catch((fault) => this.fail(fault));
    }

    /** The document has no word for success: until a line came live its page reads again. */
    async settle() {
        while (this.isUnsure && !this.isGone) {
            await sleep(REREAD_MS);
            if (this.isUnsure && !this.isGone)
                await this.read();
        }
    }

    async close() {
        this.wire?.destroy();
        await this.gone;
    }
}
