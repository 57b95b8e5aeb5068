// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
// What an agent in Node does: its usual clients, a child, a thread, files.
'use strict';
const { execFile, fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');

async function agent() {
  const gateway = process.env.BAILIWICK_GATEWAY;
  const answer = await fetch(`${gateway}/`);
  console.log('gateway', answer.status);
  console.log('answer', (await answer.json()).number);
  const [old] = await once(http.get(`${gateway}/`), 'response');
  old.resume();
  const program = ['-e', 'console.log(1 + 1)'];
  console.log('child', (await promisify(execFile)(process.execPath, program)).stdout.trim());
  const forked = fork(__filename, ['child']);
  await once(forked, 'message');
  forked.disconnect();
  const worker = new Worker(__filename);
  console.log('thread', (await once(worker, 'message'))[0]);
  const file = path.join(os.tmpdir(), 'file');
  fs.writeFileSync(file, 'answer');
  console.log('file', await fs.promises.readFile(file, 'utf8'));
  try {
    await fetch(`http://${process.argv[2]}/`);
  } catch (denied) {
    console.log(denied.cause.code === 'EPERM' ? 'elsewhere denied' : denied.cause);
  }
}

if (!isMainThread) {
  parentPort.postMessage('ok');
} else if (process.argv[2] === 'child') {
  process.send('ok');
} else {
  agent();
}
