// senders.mjs - senders that retry until every message is settled, native and over ChatAPI.
//
// A sender has `window` workers; each takes a message, sends it, waits for the answer, and on a
// lost connection or a retryable refusal sends the same again with the same client id.  The
// ledger learns of a message before it leaves for the first time and of its acknowledgement
// when that has been read.
//
// Power cuts begin a new era: what arrives on a connection of an earlier era does not count as
// read.  Its sender goes on sending, so that the cut falls into full work, and settles those
// messages afterwards, on a connection of the new era.

import { setTimeout as sleep } from 'node:timers/promises';

import { Chat } from '../e2e/chatapi.mjs';
import { Native } from '../e2e/client.mjs';

const RETRY_MS = 20;
const ANSWER_MS = 15_000;
const MOST_TRIES = 200;
const FILLERS = [0, 20, 100, 300];

/** A native connection that keeps no events. */
class Quiet extends Native {
    hear() {}
}

/** A ChatAPI connection that settles what it has sent itself, by text. */
class OwnFrames extends Chat {
    constructor(...args) {
        super(...args);
        this.own = new Map();
        this.closed.then(() => this.settleAll(new Error('closed')));
    }

    hear(frame) {
        if (frame.error !== undefined)
            this.settleAll(new Error(frame.error));
        const waiting = this.own.get(frame.text);
        this.own.delete(frame.text);
        waiting?.resolve(frame);
    }

    settleAll(error) {
        this.own.forEach(({ reject }) => reject(error));
        this.own.clear();
    }

    sayAndHear(room, text, clientId) {
        const heard = new Promise((resolve, reject) => this.own.set(text, { resolve, reject }));
        this.say(room, text, { random_id: clientId });
        return heard;
    }
}

class Sender {
    /** `run`: what all share: server, ledger, gate; `quota`: messages to send, or Infinity. */
    constructor(run, { index, account, token, rooms, window, quota }) {
        Object.assign(this, { run, index, account, token, rooms, window, quota });
        this.count = 0;
        this.unheard = [];
        this.connection = null;
    }

    async work() {
        await Promise.all(Array.from({ length: this.window }, () => this.workOne()));
    }

    async workOne() {
        for (let message; (message = this.next()) !== null;)
            await this.settle(message);
    }

    next() {
        const settlesFirst = this.unheard.length > 0 && this.run.isOpen;
        if (settlesFirst)
            return this.unheard.pop();
        if (this.count >= this.quota)
            return this.unheard.pop() ?? null;
        return this.fresh(++this.count);
    }

    fresh(number) {
        const clientId = this.clientId(number);
        const filler = '.'.repeat(FILLERS[number % FILLERS.length]);
        const room = this.rooms[number % this.rooms.length];
        const text = `${this.index}-${number} ${filler}`;
        this.run.ledger.write('send', text, room, this.account, String(clientId));
        return { text, room, clientId };
    }

    async settle(message) {
        for (let tries = 1; ; tries++) {
            try {
                const connection = await this.connected();
                const ack = await this.within(this.send(connection, message), connection);
                if (connection.era === this.run.era)
                    this.acknowledged(message, ack);
                else
                    this.unheard.push(message);
                return;
            } catch (error) {
                if (error.retryable === false || tries === MOST_TRIES) {
                    this.run.ledger.write('fault', `'${message.text}': ${error.message}`);
                    return;
                }
                await sleep(RETRY_MS);
            }
        }
    }

    /** No answer in time: drop the connection, which lets the retry settle it. */
    async within(answer, connection) {
        const late = setTimeout(() => connection.socket.terminate(), ANSWER_MS);
        try {
            return await answer;
        } finally {
            clearTimeout(late);
        }
    }

    acknowledged({ text }, { seq, id }) {
        this.run.ledger.write('ack', text, seq ?? null, id);
        this.run.acks++;
    }

    /** The open connection, or the next one: workers share it. */
    connected() {
        this.connection ??= this.connect();
        return this.connection;
    }

    async connect() {
        for (;;) {
            await this.run.gate;
            const { era } = this.run;
            try {
                this.live = await this.open();
                this.live.era = era;
                this.live.closed.then(() => { this.connection = null; });
                return this.live;
            } catch {
                await sleep(RETRY_MS);
            }
        }
    }

    /** Send nothing new, unless a quota is still to be met. */
    stop() {
        if (this.quota === Infinity)
            this.quota = this.count;
    }

    close() {
        this.live?.socket.terminate();
    }
}

export class NativeSender extends Sender {
    open() {
        return Quiet.open(this.run.server, this.token);
    }

    clientId(number) {
        return `${this.index}-${number}`;
    }

    send(connection, { room, text, clientId }) {
        return connection.post(room, text, clientId);
    }
}

export class ChatSender extends Sender {
    open() {
        return OwnFrames.open(this.run.server, this.token);
    }

    clientId(number) {
        return number;
    }

    send(connection, { room, text, clientId }) {
        return connection.sayAndHear(room, text, clientId);
    }
}
