// matcha42.mjs - a client of matcha42 (dialect 004): its routes under /api/.
//
// Written as a stranger would who has only matcha42's own document: parameters by query where
// the route is a GET, and by form where it is a POST; the token is one of them.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { keepSecret } from './server.mjs';

/** One request.  `as`: whose token and user_id go with the parameters; `json`: a body in their place. */
export async function ask(server, method, path, { as, params = {}, json, headers = {} } = {}) {
    const who = as === undefined ? {} : { user_id: as.id, token: as.token };
    const text = new URLSearchParams({ ...who, ...params }).toString();
    const url = `${server.url}${path}`;
    const reply = method === 'POST'
        ? await fetch(url, {
            method,
            headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
            body: json === undefined ? new URLSearchParams(text) : JSON.stringify({ ...who, ...json }),
        })
        : await fetch(text === '' ? url : `${url}?${text}`, { method, headers });
    const body = await reply.text();
    return { status: reply.status, headers: reply.headers, body: body === '' ? null : JSON.parse(body) };
}

/** A request that must be done; gives the body. */
export async function must(server, method, path, options) {
    const { status, body } = await ask(server, method, path, options);
    assert.deepEqual({ status, ok: body.status }, { status: 200, ok: 'ok' }, JSON.stringify(body));
    return body;
}

/** A request that must be refused so; gives the error's text. */
export async function refused(server, status, code, method, path, options) {
    const reply = await ask(server, method, path, options);
    const { error, ...rest } = reply.body;
    assert.deepEqual([reply.status, rest], [status, { status: 'error', code }],
        `${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    assert.ok(error.length > 10, error);
    return error;
}

/** What /api/user/registr wants of everybody. */
export function newcomer(login, more = {}) {
    return {
        login, mail: `${login}@example.org`, first_name: login.toUpperCase(), last_name: 'B.',
        password: keepSecret(`pw-${randomBytes(9).toString('hex')}`), ...more,
    };
}

/** Sign in; gives {login, password, id, token}. */
export async function signIn(server, { login, password }) {
    const { token, user_id: id } = await must(server, 'POST', '/api/user/login',
        { params: { login, password } });
    return { login, password, id, token: keepSecret(token) };
}

/** Register, and sign in. */
export async function signUp(server, login, more) {
    const person = newcomer(login, more);
    await must(server, 'POST', '/api/user/registr', { params: person });
    return { ...person, ...await signIn(server, person) };
}

let lastRandomId = 0;
export const randomId = () => ++lastRandomId;

/** Send a message; gives its id. */
export async function send(server, as, to, message, random_id = randomId()) {
    const { message_id: id } = await must(server, 'GET', '/api/message/send',
        { as, params: { target_user_id: to.id, message, random_id } });
    return id;
}
