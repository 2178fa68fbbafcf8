// chromium.mjs - stock clients within a real page, which comes from another origin than the server.
//
// Debian's Chromium, driven by playwright-core.  A small host serves an empty page and the
// packages' builds for browsers, as a bundler would; every name that ends in `.test` is this
// machine too, for pages of strangers.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const LOOPBACK = '127.0.0.1';
const modules = new URL('../node_modules/', import.meta.url);

/** Builds for browsers, by the name under which the page loads them. */
const builds = {
    'socket.io-2.2': 'socket.io-client-2.2/dist/socket.io.js',
    'socket.io-2.5': 'socket.io-client-2.5/dist/socket.io.js',
    'socket.io-4.8': 'socket.io-client/dist/socket.io.js',
    'pusher-4': 'pusher-js-4/dist/web/pusher.js',
    'pusher-7': 'pusher-js-7/dist/web/pusher.js',
    'pusher-8': 'pusher-js/dist/web/pusher.js',
};

async function serve(request, reply) {
    const build = builds[request.url.slice(1)];
    reply.setHeader('content-type', build ? 'text/javascript' : 'text/html; charset=utf-8');
    reply.end(build ? await readFile(new URL(build, modules)) : '<!doctype html><title>page</title>');
}

export class Chromium {
    static async start() {
        const chrome = new this();
        chrome.host = createServer(serve);
        await new Promise((resolve) => { chrome.host.listen(0, LOOPBACK, resolve); });
        chrome.browser = await chromium.launch({
            executablePath: '/usr/bin/chromium',
            args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP *.test ${LOOPBACK}`],
        });
        return chrome;
    }

    /** A page with cookies of its own, from http://`name`, with some of the packages. */
    async page(packages = [], name = LOOPBACK) {
        const context = await this.browser.newContext();
        const page = await context.newPage();
        await page.goto(`http://${name}:${this.host.address().port}/`);
        for (const one of packages)
            await page.addScriptTag({ url: `/${one}` });
        return page;
    }

    async close() {
        await this.browser.close();
        this.host.close();
    }
}
