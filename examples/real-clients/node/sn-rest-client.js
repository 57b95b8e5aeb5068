// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0

import client from 'sn-rest-client';
import { serve } from './driver.js';

const servicenow = client({
  hostName: process.env.GATEWAY,
  auth: { accessToken: process.env.AGENT_TOKEN },
});

await serve({
  get: (url, qs) => servicenow.get({ url, qs }),
  post: (url, body) => servicenow.post({ url }, body),
  put: (url, body) => servicenow.put({ url }, body),
  patch: (url, body) => servicenow.patch({ url }, body),
  del: (url) => servicenow.del({ url }),
});
