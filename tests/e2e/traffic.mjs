// traffic.mjs - senders and readers of one room that go on whatever happens to the server.
//
// A sender posts over REST, one message after the other; whatever is no acknowledgement or
// final refusal is sent again with the same client id.  A reader resumes with `since=` after
// each drop.  `assertWhole` holds what they saw against the history: every message once, each
// sender's in its order, every reader the same.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { call, eventually, history, Native } from './client.mjs';

const RETRY_MS = 20;
const PATIENCE_MS = 60_000;

class Sender {
    /** `server` may be any that serves the room. */
    constructor(server, token, room, name) {
        Object.assign(this, { server, token, room, name, sent: 0, retries: 0, ended: false });
        this.work = this.go();
        this.work.catch((fault) => { this.fault = fault; });
    }

    async go() {
        while (!this.ended)
            await this.settle(`${this.name}:${++this.sent}`);
    }

    async settle(text) {
        const body = { text, client_id: `${this.room}:${text}` };
        const options = { token: this.token, body };
        for (const end = Date.now() + PATIENCE_MS; ; this.retries++) {
            assert.ok(Date.now() < end, `${text} is not settled after ${PATIENCE_MS} ms`);
            const path = `/v1/rooms/${this.room}/messages`;
            const answer = await call(this.server, 'POST', path, options).catch(() => null);
            if (answer?.status === 201)
                return;
            assert.ok(answer?.body?.error?.retryable ?? true, JSON.stringify(answer?.body));
            await sleep(RETRY_MS);
        }
    }
}

class Reader {
    constructor(server, token, room) {
        Object.assign(this, { server, token, room, seen: [], drops: 0, ended: false });
        const reader = this;
        this.Connection = class extends Native {
            hear(event) {
                reader.since = event.seq ?? reader.since;
                if (event.type === 'room.posted')
                    reader.seen.push(event.body.message);
            }
        };
    }

    /** The promise holds once it hears; `work` is over when it has ended. */
    async start() {
        await this.connect();
        this.work = this.go();
    }

    async go() {
        for (; !this.ended; this.drops++) {
            await this.live.closed;
            await this.connect();
        }
    }

    async connect() {
        while (!this.ended) {
            try {
                this.live = await this.Connection.open(this.server, this.token, {
                    since: this.since,
                });
                assert.ok(this.since === undefined || this.live.welcome.body.resumed);
                this.since ??= this.live.welcome.as_of;
                return;
            } catch (error) {
                if (error.code === 'ERR_ASSERTION')
                    throw error;
                await sleep(RETRY_MS);
            }
        }
    }

    async end() {
        this.ended = true;
        this.live.socket.terminate();
        await this.work;
    }
}

export class Traffic {
    /** `people`: {token} each, all of them members; the first few also read.  They are spread
     *  over the servers. */
    static async start(servers, room, people, { readers = 4 } = {}) {
        const traffic = new Traffic();
        const at = (index) => servers[index % servers.length];
        traffic.room = room;
        traffic.readers = people.slice(0, readers).map(({ token }, index) => (
            new Reader(at(index), token, room)));
        await Promise.all(traffic.readers.map((reader) => reader.start()));
        traffic.senders = people.map(({ token }, index) => (
            new Sender(at(index), token, room, `s${index}`)));
        return traffic;
    }

    get sent() {
        return this.senders.reduce((sum, { sent }) => sum + sent, 0);
    }

    /** Until every sender has settled that many more. */
    async flow(more) {
        const goals = this.senders.map(({ sent }) => sent + more);
        const behind = () => {
            this.senders.forEach(({ fault }) => assert.ifError(fault));
            return this.senders.filter(({ sent }, i) => sent < goals[i]).length;
        };
        await eventually(behind, (count) => count === 0, 'senders that get on', PATIENCE_MS);
    }

    /** Let the senders settle what they have, and the readers hear all of it. */
    async end() {
        this.senders.forEach((sender) => { sender.ended = true; });
        await Promise.all(this.senders.map(({ work }) => work));
        const late = () => this.readers.map(({ seen }) => seen.length);
        await eventually(late, (counts) => counts.every((count) => count >= this.sent),
                         `readers of ${this.sent}`, PATIENCE_MS);
        await Promise.all(this.readers.map((reader) => reader.end()));
    }

    async assertWhole(server, token) {
        const texts = (await everything(server, token, this.room)).map(({ text }) => text);
        const expected = this.senders.flatMap(({ name, sent }) => (
            Array.from({ length: sent }, (_, i) => `${name}:${i + 1}`)));
        assert.equal(texts.length, expected.length, 'nothing lost, nothing twice');
        assert.deepEqual([...texts].sort(), [...expected].sort());
        for (const { name, sent } of this.senders)
            assert.deepEqual(texts.filter((text) => text.startsWith(`${name}:`)),
                             Array.from({ length: sent }, (_, i) => `${name}:${i + 1}`));
        for (const { seen } of this.readers) {
            assert.deepEqual(seen.map(({ text }) => text), texts);
            assert.deepEqual(seen.map(({ seq }) => seq), seen.map((_, i) => i + 1));
        }
    }
}

async function everything(server, token, room) {
    const all = [];
    for (let page = []; ; all.push(...page)) {
        page = await history(server, token, room, `?after=${all.length}&limit=10000`);
        if (page.length === 0)
            return all;
    }
}
