-- One batch of one replica, done whole and alone: reservations, settlements, charges, and looks at limits.
-- The rules are those of port.py, to the unit; shares.py says what a replica does while this is out of reach.
--
-- KEYS  1 the store's own state, 2 the replicas, 3 this replica's last answer, then those of the limits:
--       one each, and for a rolling window two more (its events by time, and their amounts).
-- ARGV  1 a Batch of batch.py as MessagePack. Answers with an Answer of batch.py, or with '' to a late copy.
--
-- Lua knows no integers but doubles, which are exact to 2^53. What is used of a bucket is kept as whole units
-- and the rest in 60,000,000ths ({w, f}), and no product is made that could be larger than that.

local U, PPM, DAY_MS, HOUR_MS = 60000000, 1000000, 86400000, 3600000
local REFILL, ROLLING, SLOTS = 1, 2, 3
local CLAIM_US = 2000000
local batch = cmsgpack.unpack(ARGV[1])
local me = batch.holder

local function int(number) return string.format('%.0f', number) end

-- What was read once is kept: the states of limits by the place of their key.
local states, order = {}, {}
local meta, holders, changed = {}, {}, {}

-- The store's own state ---------------------------------------------------------------------------------------

local function read_store()
  local found = redis.call('HMGET', KEYS[1], 'gen', 't', 'o', 'v', 'cold', 'cold_at', 'back', 'part', 'bye')
  meta = {gen = found[1] or '', t = tonumber(found[2] or 0), o = tonumber(found[3] or 0),
          v = tonumber(found[4] or 0), cold = tonumber(found[5] or 0), cold_at = tonumber(found[6] or 0),
          back = tonumber(found[7] or 0), part = tonumber(found[8] or 0), bye = tonumber(found[9] or 0)}
  local all = redis.call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do holders[all[i]] = cmsgpack.unpack(all[i + 1]) end
end

-- Time that runs backwards stands still in tests, and runs on from where it was if the machine's clock is set.
local function read_time()
  if batch.now > 0 then return math.max(batch.now, meta.t) end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2]) + meta.o
  if now < meta.t then
    meta.o = meta.o + meta.t - now
    now = meta.t
  end
  return now
end

local now

-- A replica may believe in the share that it was told last, or in the one before.
local function share_of(r) return math.max(r.p, r.q) end

-- Out of sight for longer than it waits before it uses its share, and not for longer than it may use it.
local function silent(r, after)
  return r.hold > 0 and r.a + r.grace <= now and now < r.last + r.hold + after and share_of(r) > 0
end

-- Refill runs by a clock of its own, v, which is slowed by the share of everybody who is silent: that much is
-- presumed to be used by them.
local function advance()
  local lost = 0
  for name, r in pairs(holders) do
    if r.hold > 0 then
      local from, to = math.max(meta.t, r.a + r.grace), math.min(now, r.last + r.hold)
      if to > from then
        local mine = math.ceil((to - from) * share_of(r) / PPM)
        r.l = r.l + mine
        lost = lost + mine
        changed[name] = true
      end
    end
  end
  meta.v = meta.v + math.max(0, now - meta.t - lost)
  meta.t = now
end

-- The share of a bucket that a silent replica may have saved up, in millionths: it begins with an empty one.
local function saved(r)
  return math.ceil(share_of(r) * math.min(1, (now - r.a - r.grace) / U))
end

-- A replica is back that used its share, and may have taken at once what it had saved up. Buckets that nobody
-- looked at meanwhile are to know of it.
local function come_back(r)
  meta.part = math.max(0, meta.part - math.floor((meta.v - meta.back) * (PPM / U)))
  meta.part = math.min(PPM, meta.part + saved(r))
  meta.back = meta.v
end

-- Called where a replica knew this store before it was emptied: what was in use is not known any more, so that
-- everything begins empty, and the shares of those who have not come back yet are presumed to be in use.
local function begin_cold(share)
  local gone = holders['?']
  if meta.cold == 0 then
    meta.cold, meta.cold_at, meta.bye = meta.v, now, now
    gone = {seq = 0, a = now - batch.grace - 1, last = now, p = PPM, q = 0, l = 0, lp = 0,
            lease = 0, grace = batch.grace, hold = batch.hold}
    holders['?'] = gone
  end
  if gone then
    gone.p = gone.p - share
    if gone.p < 1000 then gone.p = 0 end  -- all are back: shares were rounded down
    changed['?'] = true
  end
end

local function join()
  if meta.gen == '' then
    meta = {gen = batch.fresh, t = now, o = meta.o, v = now, cold = 0, cold_at = 0, back = 0, part = 0, bye = 0}
    holders = {}
    redis.call('DEL', KEYS[2])
  end
  advance()
  if batch.cold then begin_cold(batch.share) end
  local a = now
  if batch.share > 0 then a = now - batch.grace - 1 end
  holders[me] = {seq = batch.seq, a = a, last = now, p = batch.share, q = batch.share, l = 0, lp = 0,
                 lease = batch.lease, grace = batch.grace, hold = batch.hold}
  return false
end

-- A batch proves that the answer to the one before was received; nothing proves that yet of its own.
local function contact()
  advance()
  local r = holders[me]
  local lapsed = r.last + r.lease <= now
  if silent(r, U) and not batch.unused then come_back(r) end
  r.p = r.q
  if r.last + r.hold <= now then r.p, r.q = 0, 0 end
  if batch.unused then meta.v = math.min(now, meta.v + r.lp) end
  r.lp, r.l = r.l, 0
  r.a, r.last, r.seq = r.last, now, batch.seq
  r.lease, r.grace, r.hold = batch.lease, batch.grace, batch.hold
  return lapsed
end

-- The share of this replica: one of N, once the others were told that they have no more than that.
local function grant()
  local count, others = 0, 0
  for name, r in pairs(holders) do
    if name == me or r.last + math.max(r.hold, r.lease) > now then
      if name ~= '?' then count = count + 1 end
      if name ~= me then others = others + share_of(r) end
    elseif now - r.last > HOUR_MS * 1000 then
      redis.call('HDEL', KEYS[2], name)
      holders[name] = nil
    end
  end
  local r = holders[me]
  r.q = 0
  if r.hold > 0 then r.q = math.max(0, math.min(math.floor(PPM / count), PPM - others)) end
  changed[me] = true
  return r.q, count
end

local function write_store()
  redis.call('HSET', KEYS[1], 'gen', meta.gen, 't', int(meta.t), 'o', int(meta.o), 'v', int(meta.v),
             'cold', int(meta.cold), 'cold_at', int(meta.cold_at), 'back', int(meta.back), 'part', int(meta.part),
             'bye', int(meta.bye))
  redis.call('PEXPIRE', KEYS[1], HOUR_MS)
  for name in pairs(changed) do
    if holders[name] then redis.call('HSET', KEYS[2], name, cmsgpack.pack(holders[name])) end
  end
  redis.call('PEXPIRE', KEYS[2], HOUR_MS)
end

-- Exact arithmetic --------------------------------------------------------------------------------------------

local function part(amount, share) return math.ceil(amount * share / PPM) end

-- rate * time in whole units and 60,000,000ths.
local function product(rate, time)
  local r0, t0 = math.fmod(rate, U), math.fmod(time, U)
  local r1, t1 = (rate - r0) / U, (time - t0) / U
  local small = r0 * t0
  local f = math.fmod(small, U)
  return t1 * rate + t0 * r1 + (small - f) / U, f
end

local function flow_back(s, time)
  if time <= 0 or (s.w == 0 and s.f == 0) then return end
  local w, f = product(s.c, time)
  s.w, s.f = s.w - w, s.f - f
  if s.f < 0 then s.w, s.f = s.w - 1, s.f + U end
  if s.w < 0 then s.w, s.f = 0, 0 end
end

-- Limits as they are stored -----------------------------------------------------------------------------------

-- Who is meant by '?' may have taken all of a window that this store has not seen since it was emptied, until
-- those who come back tell what they took.
local function unknown_events(s, d)
  local gone = holders['?']
  if not gone or gone.p == 0 or now - meta.cold_at >= d.win then return end
  local member = int(meta.cold_at) .. ':?'
  redis.call('ZADD', KEYS[d.key + 1], int(meta.cold_at), member)
  redis.call('HSET', KEYS[d.key + 2], member, int(d.amount))
  s.own['?'] = d.amount
  s.touched['?'] = true
  s.dirty = true
end

local function told(s, d, amount)
  local known = math.min(amount, s.own['?'] or 0)
  if known > 0 then
    redis.call('HINCRBY', KEYS[d.key + 2], int(meta.cold_at) .. ':?', int(-known))
    s.own['?'] = s.own['?'] - known
    s.touched['?'] = true
  end
end

local function read_events(s, d)
  local before = redis.call('ZRANGEBYSCORE', KEYS[d.key + 1], '-inf', int(now - d.win))
  for first = 1, #before, 1000 do
    local some = {unpack(before, first, math.min(first + 999, #before))}
    local amounts = redis.call('HMGET', KEYS[d.key + 2], unpack(some))
    for i, member in ipairs(some) do
      local who = string.match(member, ':(.*)')
      s.own[who] = (s.own[who] or 0) - tonumber(amounts[i] or 0)
      s.touched[who] = true
    end
    redis.call('HDEL', KEYS[d.key + 2], unpack(some))
  end
  if #before > 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[d.key + 1], '-inf', int(now - d.win))
    s.dirty = true
  end
end

-- What a replica out of sight may have saved up is not there for the others.
local function set_aside(s, least)
  if s.w < least then s.w, s.f = least, 0 end
end

-- A bucket that this store has not seen since it was emptied holds nothing at that time.
local function read_bucket(s, d)
  local seen = s.c ~= nil
  s.c = s.c or d.amount
  if meta.cold > 0 and (not seen or s.v < meta.cold) then
    local w, f = product(s.c, d.slack)
    s.w, s.f, s.v = s.c - w, 0, meta.cold
    if f > 0 then s.w, s.f = s.w - 1, U - f end
    if s.w < 0 then s.w, s.f = 0, 0 end
  elseif not seen then
    s.w, s.f, s.v = 0, 0, 0
  end
  if s.v < meta.back then
    flow_back(s, meta.back - s.v)
    set_aside(s, part(d.amount, meta.part))
    s.v = meta.back
  end
  flow_back(s, meta.v - s.v)
  s.v = meta.v
  local away = 0
  for _, r in pairs(holders) do
    -- less than one is of no use to it
    if silent(r, 0) and d.amount * share_of(r) >= PPM then away = away + part(d.amount, saved(r)) end
  end
  set_aside(s, away)
end

-- Claims ------------------------------------------------------------------------------------------------------

-- Who waits for a rate claims what the first of its queue needs, and is served in the order in which replicas
-- came: else those who ask for little would always find that before another had gathered what it needs. That
-- order is the same at all limits that a request meets, so that no two wait for each other.

local since = 0

local function read_claim(s, who, text)
  local begun, amount, asked = string.match(text, '^(%d+):(%d+):(%d+)$')
  if tonumber(asked) + CLAIM_US > now then
    s.claims[who] = {since = tonumber(begun), amount = tonumber(amount)}
  else
    s.gone[#s.gone + 1] = 'c:' .. who
    s.dirty = true
  end
end

local function claim(s, d, amount)
  if d.kind == SLOTS or amount > d.amount then return end
  s.claims[me] = {since = since, amount = amount}
  s.claimed, s.dirty = true, true
end

local function give_up_claim(s)
  if s.claims[me] then
    s.claims[me] = nil
    s.claimed, s.dirty = true, true
  end
end

-- What is claimed by those who came before.
local function claimed(s)
  local all = 0
  for who, one in pairs(s.claims) do
    if who ~= me and (one.since < since or (one.since == since and who < me)) then all = all + one.amount end
  end
  return all
end

local function read(d)
  local s = states[d.key]
  if s then return s end
  s = {d = d, own = {}, held = {}, touched = {}, gone = {}, claims = {}, add = 0}
  local all = redis.call('HGETALL', KEYS[d.key])
  for i = 1, #all, 2 do
    local field, value = all[i], tonumber(all[i + 1])
    local kind, who = string.match(field, '^([hsc]):(.*)')
    if not kind then
      s[field] = value
    elseif kind == 'c' then
      read_claim(s, who, all[i + 1])
    elseif kind == 's' then
      s.own[who] = value
    elseif who == me or (holders[who] and holders[who].last + holders[who].lease > now) then
      s.held[who] = value
    else
      s.gone[#s.gone + 1] = field  -- its lease is over
      s.dirty = true
    end
  end
  if d.kind == REFILL then read_bucket(s, d) end
  if d.kind == ROLLING then
    if #all == 0 and meta.cold > 0 then unknown_events(s, d) end
    read_events(s, d)
    if s.own['?'] and not (holders['?'] and holders['?'].p > 0) then s.own['?'] = 0 end
  end
  states[d.key] = s
  order[#order + 1] = s
  return s
end

-- What is taken from a window in one batch is one event.
local function put_event(s, d, at, amount)
  local member = int(at) .. ':' .. me
  redis.call('ZADD', KEYS[d.key + 1], int(at), member)
  if redis.call('HINCRBY', KEYS[d.key + 2], member, int(amount)) == 0 then
    redis.call('ZREM', KEYS[d.key + 1], member)
    redis.call('HDEL', KEYS[d.key + 2], member)
  end
end

local function put_pending(s, d)
  if s.add > 0 then put_event(s, d, now, s.add) end
  s.add = 0
end

local function count(s, amount)
  s.own[me] = (s.own[me] or 0) + amount
  s.touched[me] = true
  s.dirty = true
end

local function hold(s, amount)
  s.held[me] = math.max(0, (s.held[me] or 0) + amount)
  s.holds = true
  s.dirty = true
end

local function sum(numbers)
  local all = 0
  for _, number in pairs(numbers) do all = all + number end
  return all
end

local function write(s)
  local d, key = s.d, KEYS[s.d.key]
  local fields, ttl = {}, batch.hold / 1000 + 2 * d.win / 1000
  local function put(name, value)
    if value ~= 0 then
      fields[#fields + 1] = name
      fields[#fields + 1] = int(value)
    else
      s.gone[#s.gone + 1] = name
    end
  end
  if d.kind == REFILL then
    fields = {'w', int(s.w), 'f', int(s.f), 'v', int(s.v), 'c', int(s.c)}
    ttl = ttl + math.ceil((s.w + 1) / s.c) * 60000
  end
  for who in pairs(s.touched) do put('s:' .. who, s.own[who]) end
  if s.holds then put('h:' .. me, s.held[me]) end
  local mine = s.claims[me]
  if s.claimed and mine then
    fields[#fields + 1] = 'c:' .. me
    fields[#fields + 1] = int(mine.since) .. ':' .. int(mine.amount) .. ':' .. int(now)
  elseif s.claimed then
    s.gone[#s.gone + 1] = 'c:' .. me
  end
  if #s.gone > 0 then redis.call('HDEL', key, unpack(s.gone)) end
  if #fields > 0 then redis.call('HSET', key, unpack(fields)) end
  if sum(s.held) > 0 then ttl = math.max(ttl, DAY_MS) end
  redis.call('PEXPIRE', key, int(math.ceil(ttl)))
  if d.kind == ROLLING then
    put_pending(s, d)
    redis.call('PEXPIRE', KEYS[d.key + 1], int(math.ceil(ttl)))
    redis.call('PEXPIRE', KEYS[d.key + 2], int(math.ceil(ttl)))
  end
end

-- Rules -------------------------------------------------------------------------------------------------------

-- What counts in a window: of the silent, at least their share.
local function total(s, d)
  local all = sum(s.own)
  for name, r in pairs(holders) do
    if silent(r, d.win) then all = all + math.max(0, part(d.amount, share_of(r)) - (s.own[name] or 0)) end
  end
  return all
end

-- Microseconds until so much less counts.
local function wait_for(s, d, over)
  put_pending(s, d)
  local first = 0
  while over > 0 do
    local some = redis.call('ZRANGE', KEYS[d.key + 1], first, first + 127)
    if #some == 0 then break end
    local amounts = redis.call('HMGET', KEYS[d.key + 2], unpack(some))
    for i, member in ipairs(some) do
      local at, who = string.match(member, '^(%d+):(.*)')
      if not holders[who] or not silent(holders[who], d.win) then over = over - tonumber(amounts[i] or 0) end
      if over <= 0 then return tonumber(at) + d.win - now end
    end
    first = first + 128
  end
  local soonest = d.win
  for _, r in pairs(holders) do
    if silent(r, d.win) then soonest = math.min(soonest, r.last + r.hold + d.win - now) end
  end
  return math.max(1, soonest)
end

local function fits(s, d, amount)
  if amount > d.amount then return false end
  if d.kind == SLOTS then return sum(s.held) + amount <= d.amount end
  local before = claimed(s)
  if d.kind == ROLLING then return total(s, d) + before + amount <= d.amount end
  if s.w == 0 and s.f == 0 and before == 0 then return true end
  local w, f = product(d.amount, d.slack)
  w, f = w + s.w + before + amount, f + s.f
  if f >= U then w, f = w + 1, f - U end
  return w < d.amount or (w == d.amount and f == 0)
end

local function take(s, d, amount)
  if d.kind == REFILL then s.w = s.w + amount end
  if d.kind == ROLLING and amount > 0 then
    s.add = s.add + amount
    count(s, amount)
  end
end

-- What is not enough: {w, f} that is used, microseconds to wait, or -2 where nobody can tell. -1 for enough.
local function lack(s, d, amount)
  if fits(s, d, amount) then return -1 end
  if d.kind == REFILL then return {s.w + claimed(s), s.f} end
  if d.kind == ROLLING and amount <= d.amount then
    return wait_for(s, d, total(s, d) + claimed(s) + amount - d.amount)
  end
  return -2
end

local function bring(d)
  local s = read(d)
  if s.c ~= d.amount and d.kind == REFILL then
    s.c = d.amount
    s.dirty = true
  end
  return s
end

local ops = {}

function ops.r(wanted, waits)
  local enough = true
  since = now
  for _, one in ipairs(wanted) do
    local mine = bring(batch.limits[one[1]]).claims[me]
    if mine then since = math.min(since, mine.since) end
  end
  for _, one in ipairs(wanted) do
    local d = batch.limits[one[1]]
    if not fits(states[d.key], d, one[2]) then enough = false end
  end
  local answer = {}
  for i, one in ipairs(wanted) do
    local d, amount = batch.limits[one[1]], one[2]
    local s = states[d.key]
    if enough then
      take(s, d, amount)
      hold(s, amount)
      give_up_claim(s)
    else
      answer[i] = lack(s, d, amount)
    end
  end
  if waits and not enough then
    for i, one in ipairs(wanted) do
      local d = batch.limits[one[1]]
      if answer[i] == -1 then give_up_claim(states[d.key]) else claim(states[d.key], d, one[2]) end
    end
  end
  return enough or answer
end

function ops.s(place, reserved, used, at)
  local d = batch.limits[place]
  local s = read(d)
  hold(s, -reserved)
  local more = used - reserved
  if d.kind == REFILL then
    s.w = s.w + more
    if s.w < 0 then s.w, s.f = 0, 0 end
  elseif d.kind == ROLLING and more ~= 0 and now - at < d.win then
    put_pending(s, d)
    local there = redis.call('HEXISTS', KEYS[d.key + 2], int(at) .. ':' .. me) == 1
    if there or reserved == 0 then
      put_event(s, d, at, more)
      count(s, more)
    end
  end
  return true
end

function ops.c(place, amount)
  local d = batch.limits[place]
  local s = bring(d)
  s.dirty = true
  take(s, d, amount)
  return true
end

-- Reserved without us, or before this store was emptied: only a debt is of interest, and what is free again.
function ops.f(place, reserved, used)
  local d = batch.limits[place]
  local s = read(d)
  hold(s, -reserved)
  if used > reserved then take(s, d, used - reserved) end
  return true
end

-- What this replica holds, as it knows.
function ops.h(place, amount)
  local s = read(batch.limits[place])
  s.held[me] = 0
  hold(s, amount)
  return true
end

-- What it took without us, so long ago.
function ops.e(place, amount, age)
  local d = batch.limits[place]
  local s = read(d)
  if age < d.win then
    told(s, d, amount)
    put_event(s, d, now - age, amount)
    count(s, amount)
  end
  return true
end

function ops.l(places)
  local found = {}
  for i, place in ipairs(places) do
    local d = batch.limits[place]
    local s = read(d)
    if d.kind == REFILL then
      found[i] = {s.w, s.f, sum(s.held)}
    elseif d.kind == ROLLING then
      put_pending(s, d)
      local last = redis.call('ZREVRANGE', KEYS[d.key + 1], 0, 0)[1]
      found[i] = {total(s, d), last and tonumber(string.match(last, '^(%d+)')) + d.win - now or 0, sum(s.held)}
    else
      found[i] = {0, 0, sum(s.held)}
    end
  end
  return found
end

-- The batch ---------------------------------------------------------------------------------------------------

read_store()
local known = holders[me]
if known and batch.seq <= known.seq and (batch.gen == '' or batch.gen == meta.gen) then
  return batch.seq == known.seq and redis.call('GET', KEYS[3]) or ''
end
now = read_time()

-- A gap means that this store went back to an older state of itself, as after a crash.
if batch.gen ~= '' and batch.gen == meta.gen and (not known or known.seq + 1 ~= batch.seq) then
  redis.call('DEL', KEYS[1])
  meta.gen = ''
end
if batch.gen ~= '' and batch.gen ~= meta.gen then return cmsgpack.pack({meta.gen, now, 0, 0, false, false}) end
local lapsed
if batch.gen == '' then lapsed = join() else lapsed = contact() end

if batch.bye then
  redis.call('HDEL', KEYS[2], me)
  redis.call('DEL', KEYS[3])
  holders[me], changed[me] = nil, nil
  meta.bye = now
  write_store()
  return ''
end

local share, replicas = grant()
-- For so long nobody else can have taken anything: one that crashed is presumed to be there for longer than a
-- window.
local alone = share == PPM and now - meta.bye or 0
for _, d in ipairs(batch.limits) do d.win = U + d.slack end
local results = {}
for i, op in ipairs(batch.ops) do results[i] = ops[op[1]](unpack(op, 2)) end
for _, s in ipairs(order) do
  if s.dirty then write(s) end
end
write_store()
local answer = cmsgpack.pack({meta.gen, now, share, replicas, lapsed, results, alone})
redis.call('SET', KEYS[3], answer, 'PX', HOUR_MS)
return answer
