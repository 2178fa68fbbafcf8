// Limits of sign-in: failures are counted by login and by address.  Each test has a server of
// its own, since all tests come from one address.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from './chatapi.mjs';
import { assertError, call, must, signIn, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const ENOUGH_FOR_A_LOGIN = 100;
const ENOUGH_FOR_AN_ADDRESS = 2000;

const wrong = keepSecret('wrong-password');

/** Fail to sign in, with logins in turn, until it is too many; gives that answer. */
async function failUntilLimited(server, loginOf, most) {
    for (let n = 0; n < most; n++) {
        const reply = await call(server, 'POST', '/v1/sessions', {
            body: { login: loginOf(n), password: wrong },
        });
        if (reply.status !== 401)
            return reply;
    }
    throw new Error(`${most} failures in a row and no limit`);
}

function assertLimited({ status, headers }) {
    assert.equal(status, 429);
    const seconds = headers.get('retry-after');
    assert.match(seconds, /^[1-9]\d*$/);
}

test('too many failures on one login: 429, for the right password too', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    const bob = await signUp(server, 'bob');
    const limited = await failUntilLimited(server, () => 'ann', ENOUGH_FOR_A_LOGIN);
    assertLimited(limited);
    assertError(limited.body, 429);
    assert.equal(limited.body.error.name, 'too_many');
    assert.equal(limited.body.error.retryable, true);
    assertLimited(await call(server, 'POST', '/v1/sessions', {
        body: { login: 'ann', password: ann.password },
    }));
    await signIn(server, 'bob', bob.password);
    await must(server, 'GET', '/v1/me', { token: ann.token });
    await server.close();
});

test('too many failures from one address: 429, whatever the login', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    const limited = await failUntilLimited(server, (n) => `nobody-${n}`, ENOUGH_FOR_AN_ADDRESS);
    assertLimited(limited);
    assertLimited(await call(server, 'POST', '/v1/sessions', {
        body: { login: 'somebody-new', password: wrong },
    }));
    await must(server, 'GET', '/v1/me', { token: ann.token });
    await server.close();
});

test('ChatAPI says it in its own shape', async () => {
    const server = await Server.start();
    await signUp(server, 'ann', { email: 'ann@example.org' });
    let reply;
    for (let n = 0; n < ENOUGH_FOR_A_LOGIN && reply?.status !== 429; n++) {
        reply = await ask(server, 'POST', '/auth/login', {
            body: { email: 'ann@example.org', password: wrong },
        });
    }
    assertLimited(reply);
    assert.deepEqual(Object.keys(reply.body), ['error']);
    await server.close();
});

test('those who sign in rightly are not limited', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    for (let n = 0; n < 50; n++)
        await signIn(server, 'ann', ann.password);
    await server.close();
});
