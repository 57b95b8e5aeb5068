// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0

import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { serve } from './driver.js';

// The server asks the Salesforce CLI where to go and with which token; bin/sf answers for it.
const agent = new Client({ name: 'agent', version: '1.0.0' });
await agent.connect(new StdioClientTransport({
  command: process.execPath,
  args: ['node_modules/@tsmztech/mcp-server-salesforce/dist/index.js'],
  env: {
    ...process.env,
    PATH: path.resolve('bin') + path.delimiter + process.env.PATH,
    SALESFORCE_CONNECTION_TYPE: 'Salesforce_CLI',
  },
  stderr: 'inherit',
}));

await serve({
  call: async (name, args) => {
    const { isError, content } = await agent.callTool({ name, arguments: args });
    return { isError: isError ?? false, text: content.map((part) => part.text).join('\n') };
  },
});
