// The two scripts of docs/web-push.md, as they stand there, in Chromium: the page subscribes, the
// server pushes, and the service worker shows what came.  The push service between the two is ours,
// so what it has taken and opened is handed to the browser by its debugger.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { eventually, must, post, signUp } from './client.mjs';
import { PushService } from './push_service.mjs';
import { Server } from './server.mjs';

const LOOPBACK = '127.0.0.1';
const PATIENCE = 60_000; // ms
const guide = readFileSync(new URL('../../docs/web-push.md', import.meta.url), 'utf8');

/** A script of the guide, by the name in its first line. */
const script = (name) => guide.split('```js\n').find((part) => part.startsWith(`// ${name}\n`)).split('```')[0];

function serve(request, reply) {
    const isScript = request.url.endsWith('.js');
    reply.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    reply.end(isScript ? script(request.url.slice(1)) : '<!doctype html><title>page</title>');
}

let service, server, host, origin, browser;
before(async () => {
    service = await PushService.open();
    server = await Server.start({ settings: service.settings });
    host = createServer(serve);
    await new Promise((resolve) => { host.listen(0, LOOPBACK, resolve); });
    origin = `http://${LOOPBACK}:${host.address().port}`;
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
});
after(async () => {
    await browser.close();
    host.close();
    await server.close();
    await service.close();
});

/** A page whose browser has subscribed at our push service instead of its own. */
async function openPage(device) {
    const context = await browser.newContext();
    await context.grantPermissions(['notifications'], { origin });
    const page = await context.newPage();
    await page.goto(origin);
    await page.evaluate(({ endpoint, p256dh, auth }) => {
        globalThis.PushManager.prototype.subscribe = async function subscribe(options) {
            globalThis.asked = options;
            return { toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }) };
        };
    }, device.wish);
    return page;
}

/** Its service worker, once it is active: hands it a push. */
async function openWorker(page) {
    const debug = await page.context().newCDPSession(page);
    const registrations = [];
    debug.on('ServiceWorker.workerRegistrationUpdated', (event) => registrations.push(...event.registrations));
    await debug.send('ServiceWorker.enable');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await eventually(async () => registrations.length, (count) => count > 0, 'a registration', PATIENCE);
    const { registrationId } = registrations[0];
    return (data) => debug.send('ServiceWorker.deliverPushMessage', {
        origin, registrationId, data: JSON.stringify({ type: 'notified', data }),
    });
}

const shown = (page) => page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const list = await registration.getNotifications();
    return list.map(({ title, body, tag, data }) => ({ title, body, tag, room: data.room }));
});

test('the scripts of the guide show what was said', async () => {
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    const device = service.browser();
    const page = await openPage(device);
    const subscription = await page.evaluate(async ({ url, token }) => {
        const { startPush } = await import('/push.js');
        return startPush(url, token);
    }, { url: server.url, token: bob.token });
    assert.equal(subscription.endpoint, device.endpoint);
    const { key } = await must(server, 'GET', '/v1/push/key');
    assert.deepEqual(await page.evaluate(() => globalThis.asked),
        { userVisibleOnly: true, applicationServerKey: key });

    const push = await openWorker(page);
    await post(server, ann.token, room, 'hello');
    const [first] = await device.hears(1);
    await push(first);
    await push(first); // which the service may do
    const tag = `kith-${first.id}`;
    assert.deepEqual(
        await eventually(() => shown(page), (list) => list.length > 0, 'a notification', PATIENCE),
        [{ title: 'ann wrote to you', body: 'hello', tag, room }]);

    await post(server, ann.token, room, 'still there?');
    const [, second] = await device.hears(2);
    await push(second);
    assert.deepEqual(
        await eventually(() => shown(page), ([one]) => one?.body === 'still there?', 'the next one', PATIENCE),
        [{ title: 'ann wrote to you (2)', body: 'still there?', tag, room }]);
    await page.context().close();
});
