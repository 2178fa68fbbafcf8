// native_sio.mjs - somebody on the native API by Socket.IO 4.8: calls with acknowledgements, and
// events; the package recovers what was missed.

import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

import { must } from '../client.mjs';
import { NativePerson } from './native.mjs';

export class NativeSocketIoPerson extends NativePerson {
    static document = 'native, Socket.IO';

    constructor(server, login, options = {}) {
        super(server, login);
        this.options = options;
    }

    connect() {
        const { url } = this.cable ?? this.server;
        this.socket = io(url, {
            forceNew: true, auth: { token: this.token }, reconnectionDelay: 100,
            reconnectionDelayMax: 500, ...this.options,
        });
        this.socket.on('room.posted', (body) => this.hear({ type: 'room.posted', body }));
        this.watch(new Promise((resolve) => this.socket.on('disconnect', resolve)));
        return new Promise((resolve, reject) => {
            this.socket.once('connect', resolve);
            this.socket.once('connect_error', reject);
        });
    }

    async call(name, body) {
        const answer = await this.socket.emitWithAck(name, body);
        assert.equal(answer.error, undefined, JSON.stringify(answer.error));
        return answer.body;
    }

    say(text) {
        return this.call('room.post', { room: this.room.id, text });
    }

    /** The package recovers: what was missed comes by itself. */
    stay() {
        this.socket.on('connect', () => {
            if (!this.socket.recovered)
                this.fail(new Error('the connection came back without what was missed'));
        });
    }

    async signOut() {
        await must(this.server, 'DELETE', '/v1/session', this);
        await this.gone;
        await this.close(); // or the package tries again
    }

    async close() {
        this.socket.disconnect();
    }
}
