// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0

import jsforce from 'jsforce';
import { serve } from './driver.js';

const gateway = { instanceUrl: process.env.GATEWAY, accessToken: process.env.AGENT_TOKEN };
const salesforce = new jsforce.Connection(gateway);

let refreshes = 0;
const refreshing = new jsforce.Connection({
  ...gateway,
  refreshFn: (connection, done) => {
    refreshes++;
    done(new Error('this agent has no log-in to repeat'));
  },
});

const object = (name) => salesforce.sobject(name);

await serve({
  query: (soql) => salesforce.query(soql),
  queryMore: (locator) => salesforce.queryMore(locator),
  search: (sosl) => salesforce.search(sosl),
  retrieve: (name, ids) => object(name).retrieve(ids),
  create: (name, records) => object(name).create(records),
  update: (name, records) => object(name).update(records),
  upsert: (name, records, key) => object(name).upsert(records, key),
  destroy: (name, ids) => object(name).destroy(ids),
  describe: (name) => object(name).describe(),
  describeGlobal: () => salesforce.describeGlobal(),
  post: (path, body) => salesforce.requestPost(path, body),
  bulkInsert: (name, input) => salesforce.bulk2.loadAndWaitForResults(
    { object: name, operation: 'insert', input, pollTimeout: 10000, pollInterval: 100 }),
  bulkQuery: async (soql) => (await salesforce.bulk2.query(soql)).toArray(),
  bulk1: (name, input) => salesforce.bulk.load(name, 'insert', input),
  executeAnonymous: (apex) => salesforce.tooling.executeAnonymous(apex),
  apexRest: (path) => salesforce.apex.get(path),
  limits: async () => ({ limits: await salesforce.limits(), info: salesforce.limitInfo }),
  queryRefreshing: (soql) => refreshing.query(soql),
  refreshes: () => refreshes,
});
