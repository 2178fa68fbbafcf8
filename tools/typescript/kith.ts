// kith.ts - a client of Kith's native WebSocket, for browsers and Node, in one file.
//
//     const kith = new Kith({ url: 'wss://chat.example.org', token });
//     kith.on('room.posted', ({ message }) => console.log(message.username, message.text));
//     await kith.post(room, 'hello');
//
// What it takes care of:
//   - A dropped connection comes back by itself and goes on where it stood: every event
//     comes once, in order.  Only if the server cannot go back that far is `reset` said;
//     then read the histories that you show again.
//   - A call that was on its way when the line dropped is made again if that is safe: a
//     query, or a command with a client id.  Any other is refused as `unknown_outcome`.
//   - `post` makes up a client id and tries until the server has said yes or no, so a
//     message is sent once, whatever happens to the line.
//
// ws-edge/NATIVE.md is what it speaks; schema.ts has the types of all calls and events.

import type { Calls, ErrorName, Events, Message } from './schema.js';
import { queries } from './schema.js';

type CallName = keyof Calls;
type EventName = keyof Events;
type Body<T extends CallName> = Calls[T]['body'];
type Answer<T extends CallName> = Calls[T]['answer'];

/** Where the connection stands: `online` once it has said welcome, `resumed` if nothing was
 * missed by that, `reset` if something was, `offline` between tries, `closed` for good. */
export type State = 'online' | 'resumed' | 'reset' | 'offline' | 'closed';

export interface Options {
    /** Of the server, such as `wss://chat.example.org`. */
    url: string;
    /** The token of a session or an API key, or a way to get one. */
    token: string | (() => string | Promise<string>);
    /** Go on from this sequence of the journal: an earlier `kith.seq`, or an answer's `as_of`. */
    since?: number;
    /** The class to use where there is no global WebSocket, such as that of the package ws. */
    WebSocket?: new (url: string, protocol: string) => WebSocket;
    /** How long a call may wait for its answer, drops included; 30,000 ms if missing. */
    timeoutMs?: number;
}

/** A refusal.  `name` says which, `retryable` whether the same call may succeed later. */
export class KithError extends Error {
    constructor(readonly error: {
        name: ErrorName, status: number, message: string, retryable: boolean, detail?: string,
    }) {
        super(error.detail ? `${error.message} (${error.detail})` : error.message);
        this.name = error.name;
    }
    get status(): number { return this.error.status; }
    get retryable(): boolean { return this.error.retryable; }
}

const refusal = (name: ErrorName, status: number, message: string, retryable = false) =>
    new KithError({ name, status, message, retryable });

interface Pending {
    frame: string;
    repeatable: boolean;
    sent: boolean;
    resolve(answer: unknown): void;
    reject(error: Error): void;
    timer: ReturnType<typeof setTimeout>;
}

type Listener = (body: never, seq: number | undefined, time: number) => void;

const CALLS_MAX = 1000; // that may wait; the server takes 1,024 of a connection
const PAUSE_FIRST_MS = 200;
const PAUSE_MAX_MS = 10_000;
const SESSION_ENDED = 4401;

export class Kith {
    /** The last sequence seen; `since` of a later client goes on from here. */
    seq: number | undefined;

    private socket: WebSocket | undefined;
    private welcomed = false;
    private ended = false;
    private pauseMs = PAUSE_FIRST_MS;
    private pause: ReturnType<typeof setTimeout> | undefined;
    private lastId = 0;
    private readonly pending = new Map<number, Pending>();
    private readonly listeners = new Map<string, Set<Listener>>();
    private readonly watchers = new Set<(state: State, reason?: string) => void>();

    constructor(private readonly options: Options) {
        this.seq = options.since;
        void this.connect();
    }

    /** Hear an event; the function that is returned stops that. */
    on<T extends EventName>(
        type: T, listener: (body: Events[T], seq: number | undefined, time: number) => void,
    ): () => void {
        const set = this.listeners.get(type) ?? new Set<Listener>();
        this.listeners.set(type, set.add(listener as Listener));
        return () => set.delete(listener as Listener);
    }

    /** Hear how the connection stands; the function that is returned stops that. */
    onState(watcher: (state: State, reason?: string) => void): () => void {
        this.watchers.add(watcher);
        return () => this.watchers.delete(watcher);
    }

    /** Make a call.  Throws a KithError if it is refused. */
    call<T extends CallName>(type: T, body: Body<T>): Promise<Answer<T>> {
        if (this.ended)
            return Promise.reject(refusal('unavailable', 503, 'The client is closed.'));
        if (this.pending.size >= CALLS_MAX)
            return Promise.reject(refusal('unavailable', 503, 'Too many calls wait.', true));
        return new Promise((resolve, reject) => {
            const id = ++this.lastId;
            const call: Pending = {
                frame: JSON.stringify({ id, type, body }),
                repeatable: queries.has(type) || 'client_id' in body,
                sent: false,
                resolve: resolve as (answer: unknown) => void,
                reject,
                timer: setTimeout(() => this.settle(id)?.reject(refusal('unknown_outcome', 504,
                    'There was no answer in time.', true)), this.options.timeoutMs ?? 30_000),
            };
            this.pending.set(id, call);
            if (this.welcomed)
                this.send(call);
        });
    }

    /** Say something: once, even if the line drops or the server restarts meanwhile. */
    async post(
        room: number, text: string, more: Partial<Body<'room.post'>> = {},
    ): Promise<Message> {
        const body = { client_id: crypto.randomUUID(), ...more, room, text };
        for (let tries = 1; ; tries++) {
            try {
                return await this.call('room.post', body);
            } catch (error) {
                const again = error instanceof KithError && error.retryable && !this.ended;
                if (!again || tries === 10)
                    throw error;
                await new Promise((done) => setTimeout(done, this.jitter(100 * tries)));
            }
        }
    }

    /** Every message of a room after a sequence, oldest first, page by page. */
    async* history(room: number, after = 0, limit = 500): AsyncGenerator<Message> {
        for (;;) {
            const { messages } = await this.call('room.history', { room, after, limit });
            yield* messages;
            const last = messages.at(-1);
            if (last === undefined)
                return;
            after = last.seq;
        }
    }

    /** Close for good; what waits is refused. */
    close(): void {
        this.end('closed by the application');
    }

    // ---- the connection ----

    private async connect(): Promise<void> {
        const { url, token } = this.options;
        const Socket = this.options.WebSocket ?? WebSocket;
        try {
            const target = new URL('/v1/ws', url);
            target.searchParams.set('token', typeof token === 'string' ? token : await token());
            if (this.seq !== undefined)
                target.searchParams.set('since', String(this.seq));
            if (this.ended)
                return;
            const socket = new Socket(target.href, 'kith.v1.json');
            this.socket = socket;
            socket.onmessage = ({ data }) => this.hear(JSON.parse(String(data)));
            socket.onclose = ({ code, reason }) => this.dropped(code, reason);
            socket.onerror = () => {}; // a close follows and says more
        } catch (error) {
            this.dropped(0, String(error));
        }
    }

    private dropped(code: number, reason: string): void {
        this.socket = undefined;
        this.welcomed = false;
        if (this.ended)
            return;
        if (code === SESSION_ENDED) {
            this.end('the session has ended');
            return;
        }
        this.tell('offline', reason || `closed with ${code}`);
        for (const [id, call] of this.pending)
            if (call.sent && !call.repeatable)
                this.settle(id)?.reject(refusal('unknown_outcome', 504,
                    'The connection dropped; it is not known whether this was done.'));
        this.pause = setTimeout(() => void this.connect(), this.jitter(this.pauseMs));
        this.pauseMs = Math.min(this.pauseMs * 2, PAUSE_MAX_MS);
    }

    private end(reason: string): void {
        if (this.ended)
            return;
        this.ended = true;
        this.welcomed = false;
        clearTimeout(this.pause);
        for (const id of [...this.pending.keys()])
            this.settle(id)?.reject(refusal('unavailable', 503, `Not sent: ${reason}.`));
        this.socket?.close(1000);
        this.tell('closed', reason);
    }

    // ---- what the server says ----

    private hear(frame: Record<string, any>): void {
        if (frame.type === 'welcome')
            this.welcome(frame.as_of, frame.body.resumed);
        else if (frame.type === 'reply')
            this.settle(frame.id)?.resolve(frame.body);
        else if (frame.type === 'error')
            this.settle(frame.id)?.reject(new KithError(frame.error));
        else
            this.happened(frame.type, frame.body, frame.seq, frame.time);
    }

    private welcome(asOf: number, resumed: boolean): void {
        const before = this.seq;
        this.seq = asOf;
        this.welcomed = true;
        this.pauseMs = PAUSE_FIRST_MS;
        this.tell(before === undefined ? 'online' : resumed ? 'resumed' : 'reset');
        for (const call of this.pending.values())
            this.send(call);
    }

    private happened(type: string, body: unknown, seq: number | undefined, time: number): void {
        if (seq !== undefined)
            this.seq = seq;
        for (const listener of this.listeners.get(type) ?? [])
            listener(body as never, seq, time);
    }

    // ---- calls ----

    private send(call: Pending): void {
        call.sent = true;
        this.socket?.send(call.frame);
    }

    private settle(id: number): Pending | undefined {
        const call = this.pending.get(id);
        this.pending.delete(id);
        clearTimeout(call?.timer);
        return call;
    }

    private tell(state: State, reason?: string): void {
        for (const watcher of this.watchers)
            watcher(state, reason);
    }

    /** Half to all of it, so that many who dropped together come back one by one. */
    private jitter(ms: number): number {
        return ms * (0.5 + Math.random() / 2);
    }
}
