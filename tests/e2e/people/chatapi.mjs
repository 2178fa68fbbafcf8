// chatapi.mjs - somebody on ChatAPI (001): `fetch` with a token, and the browser's WebSocket.

import assert from 'node:assert/strict';

import * as chatapi from '../chatapi.mjs';
import { keepSecret } from '../server.mjs';
import { Person, isId, isText, isTime } from './person.mjs';

const LIVE = {
    text: isText, username: isText, created_at: isTime, id: isId, chat_id: isId, owner_id: isId,
};
const STORED = { id: isId, text: isText, owner_id: isId, chat_id: isId, created_at: isTime };

export class ChatApiPerson extends Person {
    static document = '001';

    async signUp() {
        const { email, password } = this;
        const { id } = await chatapi.register(this.server, this.login, { email, password });
        this.id = id;
    }

    async signIn() {
        const { email, password } = this;
        const { status, body } = await chatapi.ask(this.server, 'POST', '/auth/login',
            { body: { email, password } });
        assert.equal(status, 200, JSON.stringify(body));
        this.token = keepSecret(body.token);
        this.id = body.id;
    }

    async connect() {
        this.chat = await chatapi.Chat.open(this.cable ?? this.server, this.token);
        this.chat.hear = (frame) => this.hear(frame);
        this.watch(this.chat.closed);
    }

    hear(frame) {
        assert.equal(frame.error, undefined);
        this.fits(frame, LIVE);
        if (frame.chat_id === this.room?.id)
            this.show({ id: frame.id, author: frame.username, text: frame.text });
    }

    async make(name) {
        return chatapi.createChat(this.server, this.token, name);
    }

    /** To read a chat is to hear it from then on. */
    async enter(room) {
        this.room = room;
        const since = this.heard.length;
        const list = await chatapi.chatMessages(this.server, this.token, room.id);
        this.showHistory(list.map((item) => {
            const { id, owner_id: author, text } = this.fits(item, STORED);
            return { id, author, text };
        }), since);
    }

    say(text) {
        this.chat.say(this.room.id, text);
    }

    /** Its document has no sign-out: the page forgets the token. */
    async signOut() {
        await this.close();
        this.token = undefined;
    }

    close() {
        return this.chat.close();
    }
}
