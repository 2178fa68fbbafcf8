// crowd.mjs - thousands of people of one server, and the leanest WebSocket that each can have.
//
// A Wire is one connection to /v1/ws: the frames of the native API, read whole and held against the promise
// as they come: in each room the next message follows the last one, on this connection and on the next that
// resumes from it.  It can stop reading, which is all that a stalled reader does.
//
// `Seat` is one person's place: it has a Wire, and another one whenever that ends, from where it was.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { must } from '../e2e/client.mjs';
import { signUpAs } from '../e2e/operator.mjs';

const LANES = 32;            // requests at once
const IMPORT = 1000;         // accounts of one request
const ADDRESS_SEATS = 5000;  // connections on one address of loopback
const RETRY_MS = 250;
const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 };

/** `work` of each item, so many at a time; gives what came of them, in order. */
export async function eachOf(items, work, lanes = LANES) {
    const results = new Array(items.length);
    let next = 0;
    const lane = async () => {
        for (let at = next++; at < items.length; at = next++)
            results[at] = await work(items[at], at);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return results;
}

/** So many new people, {id, login, token}; none of them has a password, so that none is hashed. */
export async function populate(server, count, prefix = 'p') {
    const boss = await signUpAs(server, `${prefix}-boss`, 'admin');
    const people = [];
    while (people.length < count) {
        const accounts = Array.from({ length: Math.min(IMPORT, count - people.length) }, (_, n) => (
            { login: `${prefix}${people.length + n}` }));
        const made = await must(server, 'POST', '/v1/admin/imports', { token: boss.token, body: { accounts } });
        people.push(...made.accounts.map(({ account: id, login }) => ({ id, login })));
    }
    await eachOf(people, async (person) => {
        const path = `/v1/admin/accounts/${person.id}/sessions`;
        const { token } = await must(server, 'POST', path, { token: boss.token, body: {} });
        person.token = token;
    });
    return people;
}

/** The people in rooms of so many; gives [{id, people}…]. */
export async function settle(server, people, each) {
    const rooms = [];
    for (let at = 0; at < people.length; at += each)
        rooms.push({ people: people.slice(at, at + each) });
    await eachOf(rooms, async (room) => {
        const [{ token }, ...others] = room.people;
        const body = { kind: 'open', name: 'overload' };
        room.id = (await must(server, 'POST', '/v1/rooms', { token, body })).id;
        for (const other of others)
            await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: other.token, body: {} });
    });
    return rooms;
}

/** A client's frame: masked, as it must be, with a key of zeros. */
function frame(opcode, payload) {
    const size = payload.length;
    const head = size < 126 ? Buffer.from([0x80 | opcode, 0x80 | size, 0, 0, 0, 0])
        : Buffer.from([0x80 | opcode, 0x80 | 126, size >> 8, size & 0xff, 0, 0, 0, 0]);
    return Buffer.concat([head, payload]);
}

/** The frame at `at`, or null if it is not all there: {opcode, payload, end}. */
function readFrame(bytes, at) {
    if (bytes.length < at + 2)
        return null;
    const short = bytes[at + 1] & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < at + head)
        return null;
    const size = short === 126 ? bytes.readUInt16BE(at + 2)
        : short === 127 ? bytes.readUInt32BE(at + 6) : short;
    const end = at + head + size;
    return bytes.length < end ? null : { opcode: bytes[at] & 15, payload: bytes.subarray(at + head, end), end };
}

export class Wire {
    /** `hear(event, wire)` is called for each event; `since` resumes. */
    constructor(server, { token, since, from = '127.0.0.1', hear = () => {} }) {
        Object.assign(this, { hear, left: Buffer.alloc(0), isUp: false, code: null, nextId: 1, waiting: new Map() });
        this.socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from, noDelay: true });
        const query = since === undefined ? '' : `&since=${since}`;
        this.socket.write(`GET /v1/ws?token=${token}${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n` +
            'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
        this.welcomed = new Promise((resolve) => { this.welcome = resolve; }); // null: never
        this.closed = new Promise((resolve) => {
            this.socket.on('close', () => {
                this.welcome(null);
                this.waiting.forEach((settle) => settle(null));
                resolve(this.code);
            });
        });
        this.socket.on('error', () => {});
        this.socket.on('data', (bytes) => this.read(bytes));
    }

    read(bytes) {
        let all = this.left.length > 0 ? Buffer.concat([this.left, bytes]) : bytes;
        if (!this.isUp)
            all = this.readHead(all);
        let at = 0;
        for (let found; this.isUp && (found = readFrame(all, at)) !== null; at = found.end)
            this.take(found);
        this.left = all.subarray(at);
    }

    readHead(bytes) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0)
            return bytes;
        this.status = Number(bytes.toString('latin1', 9, 12));
        if (this.status !== 101) {
            this.socket.destroy();
            return Buffer.alloc(0);
        }
        this.isUp = true;
        return bytes.subarray(end + 4);
    }

    take({ opcode, payload }) {
        if (opcode === OPCODES.ping)
            this.socket.write(frame(OPCODES.pong, payload));
        else if (opcode === OPCODES.close)
            this.takeClose(payload);
        else if (opcode === OPCODES.text)
            this.takeMessage(JSON.parse(payload));
    }

    takeClose(payload) {
        this.code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.socket.end(frame(OPCODES.close, payload));
    }

    takeMessage(message) {
        if (message.type === 'welcome') {
            this.welcome(message);
        } else if (message.type === 'reply' || message.type === 'error') {
            this.waiting.get(message.id)?.(message);
            this.waiting.delete(message.id);
        } else {
            this.hear(message, this);
        }
    }

    /** A call; gives the reply's or the error's frame, or null if the connection ends first. */
    ask(type, body = {}) {
        if (this.socket.destroyed)
            return Promise.resolve(null);
        const id = this.nextId++;
        this.socket.write(frame(OPCODES.text, Buffer.from(JSON.stringify({ id, type, body }))));
        return new Promise((resolve) => this.waiting.set(id, resolve));
    }

    /** Read nothing from now on. */
    stall() {
        this.socket.pause();
    }

    goOn() {
        this.socket.resume();
    }

    end() {
        this.socket.destroy();
        return this.closed;
    }
}

/** What all seats have seen together. */
export class Tally {
    constructor() {
        Object.assign(this, { heard: 0, missed: 0, repeated: 0, unresumed: 0, refused: new Map() });
    }

    get isWhole() {
        return this.missed === 0 && this.repeated === 0 && this.unresumed === 0;
    }

    toString() {
        return `${this.heard} heard, ${this.missed} missed, ${this.repeated} twice, ${this.unresumed} not resumed`;
    }
}

export class Seat {
    constructor(server, person, tally, number = 0) {
        Object.assign(this, { server, tally, person, resumes: 0 });
        this.from = `127.0.0.${1 + Math.floor(number / ADDRESS_SEATS)}`;
        this.lastInRoom = new Map(); // room → sequence there
        this.codes = [];             // with which its connections have ended
    }

    /** One try; gives whether it is in. */
    async connect() {
        const { server, from, since, person: { token } } = this;
        const wire = new Wire(server, { token, since, from, hear: (event) => this.hear(event) });
        const welcome = await wire.welcomed;
        if (welcome === null) {
            this.tally.refused.set(wire.status ?? 'refused', (this.tally.refused.get(wire.status ?? 'refused') ?? 0) + 1);
            return false;
        }
        if (since !== undefined) {
            this.resumes++;
            this.tally.unresumed += welcome.body.resumed ? 0 : 1;
        }
        this.since ??= welcome.as_of;
        this.wire = wire;
        return true;
    }

    /** As often as it takes, as clients do. */
    async comeBack() {
        while (!(await this.connect()))
            await sleep(RETRY_MS * (0.5 + Math.random()));
    }

    /** Come back whenever the connection has ended, until `leave`. */
    stay() {
        this.isStaying = true;
        this.staying = (async () => {
            while (this.isStaying) {
                this.codes.push(await this.wire.closed);
                if (this.isStaying)
                    await this.comeBack();
            }
        })();
    }

    async leave() {
        this.isStaying = false;
        await this.wire.end();
        await this.staying;
    }

    hear({ seq, type, body }) {
        this.since = seq ?? this.since;
        if (type !== 'room.posted')
            return;
        const { room, seq: number } = body.message;
        const last = this.lastInRoom.get(room) ?? number - 1;
        this.tally.heard++;
        this.tally.missed += Math.max(0, number - last - 1);
        this.tally.repeated += number <= last ? 1 : 0;
        this.lastInRoom.set(room, Math.max(last, number));
    }
}
