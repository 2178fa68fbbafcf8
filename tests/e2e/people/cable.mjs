// cable.mjs - the way from one client to the server, which can be cut for a while.
//
// It has `url`, `socketUrl` and `linePort` as a Server has, so a client takes it for one.  While
// it is cut, nothing passes and nobody gets through; afterwards a client has to come back.  How
// it is cut is what happens to people: the connection is reset, it ends, or it stands still and
// goes on as if nothing had been.

import { connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

const ways = {
    reset: (ends) => ends.forEach((end) => end.resetAndDestroy()),
    end: (ends) => ends.forEach((end) => end.destroy()),
    stall: (ends) => ends.forEach((end) => end.pause()),
};

export class Cable {
    static ways = Object.keys(ways);

    static async to(server) {
        const cable = new this();
        cable.port = await cable.lay(server.port);
        cable.linePort = await cable.lay(server.linePort);
        return cable;
    }

    constructor() {
        this.servers = [];
        this.ends = new Set();
        this.isCut = false;
    }

    get url() {
        return `http://${LOOPBACK}:${this.port}`;
    }

    get socketUrl() {
        return `ws://${LOOPBACK}:${this.port}`;
    }

    lay(port) {
        const server = createServer((near) => this.join(near, port));
        this.servers.push(server);
        return new Promise((resolve) => {
            server.listen(0, LOOPBACK, () => resolve(server.address().port));
        });
    }

    join(near, port) {
        if (this.isCut)
            return near.destroy();
        const far = connect(port, LOOPBACK);
        for (const [end, other] of [[near, far], [far, near]]) {
            this.ends.add(end);
            end.setNoDelay(true);
            end.on('error', () => {});
            end.on('close', () => {
                this.ends.delete(end);
                other.destroy();
            });
            end.on('data', (bytes) => other.write(bytes));
        }
        return undefined;
    }

    cut(way = 'reset') {
        this.isCut = true;
        ways[way]([...this.ends]);
    }

    mend() {
        this.isCut = false;
        this.ends.forEach((end) => end.resume());
    }

    close() {
        this.cut('end');
        this.servers.forEach((server) => server.close());
    }
}
