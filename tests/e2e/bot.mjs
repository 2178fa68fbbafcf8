// bot.mjs - a bot on the bus with stock libraries: zeromq and @msgpack/msgpack, by docs/bus.md.
//
// `Bots` is a server with doors for bots; `Bot` is one connection.  A Bot acknowledges what it has
// taken with `next`, unless told not to; it says nothing by itself.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { decodeMulti, encode } from '@msgpack/msgpack';
import { Dealer, curveKeyPair } from 'zeromq';

import { operate } from './operator.mjs';
import { Server, freePort, keepSecret } from './server.mjs';

const WAIT_MS = 30_000;
const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
export const PYTHON = '/usr/bin/python3'; // whose packages are the system's
export const EXAMPLES = new URL('../../tools/examples/', import.meta.url).pathname;

/** Start a server with doors for bots: `server.door` over tcp with keys, `server.bareDoor` over
 *  ipc. */
export async function startWithBots({ settings = {}, ...options } = {}) {
    const server = await Server.plan({ settings, ...options });
    server.settings.keys = join(server.base, 'keys');
    const made = spawnSync(KITH, ['keygen', '--keys', server.settings.keys], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    server.brokerKey = join(server.settings.keys, 'broker.public');
    server.door = `tcp://127.0.0.1:${await freePort()}`;
    server.bareDoor = `ipc://${join(server.base, 'bots')}`;
    server.settings.bots = `${server.door},${server.bareDoor}`;
    await server.launch();
    return server;
}

/** A refusal by the broker: `name` is the status, `detail` what it says besides. */
export class BotRefusal extends Error {
    constructor(type, name, detail) {
        super(`${type}: ${name} ${detail ?? ''}`);
        Object.assign(this, { name, detail });
    }
}

const readKey = (path) => readFileSync(path, 'utf8').trim();

/** Let a bot in; its pair and what the server says of it. */
export function addBot(server, login, scopes) {
    const file = join(server.base, `bot-${login}`);
    const bot = JSON.parse(operate(server, 'bot', 'add', login, file, '--scopes', scopes, '--json'));
    keepSecret(readKey(`${file}.secret`));
    return { ...bot, id: bot.account, file, publicKey: readKey(`${file}.public`),
        secretKey: readKey(`${file}.secret`) };
}

export class Bot {
    /** A connection over tcp with a pair (one of nobody's if there is none), or over ipc. */
    constructor(server, { bare = false, pair = curveKeyPair() } = {}) {
        const keys = bare ? {} : {
            curvePublicKey: pair.publicKey, curveSecretKey: pair.secretKey,
            curveServerKey: readKey(server.brokerKey),
        };
        this.socket = new Dealer({ linger: 0, receiveHighWaterMark: 0, ...keys });
        this.socket.connect(bare ? server.bareDoor : server.door);
        this.number = 0;
        this.waiting = new Map(); // number of a call → what settles it
        this.queue = [];          // events that nobody has taken
        this.last = 0;            // sequence of the last one taken
        this.asides = [];         // statuses of answers that nobody asked for
        this.questions = [];      // messages that it was asked to judge
        this.listening = this.listen();
    }

    /** Connect and say hello. */
    static async open(server, bot, more = {}) {
        const connection = new Bot(server, { pair: bot, ...more });
        connection.welcome = await connection.call('bot.hello', more.bare ? { account: bot.id } : {});
        return connection;
    }

    async listen() {
        for await (const [message] of this.socket)
            for (const heard of decodeMulti(message))
                this.hear(heard);
    }

    hear([kind, ...rest]) {
        if (kind === 'event') {
            const [type, seq, time, room, account, body] = rest;
            this.queue.push({ type, seq, time, room, account, body });
        } else if (kind === 'judge') {
            const [ticket, type, time, room, account, body] = rest;
            this.asked({ ticket, type, time, room, account, body });
        } else {
            assert.equal(kind, 'answer');
            this.settle(...rest);
        }
        this.wake?.();
    }

    settle(number, status, asOf, body) {
        const waiting = this.waiting.get(number);
        this.waiting.delete(number);
        if (!waiting) {
            assert.equal(number, 0, 'an answer that nobody waits for');
            this.asides.push(status);
        } else if (status === 'ok') {
            waiting.resolve(body);
        } else {
            waiting.reject(new BotRefusal(waiting.type, status, body));
        }
    }

    /** Judge messages from now on.  `rule` is given each question, and gives the verdict's body
     *  without the ticket, be it later, or nothing to stay silent. */
    judge(rule, rooms) {
        this.rule = rule;
        return this.call('bot.judge', rooms ? { rooms } : {});
    }

    /** A question comes. */
    asked(question) {
        this.questions.push(question);
        void Promise.resolve(this.rule(question)).then((verdict) => {
            if (verdict)
                void this.send(encode(['call', 0, 'bot.verdict', { ticket: question.ticket, ...verdict }]));
        });
    }

    /** One at a time, as the library wants it. */
    send(bytes) {
        this.sent = (this.sent ?? Promise.resolve()).then(() => this.socket.send(bytes));
        this.sent.catch(() => {}); // closed meanwhile: whoever waits for an answer will say so
        return this.sent;
    }

    call(type, body = {}) {
        const number = ++this.number;
        return within(new Promise((resolve, reject) => {
            this.waiting.set(number, { type, resolve, reject });
            void this.send(encode(['call', number, type, body]));
        }), () => `an answer to ${type}`);
    }

    /** The call is refused; gives the detail. */
    async refused(name, type, body) {
        const refusal = await this.call(type, body).then(
            () => assert.fail(`${type} was not refused`), (fault) => fault);
        assert.ok(refusal instanceof BotRefusal, refusal);
        assert.equal(refusal.name, name, refusal.message);
        return refusal.detail;
    }

    /** A thing that comes to be by what is heard. */
    async until(satisfied, what) {
        while (!satisfied())
            await within(new Promise((resolve) => { this.wake = resolve; }), () => what);
    }

    /** The next event; acknowledged. */
    async next() {
        await this.until(() => this.queue.length > 0, 'an event');
        const event = this.queue.shift();
        if (event.seq > 0) {
            this.last = event.seq;
            void this.send(encode(['call', 0, 'bot.ack', { seq: event.seq }]));
        }
        return event;
    }

    close() {
        this.socket.close();
        return this.listening;
    }
}

async function within(promise, what, ms = WAIT_MS) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what()} did not come in time`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** An example bot as a process of its own, with the bot's keys. */
export class Example {
    constructor(server, bot, command, more = []) {
        const env = { ...process.env,
            NODE_PATH: new URL('node_modules', import.meta.url).pathname };
        const args = [...command.slice(1), ...Example.place(server, bot), ...more];
        this.process = spawn(command[0], args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
        this.said = '';
        for (const stream of [this.process.stdout, this.process.stderr])
            stream.on('data', (data) => { this.said += data; });
        this.ended = new Promise((resolve) => this.process.on('close', resolve));
    }

    /** Where a bot is met, and as whom. */
    static place = (server, bot) => [server.door, bot.file, server.brokerKey];

    static python = (server, bot, file, more) =>
        new Example(server, bot, [PYTHON, join(EXAMPLES, file)], more);
    static node = (server, bot, file, more) =>
        new Example(server, bot, [process.execPath, join(EXAMPLES, file)], more);
    static built = (server, bot, name, more) =>
        new Example(server, bot, [join(dirname(KITH), `kith-${name}`)], more);

    async stop(signal = 'SIGTERM') {
        this.process.kill(signal);
        await this.ended;
    }
}
