// Node's bare http: the same 200 bytes of JSON to whatever is asked.   node server.mjs PORT BODY

import { createServer } from 'node:http';

const [port, body] = process.argv.slice(2);
const headers = { 'content-type': 'application/json', 'content-length': body.length };

const http = createServer((request, reply) => reply.writeHead(200, headers).end(body));
http.keepAliveTimeout = 60_000;
process.on('SIGTERM', () => process.exit(0));
http.listen(Number(port), '127.0.0.1');
