// access.mjs - who may what at the five documents' routes: a rule for each that `kithd --routes`
// prints.
//
// A rule says for whom the route is, and what a request looks like that succeeds for that one:
//   anyone   no credential is asked for
//   person   whoever is signed in
//   member   who is in the room; to all others it is like a room that never was
//   own      who is signed in, and names oneself in it
//   signer   whoever has the secret that `sign` signs with
// `isDenied` and `isDone` of a rule are said in place of its door's; `evenIfBlocked`: one may do it
// to somebody by whom one is blocked.
// `w` is the world of the test: `ann`, who may; `bob` and `carl`; `room`, in which ann and bob are,
// and a Pusher `socket`.

import { spawnSync } from 'node:child_process';
import Pusher from 'pusher';

import { PUSHER } from './people/pusher_chat.mjs';

/** What the dialects' own tables say; `takesCookie`: one of those with that path takes a cookie. */
export function printedRoutes() {
    const { stdout } = spawnSync(process.env.KITHD, ['--routes'], { encoding: 'utf8' });
    const rows = stdout.trim().split('\n').map((line) => line.split('\t'));
    const takesCookie = (method, path) => rows.some(([, other, where, , , cookie]) =>
        other === method && where === path && cookie === 'cookie');
    return rows.map(([dialect, method, path, call, access]) =>
        ({ dialect, method, path, call, access, takesCookie: takesCookie(method, path) }));
}

const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
const anyone = (request) => ({ who: 'anyone', request });
const person = (request) => ({ who: 'person', request });
const member = (request) => ({ who: 'member', request });
const own = (request) => ({ who: 'own', request });
const evenIfBlocked = (rule) => ({ ...rule, evenIfBlocked: true });
const isSomething = ({ status, body }) => status === 200 && body !== null;
const at = (path, more = {}) => () => ({ path, ...more });

let fresh = 0;
const newName = () => `fresh${fresh++}`;

const chatapi = {
    as: (token) => ({ headers: { authorization: `Token ${token}` } }),
    isDone: ({ status, body }) => status === 200 && body?.error === undefined,
    isDenied: ({ status, body }) => status === 401 && typeof body.error === 'string',
    rules: {
        'POST /auth/reg': anyone(() => {
            const username = newName();
            const body = { email: `${username}@example.org`, username, password: 'a-password' };
            return { path: '/auth/reg', body };
        }),
        'POST /auth/login': anyone(({ ann: { email, password } }) =>
            ({ path: '/auth/login', body: { email, password } })),
        'GET /users/me': person(at('/users/me')),
        'GET /users': person(at('/users/')),
        'POST /chats/create': person(at('/chats/create', { body: { name: 'a chat' } })),
        'GET /chats/messages': member(({ room }) => ({ path: `/chats/messages?id=${room.id}` })),
    },
};

const chatbackend = {
    as: (uuid) => ({ headers: { user: uuid } }),
    isDone: ({ body }) => body?.ok === true,
    isDenied: ({ status, body }) => status === 200 && body.error?.message === 'Unknown user',
    rules: {
        'POST /register': anyone(() => {
            const login = newName();
            return { path: '/register', body: { login, username: login, password: 'a-password' } };
        }),
        'POST /login': anyone(({ ann: { login, password } }) =>
            ({ path: '/login', body: { login, password } })),
        'POST /create-room': person(at('/create-room', { body: {} })),
        'POST /send-message': member(({ room }) =>
            ({ path: '/send-message', body: { room_gid: room.gid, msg: 'x' } })),
        'GET /get-room-history': member(({ room }) =>
            ({ path: `/get-room-history?room_gid=${room.gid}` })),
    },
};

const pusherChat = {
    as: bearer,
    isDirect: true,
    isDone: ({ status, body }) => status < 300 && body?.msg === undefined,
    isDenied: ({ status, body }) => [401, 422].includes(status) && typeof body.msg === 'string',
    rules: {
        'POST /api/register': anyone(() =>
            ({ path: '/api/register', body: { username: newName(), password: 'a-password' } })),
        'POST /api/login': anyone(({ ann: { login: username, password } }) =>
            ({ path: '/api/login', body: { username, password } })),
        'GET /api/users': person(at('/api/users')),
        'POST /api/request_chat': own(({ ann, bob }) =>
            ({ path: '/api/request_chat', body: { from_user: ann.id, to_user: bob.id } })),
        'POST /api/send_message': own(({ ann, bob, room: { channel } }) => ({
            path: '/api/send_message',
            body: { from_user: ann.id, to_user: bob.id, message: 'x', channel },
        })),
        'GET /api/get_message/:channel': member(({ room }) =>
            ({ path: `/api/get_message/${room.channel}` })),
        'POST /api/pusher/auth': member(({ room, socket }) => ({
            path: '/api/pusher/auth', form: { socket_id: socket, channel_name: room.channel },
        })),
        'POST /api/pusher/user-auth': person(({ socket }) =>
            ({ path: '/api/pusher/user-auth', form: { socket_id: socket } })),
    },
};

const matcha = {
    as: bearer,
    isDirect: true,
    isDone: ({ status }) => status === 200,
    isDenied: ({ status, body }) => [401, 422].includes(status) && typeof body.msg === 'string',
    rules: {
        'POST /api/signup': anyone(() => {
            const login = newName();
            const body = { login, user_name: login, email: `${login}@example.org`, password: 'Pass-word1' };
            return { path: '/api/signup', body };
        }),
        'POST /api/signin': anyone(({ ann: { login, password } }) =>
            ({ path: '/api/signin', body: { login, password } })),
        'DELETE /api/logout': person(at('/api/logout')),
        'DELETE /api/logout/:user': own(({ ann }) => ({ path: `/api/logout/${ann.id}` })),
        'GET /api/users': person(at('/api/users')),
        'GET /api/users/:user': { // `null` is nobody
            ...person(({ bob }) => ({ path: `/api/users/${bob.id}` })), isDone: isSomething,
        },
        'PUT /api/users/:user': own(({ ann }) => ({ path: `/api/users/${ann.id}`, body: { bio: 'x' } })),
        'GET /api/user_login/:login': {
            ...person(({ bob }) => ({ path: `/api/user_login/${bob.login}` })), isDone: isSomething,
        },
        'GET /api/chats': person(at('/api/chats')),
        'GET /api/chats/:chat': member(({ room }) => ({ path: `/api/chats/${room.id}` })),
        'POST /api/likes/:account': person(({ bob }) => ({ path: `/api/likes/${bob.id}` })),
        'DELETE /api/likes/:account':
            evenIfBlocked(person(({ bob }) => ({ path: `/api/likes/${bob.id}` }))),
        'POST /api/history/:account': person(({ bob }) => ({ path: `/api/history/${bob.id}` })),
        'POST /api/fake/:account':
            evenIfBlocked(person(({ bob }) => ({ path: `/api/fake/${bob.id}` }))),
        'GET /api/tags': person(at('/api/tags')),
        'GET /api/rating': person(at('/api/rating')),
        'GET /api/search': person(at('/api/search')),
        'POST /api/search': person(at('/api/search', { body: {} })),
        'DELETE /api/images/:image': { // ann has none
            ...person(at('/api/images/1')), isDone: ({ status }) => status === 404,
        },
    },
};

/** All of 004's routes name their asker, so nearly each is `own`; what is changed is so by GET and by POST. */
const toBob = ({ ann, bob }) => ({ user_id: ann.id, target_user_id: bob.id });
const toCarl = ({ ann, carl }) => ({ user_id: ann.id, target_user_id: carl.id }); // a chat that ends
const asAnn = ({ ann }) => ({ user_id: ann.id });
const named = (path, fields) => own((w) => ({ path: `${path}?${new URLSearchParams(fields(w))}` }));
const eitherWay = (path, fields, rule = (same) => same) => ({
    [`GET ${path}`]: rule(named(path, fields)), [`POST ${path}`]: rule(named(path, fields)),
});
let random = 0;

const matcha42 = {
    as: bearer,
    isDirect: true,
    isDone: ({ status, body }) => status === 200 && (body === true || body.status === 'ok'),
    isDenied: ({ status, body }) => status === 401 && body.status === 'error',
    rules: {
        'POST /api/user/registr': anyone(() => {
            const login = newName();
            const form = {
                login, mail: `${login}@example.org`, password: 'Pass-word1', first_name: 'A', last_name: 'B',
            };
            return { path: '/api/user/registr', form };
        }),
        'POST /api/user/login': anyone(({ ann: { login, password } }) =>
            ({ path: '/api/user/login', form: { login, password } })),
        'POST /api/user/logout': anyone(({ bob: { login, password } }) =>
            ({ path: '/api/user/logout', form: { login, password } })),
        'POST /api/user/reset_pass': anyone(({ link }) =>
            ({ path: '/api/user/reset_pass', form: { reset_id: link('bob', 'reset'), new_pass: 'Pass-word2' } })),
        'POST /api/user/verification': anyone(({ link }) =>
            ({ path: '/api/user/verification', form: { ver_id: link('ann', 'verify'), login: 'ann' } })),
        'POST /api/user/save_profile': { // who shows no token may show a password
            ...person(at('/api/user/save_profile', { form: { age: 30 } })),
            isDenied: ({ status, body }) => [400, 401].includes(status) && body.status === 'error',
        },
        ...eitherWay('/api/user/set_online', asAnn),
        ...eitherWay('/api/user/set_offline', asAnn),
        ...eitherWay('/api/user/like', toBob),
        ...eitherWay('/api/user/connect', toCarl),
        ...eitherWay('/api/user/disconnect', toCarl, evenIfBlocked),
        ...eitherWay('/api/user/block', toBob, evenIfBlocked),
        ...eitherWay('/api/user/unblock', toBob, evenIfBlocked),
        'GET /api/user/history': named('/api/user/history', asAnn),
        'GET /api/research': named('/api/research', asAnn),
        ...eitherWay('/api/profile', toBob),
        ...eitherWay('/api/report', (w) => ({ ...toBob(w), report_id: 2 }), evenIfBlocked),
        ...eitherWay('/api/message/send', (w) => ({ ...toBob(w), random_id: random++, message: 'x' })),
        ...eitherWay('/api/notifications', asAnn),
        'GET /api/photos/:photo': { // whoever has a picture's name; there is none
            ...anyone(at(`/api/photos/${'A'.repeat(43)}-8.png`)), isDone: ({ status }) => status === 404,
        },
    },
};

/** Pusher's server API knows no people: what counts is the signature with the app's secret. */
const app = '/apps/' + PUSHER['pusher.app_id'];
const signed = (path, body) => ({ who: 'signer', request: at(app + path, { body }) });
const event = { name: 'an-event', channel: 'a-channel', data: '{}' };

const pusher = {
    as: bearer,
    isDone: ({ status, body }) => status === 200 && typeof body === 'object',
    isDenied: ({ status }) => status === 401,
    sign: (method, { path, body }) => {
        const text = body && JSON.stringify(body);
        const api = new Pusher({
            appId: PUSHER['pusher.app_id'], key: PUSHER['pusher.key'], secret: PUSHER['pusher.secret'],
        });
        return { path: `${path}?${api.createSignedQueryString({ method, path, body: text })}`, body };
    },
    rules: {
        'POST /apps/:app/events': signed('/events', event),
        'POST /apps/:app/batch_events': signed('/batch_events', { batch: [event] }),
        'GET /apps/:app/channels': signed('/channels'),
        'GET /apps/:app/channels/:channel': signed('/channels/a-channel'),
        'GET /apps/:app/channels/:channel/users': signed('/channels/presence-a-channel/users'),
        'POST /apps/:app/users/:user/terminate_connections': signed('/users/9/terminate_connections', {}),
    },
};

/** Its rules are the schema's: what is asked for comes behind who asks. */
const native = {
    as: bearer,
    isDenied: ({ status }) => status === 401,
    ruleOf: ({ path, access }) => (access === 'anyone' ? anyone : person)(
        at(path.replaceAll(/:\w+/g, '1'))),
};

export const doors = { native, chatapi, chatbackend, pusher_chat: pusherChat, pusher, matcha, matcha42 };
