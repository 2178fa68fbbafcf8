// readers.mjs - readers that write down what they see and come back after every drop.
//
// A native reader resumes with `since=`, the last journal sequence that it has seen.  A ChatAPI
// reader has no such thing: it reads the history and takes from it what it had not seen, as a
// client of that API would, while live frames wait.  What comes on a connection of an earlier
// era (see senders.mjs) counts as not seen.

import { setTimeout as sleep } from 'node:timers/promises';

import { Chat, chatMessages } from '../e2e/chatapi.mjs';
import { Native } from '../e2e/client.mjs';

const RETRY_MS = 20;

class Reader {
    /** `drops`: let go of the connection now and then, on one's own. */
    constructor(run, { name, token, rooms, rows, drops = false }) {
        Object.assign(this, { run, name, token, rooms, rows, drops });
        this.last = new Map(rooms.map((room) => [room, 0])); // room -> how far it has seen
        rows.write('rooms', rooms);
    }

    /** Read until told to end; the promise holds once the first connection stands. */
    async start() {
        await this.connect();
        this.reading = this.readOn();
    }

    async readOn() {
        while (!this.run.ended) {
            if (this.drops)
                setTimeout(() => this.live.socket.terminate(), 100 + Math.random() * 900);
            await this.live.closed;
            await this.connect();
        }
    }

    async connect() {
        while (!this.run.ended) {
            await this.run.gate;
            try {
                this.live = await this.open();
                return;
            } catch {
                await sleep(RETRY_MS);
            }
        }
    }

    close() {
        this.live.socket.terminate();
    }
}

export class NativeReader extends Reader {
    constructor(...args) {
        super(...args);
        this.since = undefined;
        const reader = this;
        this.Connection = class extends Native {
            era = reader.run.era;

            hear(event) {
                if (this.era === reader.run.era)
                    reader.saw(event);
            }
        };
    }

    async open() {
        const connection = await this.Connection.open(this.run.server, this.token, {
            since: this.since,
        });
        const { as_of, body } = connection.welcome;
        this.rows.write('open', connection.since ?? null, body.resumed ?? null);
        this.since ??= as_of;
        return connection;
    }

    saw({ seq, type, body }) {
        if (seq !== undefined)
            this.since = seq;
        if (type !== 'room.posted')
            return;
        const { room, seq: place, id, text } = body.message;
        this.last.set(room, place);
        this.rows.write('seen', seq, room, place, id, text);
    }
}

export class ChatReader extends Reader {
    constructor(...args) {
        super(...args);
        this.seen = new Set();
        const reader = this;
        this.Connection = class extends Chat {
            hear(frame) {
                if (this.caughtUp)
                    reader.saw(frame);
                else
                    this.frames.push(frame);
            }
        };
    }

    async open() {
        const connection = await this.Connection.open(this.run.server, this.token);
        for (const room of this.rooms)
            (await chatMessages(this.run.server, this.token, room)).forEach((m) => this.saw(m));
        connection.frames.forEach((frame) => this.saw(frame));
        connection.caughtUp = true;
        return connection;
    }

    saw({ id, chat_id: room, text }) {
        if (id === undefined || this.seen.has(id))
            return;
        this.seen.add(id);
        this.last.set(room, (this.last.get(room) ?? 0) + 1);
        this.rows.write('seen', null, room, null, id, text);
    }
}
