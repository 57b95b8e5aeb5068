// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0

import { subscribe } from 'node:diagnostics_channel';
import readline from 'node:readline';

// Standard output carries answers only; whatever an SDK logs goes to standard error.
const answer = process.stdout.write.bind(process.stdout);
console.log = console.info = console.warn = console.error;

// Every answer of this process, whichever SDK asked.
const cookies = [];
subscribe('http.client.response.finish', ({ response }) =>
  cookies.push(...(response.headers['set-cookie'] ?? [])));

/**
 * Lets another process call functions by name: one JSON line in, {"call", "args"}, and one out,
 * {"result"} or {"error"} with what the SDK threw.
 */
export async function serve(functions) {
  functions = { cookies: () => cookies, ...functions };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { call, args } = JSON.parse(line);
    let outcome;
    try {
      outcome = { result: (await functions[call](...args)) ?? null };
    } catch (e) {
      outcome = { error: { name: e.name, message: e.message } };
    }
    answer(JSON.stringify(outcome) + '\n');
  }
}
