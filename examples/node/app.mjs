// A small application that lets in the people of its customers' directories, and puts them out the moment they may not enter.
//
// It keeps its own table of people by following Doorward's events, takes webhooks as a wake-up call, and asks Doorward on each
// request whether the person may still enter. Signing in is a stub here: a typed user name; a real application has SSO there.
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { WorkOS } from '@workos-inc/node';

const { DOORWARD_URL, DOORWARD_API_KEY, DOORWARD_WEBHOOK_SECRET = '', TABLE = 'people.json', PORT = '3000' } = process.env;
// How long the application knows nothing of a change when the webhook does not arrive.
const POLL_SECONDS = Number(process.env.POLL_SECONDS ?? 5);
const EVENTS = ['dsync.user.created', 'dsync.user.updated', 'dsync.user.deleted', 'dsync.deleted'];

const { protocol, hostname, port } = new URL(DOORWARD_URL);
const workos = new WorkOS(DOORWARD_API_KEY, { apiHostname: hostname, port: Number(port), https: protocol === 'https:' });
const sessions = new Map(); // session -> id of the person; a real application keeps them in its database

// ---- the table of people: what the events say, and how far they have been read -----------------------------------------

const table = load();

function load() {
  try {
    return JSON.parse(readFileSync(TABLE, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { cursor: undefined, people: {} };
  }
}

// The people and the place in the log are one file, replaced in one step: nothing is lost or told twice.
function save() {
  writeFileSync(`${TABLE}.new`, JSON.stringify(table));
  renameSync(`${TABLE}.new`, TABLE);
}

// Reads events for ever, from where it stopped the last time.
async function follow() {
  for (;;) {
    const rung = new Promise((resolve) => (wakeUp = resolve));
    try {
      while (await readPage());
    } catch (error) {
      console.log(`Doorward does not answer: ${error.message}`);
    }
    let timer;
    await Promise.race([rung, new Promise((resolve) => (timer = setTimeout(resolve, POLL_SECONDS * 1000)))]);
    clearTimeout(timer);
  }
}
let wakeUp = () => {};

async function readPage() {
  const { data, listMetadata } = await workos.events.listEvents({ events: EVENTS, after: table.cursor, limit: 100 });
  if (data.length === 0) return false;
  data.forEach(apply);
  table.cursor = data.at(-1).id;
  save();
  return listMetadata.after !== null;
}

function apply({ event, data }) {
  if (event === 'dsync.deleted') {
    for (const [id, person] of Object.entries(table.people)) if (person.directory === data.id) putOut(id);
    return;
  }
  // The id is what stays: names and addresses change, and are given to others.
  const { id, directoryId: directory, organizationId: organization, rawAttributes } = data;
  table.people[id] = { directory, organization, username: rawAttributes.userName, active: true };
  if (event === 'dsync.user.deleted' || data.state !== 'active') putOut(id);
}

function putOut(id) {
  table.people[id].active = false;
  for (const [session, owner] of sessions) {
    if (owner === id) {
      sessions.delete(session);
      console.log(`session ended: ${id}`);
    }
  }
}

// ---- the application ---------------------------------------------------------------------------------------------------

// Doorward's word on whether the person may enter now; without it, that of the own table.
async function access(id) {
  const { organization, active } = table.people[id];
  const query = new URLSearchParams({ organization, user_id: id });
  try {
    const headers = { authorization: `Bearer ${DOORWARD_API_KEY}` };
    const answer = await fetch(`${DOORWARD_URL}/access_checks?${query}`, { headers, signal: AbortSignal.timeout(2000) });
    if (answer.ok) return await answer.json();
  } catch {
    // Out of reach; see below.
  }
  return { allowed: active, reason: 'own_table', role: null };
}

async function signIn(request) {
  const username = new URLSearchParams(await bodyOf(request)).get('username');
  const known = Object.keys(table.people).filter((id) => table.people[id].username === username && table.people[id].active);
  if (known.length !== 1 || !(await access(known[0])).allowed) return [403, { error: 'You are not known here.' }];
  const session = randomBytes(32).toString('base64url');
  sessions.set(session, known[0]);
  return [200, { welcome: username }, { 'set-cookie': `session=${session}; HttpOnly; SameSite=Lax; Path=/` }];
}

async function webhook(request) {
  try {
    const payload = JSON.parse(await bodyOf(request));
    const sigHeader = request.headers['workos-signature'] ?? '';
    await workos.webhooks.constructEvent({ payload, sigHeader, secret: DOORWARD_WEBHOOK_SECRET });
  } catch (error) {
    return [400, { error: error.message }];
  }
  // What happened is read from the log, in order and exactly once; this only says that it is time to look.
  wakeUp();
  return [200, {}];
}

async function show(request) {
  const session = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const id = sessions.get(session);
  const { allowed, reason, role } = id ? await access(id) : { allowed: false, reason: 'no_session' };
  if (allowed) return [200, { id, role, reason }];
  sessions.delete(session);
  return [401, { error: 'Please sign in.', reason }];
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const routes = { 'POST /login': signIn, 'POST /webhooks': webhook, 'GET /': show };
const missing = async () => [404, { error: 'There is nothing here.' }];
createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`] ?? missing;
  const [status, value, headers] = await route(request).catch((error) => [500, { error: error.message }]);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}).listen(Number(PORT), '127.0.0.1');
follow();
