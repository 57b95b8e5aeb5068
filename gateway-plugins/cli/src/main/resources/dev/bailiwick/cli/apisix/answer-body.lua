-- SPDX-FileCopyrightText: the Bailiwick authors
-- SPDX-License-Identifier: Apache-2.0
-- Puts the gateway's own body in place of one that must not reach an agent.
return function(conf, ctx)
  if ctx.bailiwick_body then
    ngx.arg[1] = ngx.arg[2] and ctx.bailiwick_body or ""
  end
end
