-- SPDX-FileCopyrightText: the Bailiwick authors
-- SPDX-License-Identifier: Apache-2.0
-- Shows a request to the test, which asks a runner, and does to it what the answer says, by the
-- calls that APISIX makes.
local test = ngx.socket.tcp()
test:settimeouts(2000, 20000, 20000)
assert(test:connect("127.0.0.1", tonumber(ngx.var.front_port)))

local function line()
  return assert(test:receive("*l"))
end

local function bytes()
  local length = tonumber(line())
  return length > 0 and assert(test:receive(length)) or ""
end

local shown = {}
for name, value in pairs(ngx.req.get_headers()) do
  for _, one in ipairs(type(value) == "table" and value or { value }) do
    shown[#shown + 1] = name .. ":" .. one
  end
end
assert(test:send(table.concat({
  ngx.req.get_method(), ngx.var.request_uri, ngx.var.uri, ngx.var.server_protocol, #shown,
  table.concat(shown, "\n"),
}, "\n") .. "\n"))

local function whole_body()
  ngx.req.read_body()
  local data = ngx.req.get_body_data()
  local name = not data and ngx.req.get_body_file()
  if name then
    local file = assert(io.open(name, "rb"))
    data = file:read("*a")
    file:close()
  end
  return data
end

local action = line()
while action == "BODY" do
  local data = whole_body()
  assert(test:send(data and #data .. "\n" .. data or "-1\n"))
  action = line()
end

if action == "STOP" then
  ngx.status = tonumber(line())
  for _ = 1, tonumber(line()) do
    local name, value = string.match(line(), "^([^:]*):(.*)$")
    ngx.header[name] = value
  end
  ngx.print(bytes())
  return ngx.exit(ngx.status)
end

ngx.var.upstream_address = line()
ngx.var.upstream_uri = line()
ngx.var.upstream_host = line()
for _ = 1, tonumber(line()) do
  local name, value = string.match(line(), "^([^:]*):?(.*)$")
  ngx.req.set_header(name, value ~= "" and value or nil)
end
local body = bytes()
if #body > 0 then
  ngx.req.read_body()
  ngx.req.set_body_data(body)
end
test:close()
