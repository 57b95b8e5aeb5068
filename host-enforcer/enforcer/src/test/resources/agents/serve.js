// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
// An agent that serves itself: a server, clients in the same process and in a child. Stays until told.
'use strict';
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const { promisify } = require('node:util');

const server = http.createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => response.end(String(bytes)));
});

async function ask(port, method, body) {
  return (await fetch(`http://127.0.0.1:${port}/`, { method, body })).text();
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const calls = Array.from({ length: 50 }, () => ask(port, 'POST', 'x'.repeat(10)));
  console.log('small', new Set(await Promise.all(calls)).size, (await calls[0]));
  console.log('large', await ask(port, 'POST', 'x'.repeat(1 << 22)));
  const program = `fetch("http://127.0.0.1:${port}/").then((a) => a.text()).then(console.log)`;
  console.log('child', (await promisify(execFile)(process.execPath, ['-e', program])).stdout.trim());
  fs.writeFileSync('port', `${port}\n`);
  const waiting = setInterval(() => {
    if (fs.existsSync('done')) {
      clearInterval(waiting);
      server.closeAllConnections();
      server.close();
    }
  }, 10);
});
