// post_office.mjs - a mail server of a test (smtp-server), which keeps what it takes.

import { SMTPServer } from 'smtp-server';

import { eventually } from './client.mjs';

export class PostOffice {
    /** On a free port of 127.0.0.1; `onAddress` may give an error for a recipient, all else is
     *  smtp-server's own. */
    static async open({ port = 0, onAddress, ...options } = {}) {
        const self = new PostOffice();
        self.mails = []; // {from, to, user, secure, text}
        self.server = new SMTPServer({
            authOptional: true,
            hideSTARTTLS: true,
            logger: false,
            onRcptTo: (address, session, done) => done(onAddress?.(address.address, self)),
            onData: (stream, session, done) => self.take(stream, session, done),
            ...options,
        });
        self.server.on('error', () => {}); // of a client that hangs up
        await new Promise((resolve) => self.server.listen(port, '127.0.0.1', resolve));
        self.port = self.server.server.address().port;
        return self;
    }

    take(stream, session, done) {
        const parts = [];
        stream.on('data', (part) => parts.push(part));
        stream.on('end', () => {
            const { mailFrom, rcptTo } = session.envelope;
            this.mails.push({
                from: mailFrom.address,
                to: rcptTo.map(({ address }) => address),
                user: session.user,
                secure: session.secure,
                text: String(Buffer.concat(parts)),
            });
            done();
        });
    }

    close() {
        return new Promise((resolve) => this.server.close(resolve));
    }

    arrived(count) {
        return eventually(async () => this.mails, (mails) => mails.length >= count, `${count} mails`);
    }
}
