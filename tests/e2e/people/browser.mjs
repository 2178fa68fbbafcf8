// browser.mjs - what a page has in common with the others of its browser: cookies, origin, agent.
//
// `fetch` keeps cookies in a jar, and `headers` has them for clients that are no `fetch`: the
// packages read it anew for each request, so that a cookie that came meanwhile goes along.

import fetchCookie from 'fetch-cookie';
import { CookieJar } from 'tough-cookie';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) a test';

export class Browser {
    constructor(server, { origin = 'http://localhost:3000', agent = AGENT } = {}) {
        this.url = server.url;
        this.jar = new CookieJar();
        this.headers = { 'User-Agent': agent, Origin: origin };
        Object.defineProperty(this.headers, 'Cookie', {
            enumerable: true, get: () => this.jar.getCookieStringSync(this.url),
        });
        this.fetchIt = fetchCookie((input, options) => globalThis.fetch(input, options), this.jar);
    }

    /** As `fetch` of a page with `credentials: 'include'`; gives {status, headers, body}. */
    async ask(method, path, { body, headers = {}, form } = {}) {
        const { Cookie, ...own } = this.headers;
        const sent = form === undefined ? JSON.stringify(body) : new URLSearchParams(form);
        const reply = await this.fetchIt(this.url + path, {
            method,
            headers: {
                ...own, ...headers,
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            },
            body: sent,
        });
        const text = await reply.text();
        const isJson = reply.headers.get('content-type')?.includes('json') ?? false;
        return {
            status: reply.status, headers: reply.headers,
            body: isJson && text ? JSON.parse(text) : text,
        };
    }

    /** The cookie that a socket's handshake set in a browser. */
    keepCookie(text) {
        this.jar.setCookieSync(text, this.url);
    }

    cookie(name) {
        return this.jar.getCookiesSync(this.url).find(({ key }) => key === name)?.value;
    }
}
