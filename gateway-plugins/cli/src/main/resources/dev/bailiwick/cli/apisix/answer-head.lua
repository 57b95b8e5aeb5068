-- SPDX-FileCopyrightText: the Bailiwick authors
-- SPDX-License-Identifier: Apache-2.0
-- Makes the head of the upstream's answer fit for an agent.
return function(conf, ctx)
  local status = tonumber(string.match(ngx.var.upstream_status or "", "(%d+)%s*$"))
  if not status then
    return -- the runner's answer, not the upstream's
  end
  local scheme, host, external, mount = @scheme@, @host@, @external@, @mount@
  local header = ngx.header

  -- The link at the gateway; nil when it leads to another origin.
  local function moved(link)
    if string.find(link, "[%c\\ ]") then
      return nil
    end
    if string.sub(link, 1, 2) == "//" then
      link = scheme .. ":" .. link
    end
    local named, rest = string.match(link, "^(%a[%w+.-]*):(.*)$")
    if not named then
      return string.sub(link, 1, 1) == "/" and mount .. link or link
    end
    local authority, path = string.match(rest, "^//([^/?#]*)(.*)$")
    if not authority or string.lower(named) ~= scheme then
      return nil
    end
    authority = string.lower(authority)
    if authority ~= host and authority ~= host .. @port@ then
      return nil
    end
    return external .. path
  end

  local function instead(code, text, status_code)
    ngx.status = status_code
    ctx.bailiwick_body = '{"type":"about:blank","title":"' .. code .. '","status":' .. status_code
      .. ',"detail":"' .. text .. '"}'
    header["Content-Type"] = "application/problem+json"
    header["Content-Length"] = nil
    header["Content-Encoding"] = nil
    header["Cache-Control"] = "no-store"
    header["X-Bailiwick-Code"] = code
    header["WWW-Authenticate"] = nil
    header["Location"] = nil
    header["Link"] = nil
  end

  for _, name in ipairs({ "Set-Cookie", "Set-Cookie2", "Alt-Svc", "Refresh" }) do
    header[name] = nil
  end
  local function leads_elsewhere(name)
    local link = header[name]
    if not link then
      return false
    end
    local here = type(link) == "string" and moved(link) or nil
    header[name] = here
    return here == nil
  end
  local elsewhere = leads_elsewhere("Location")
  leads_elsewhere("Content-Location")
  local links = header["Link"]
  if links then
    if type(links) == "table" then
      links = table.concat(links, ", ")
    end
    header["Link"] = string.gsub(links, "<([^<>]*)>", function(link)
      return "<" .. (moved(link) or "") .. ">"
    end)
  end

  local html = string.find(string.lower(header["Content-Type"] or ""), "^%s*text/html")
  if status == 401 then
    instead("RENEWED_RETRY", "the stored credential was not accepted and is being renewed; "
      .. "send the request again", 503)
    header["Retry-After"] = "1"
  elseif elsewhere and status >= 300 and status < 400 then
    instead("UPSTREAM_UNUSABLE", "the upstream redirects to another origin", 502)
  elseif html and status >= 200 and status < 300 then
    instead("UPSTREAM_UNUSABLE", "the upstream answers with an HTML page, probably its login form",
      502)
  end
end
